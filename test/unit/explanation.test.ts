import { explain } from '../../src/core/anomaly/explanation';
import { initialTracker, trackWindow, type Revision } from '../../src/core/anomaly/anomaly-tracker';
import { explanationSchema } from '../../src/domain/explanation';
import type { Manifest } from '../../src/domain/manifest';
import { missionSchema } from '../../src/domain/mission';
import { isoTime } from '../../src/domain/units';
import { PERIOD_MS, scoredWindow, trackerManifest, type WindowChoice } from '../support/scored-windows';
import { T0 } from '../support/tiny-mission';

const at = (seconds: number): string => isoTime(T0 + seconds * PERIOD_MS);

const missionOf = (manifest: Manifest) =>
  missionSchema.parse({
    spacecraft: 'SC-1',
    sampling: { period: '1s', window: 4, stride: 2 },
    parameters: manifest.parameters.map((id) => ({
      id,
      ...(manifest.equipment.length > 0 && { equipment: id.slice(0, 3) }),
    })),
  });

const ramp = (from: number): Float32Array => Float32Array.from({ length: 8 }, (_, i) => from + i / 3);

const revisionsOf = (manifest: Manifest, choices: readonly WindowChoice[]): Revision[] => {
  let state = initialTracker;
  return choices.flatMap((choice, index) => {
    const step = trackWindow({ spacecraft: 'SC-1' }, manifest, state, scoredWindow(manifest, { index, ...choice }));
    state = step.state;
    return step.revisions;
  });
};

const MANIFEST = trackerManifest({ equipment: ['rw0', 'rw1'], parametersPerEquipment: 1 });
const WORST: WindowChoice = {
  score: 9.123456,
  points: 1,
  parameterScore: [1, 3],
  deviation: Float32Array.of(0, 0, 0, 0, 0, -5, 0, 0),
  values: ramp(10),
  expected: ramp(20),
};
const context = { mission: missionOf(MANIFEST), manifest: MANIFEST, rulesSha256: 'b'.repeat(64) };
const REVISIONS = revisionsOf(MANIFEST, [
  { points: 1 },
  WORST,
  { points: 1 },
  { score: 0 },
  { score: 0 },
  { score: 0 },
  { score: 0 },
]);
const [opened, closed] = REVISIONS;

test('an opened anomaly is the whole record of the contract', () => {
  if (opened === undefined) throw new Error('nothing opened');
  const record = explain(context, opened, ['rw1_a']);
  expect(record).toEqual({
    schemaVersion: 1,
    id: `SC-1/${at(2)}/rw1`,
    revision: 1,
    state: 'open',
    spacecraft: 'SC-1',
    start: at(2),
    end: null,
    trigger: 'opened',
    detectedAt: at(7),
    revisedAt: at(7),
    score: { value: 9.1235, threshold: 4, pValue: 0.001 },
    verdict: { equipment: 'rw1', fault: 'offset', confidence: 1, alternatives: [] },
    conceptogram: [
      {
        tap: 'residual',
        task: 'fault',
        classes: ['nominal', 'offset', 'step', 'unknown'],
        posterior: [0.1, 0.9, 0, 0],
      },
    ],
    attribution: [
      {
        parameter: 'rw1_a',
        share: 0.75,
        peakAt: at(3),
        deviation: -5,
        direction: 'low',
        measured: 11.67,
        expected: 21.67,
      },
      {
        parameter: 'rw0_a',
        share: 0.25,
        peakAt: at(2),
        deviation: 0,
        direction: 'high',
        measured: 10,
        expected: 20,
        reason: { kind: 'joint' },
      },
    ],
    sufficient: ['rw1_a'],
    sentence: `RW1: rw1_a sits 5 sigma below what the other parameter implies (11.67, expected 21.67, at 00:00:03Z) since 00:00:02Z (offset, virtually certain, 100 %).`,
    freezeFrame: {
      from: at(2),
      to: at(5),
      parameters: { rw0_a: [10, 10.3333, 10.6667, 11], rw1_a: [11.3333, 11.6667, 12, 12.3333] },
      reconstruction: { rw0_a: [0, 0, 0, 0], rw1_a: [0, 0, 0, 0] },
      expected: { rw0_a: [20, 20.3333, 20.6667, 21], rw1_a: [21.3333, 21.6667, 22, 22.3333] },
    },
    model: { id: 'hand-made', sha256: 'c'.repeat(64) },
    rules: { sha256: 'b'.repeat(64) },
  });
  expect(explanationSchema.parse(record)).toEqual(record);
});

test('a closed anomaly ends with the last window that counted and keeps everything else', () => {
  if (opened === undefined || closed === undefined) throw new Error('nothing closed');
  expect(explain(context, closed, ['rw1_a'])).toEqual({
    ...explain(context, opened, ['rw1_a']),
    revision: 2,
    state: 'closed',
    end: at(7),
    trigger: 'returned-to-normal',
    revisedAt: at(15),
  });
});

test('of telecommands that came as it began, the sentence tells that of the accused equipment', () => {
  if (opened === undefined) throw new Error('nothing opened');
  const commands = ['B', 'A'].map((name) => ({ time: T0 + 3 * PERIOD_MS, name, arguments: {} }));
  const effects = [{ command: 'B', parameters: ['rw1_a'], within: 60_000 }];
  const { sentence } = explain({ ...context, mission: { ...context.mission, effects }, commands }, opened, []);
  expect(sentence).toContain(` since 00:00:02Z, with B and 1 more sent at 00:00:03Z (offset, `);
});

test('the conceptogram of whole-window tasks holds every task as it is', () => {
  const manifest = trackerManifest({ equipment: ['rw0', 'rw1'], parametersPerEquipment: 1, paper: true });
  const posterior = [
    [0.123456, 0.8, 0.1, 0],
    [0, 0.3, 0.7],
  ];
  const [first] = revisionsOf(
    manifest,
    Array.from({ length: 3 }, () => ({ posterior })),
  );
  if (first === undefined) throw new Error('nothing opened');
  expect(explain({ ...context, manifest }, first, []).conceptogram).toEqual([
    {
      tap: 'encoder',
      task: 'fault',
      classes: ['nominal', 'offset', 'step', 'unknown'],
      posterior: [0.1235, 0.8, 0.1, 0],
    },
    { tap: 'encoder', task: 'equipment', classes: ['nominal', 'rw0', 'rw1'], posterior: [0, 0.3, 0.7] },
  ]);
});

test('posteriors that float32 carries beyond one or below zero are brought back', () => {
  const posterior = [
    [1, 0, 0, 0],
    [-1e-7, 1.0000001, 1e-9, 0],
  ];
  const [first] = revisionsOf(
    MANIFEST,
    Array.from({ length: 3 }, () => ({ posterior })),
  );
  if (first === undefined) throw new Error('nothing opened');
  const record = explain(context, first, []);
  expect(record.conceptogram[0]?.posterior).toEqual([0, 1, 1e-9, 0]);
  expect(explanationSchema.safeParse(record).success).toBe(true);
});

test('an anomaly of a mission without equipment shows the one row there is', () => {
  const manifest = trackerManifest({ equipment: [], parametersPerEquipment: 2 });
  const [first] = revisionsOf(manifest, [{}, {}, {}]);
  if (first === undefined) throw new Error('nothing opened');
  const record = explain({ ...context, manifest, mission: missionOf(manifest) }, first, []);
  expect(record.conceptogram).toEqual([
    { tap: 'residual', task: 'fault', classes: ['nominal', 'offset', 'step', 'unknown'], posterior: [0.1, 0.9, 0, 0] },
  ]);
  expect(record.sentence).toMatch(/^SC-1: anomalous through several parameters together, most of all p_a, since /);
});
