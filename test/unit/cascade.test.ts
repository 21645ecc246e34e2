import { initialTracker, type Anomaly, type TrackerStep } from '../../src/core/anomaly/anomaly-tracker';
import { feedsOf, relateAnomalies } from '../../src/core/anomaly/cascade';
import { scoredWindow, trackerManifest } from '../support/scored-windows';
import { T0 } from '../support/tiny-mission';

const UNITS = ['bus', 'bat1', 'bat2', 'load'];
const MANIFEST = trackerManifest({ equipment: UNITS, parametersPerEquipment: 1 });
const { periodMs, window } = MANIFEST.sampling;
const SPAN_MS = periodMs * window;
const NONE = feedsOf([]);
const POWER = feedsOf([
  { id: 'bus', feeds: ['bat1', 'bat2'] },
  { id: 'bat1', feeds: ['load'] },
]);

/** @param share of the evidence that its own unit carries. */
const anomaly = (equipment: string, start: number, share = 0.5): Anomaly => ({
  id: `SC-1/${String(start)}/${equipment}`,
  revision: 1,
  start: T0 + start,
  lastHit: T0 + start,
  detectedAt: T0 + start,
  verdict: { equipment, fault: 'offset', confidence: 0.9, alternatives: [] },
  worst: scoredWindow(MANIFEST, {
    equipmentScore: UNITS.map((unit) => (unit === equipment ? share : (1 - share) / (UNITS.length - 1))),
  }),
  evidence: new Float64Array(),
  posteriors: [],
  weight: 1,
  misses: 0,
  reported: { confidence: 0.9, score: 20 },
});

const stepOf = (...open: readonly Anomaly[]): TrackerStep => ({ state: { ...initialTracker, open }, revisions: [] });
const cascadesOf = ({ state }: TrackerStep) =>
  Object.fromEntries(state.open.map(({ verdict, cascade }) => [verdict.equipment, cascade]));

test('an anomaly alone belongs to no cascade, and nothing is revised', () => {
  const step = stepOf(anomaly('bus', 0));
  expect(relateAnomalies(MANIFEST, POWER, step, T0)).toBe(step);
});

test('what a unit feeds, directly or through others, is its symptom, and each is told in a revision', () => {
  const [bus, bat1, load] = [anomaly('bus', 0), anomaly('bat1', 1000), anomaly('load', 90_000)];
  const related = relateAnomalies(MANIFEST, POWER, stepOf(bus, bat1, load), T0 + 90_000);
  expect(cascadesOf(related)).toEqual({
    bus: {
      role: 'root',
      symptoms: [
        { id: bat1.id, equipment: 'bat1' },
        { id: load.id, equipment: 'load' },
      ],
    },
    bat1: { role: 'symptom', root: bus.id, equipment: 'bus', reason: 'declared' },
    load: { role: 'symptom', root: bus.id, equipment: 'bus', reason: 'declared' },
  });
  expect(
    related.revisions.map(({ anomaly: { id, revision }, trigger, state }) => ({ id, revision, trigger, state })),
  ).toEqual([bus, bat1, load].map(({ id }) => ({ id, revision: 2, trigger: 'cascade-changed', state: 'open' })));
});

test('nothing is told again while nothing changes', () => {
  const once = relateAnomalies(MANIFEST, POWER, stepOf(anomaly('bus', 0), anomaly('bat1', 1000)), T0 + 1000);
  expect(relateAnomalies(MANIFEST, POWER, { ...once, revisions: [] }, T0 + 2000).revisions).toEqual([]);
});

test('a unit that began clearly before the one that feeds it is no symptom of it', () => {
  const related = relateAnomalies(
    MANIFEST,
    POWER,
    stepOf(anomaly('bus', 3 * SPAN_MS), anomaly('bat1', 0)),
    T0 + 3 * SPAN_MS,
  );
  expect(cascadesOf(related)).toEqual({ bus: undefined, bat1: undefined });
});

test('two units at once without a declared dependency are two faults', () => {
  const related = relateAnomalies(MANIFEST, NONE, stepOf(anomaly('bat1', 0), anomaly('bat2', 0)), T0);
  expect(related.revisions).toEqual([]);
});

test('of three units at once the one that began first is the root', () => {
  const stride = MANIFEST.sampling.stride * periodMs;
  const related = relateAnomalies(
    MANIFEST,
    NONE,
    stepOf(anomaly('bat1', stride), anomaly('load', 0, 0.3), anomaly('bat2', stride, 0.9)),
    T0 + stride,
  );
  expect(cascadesOf(related)).toMatchObject({
    load: { role: 'root' },
    bat1: { role: 'symptom', equipment: 'load', reason: 'earlier' },
    bat2: { role: 'symptom', equipment: 'load', reason: 'earlier' },
  });
});

test('of three units at the same instant the one that explains most of its window is the root', () => {
  const open = [anomaly('bat1', 0, 0.4), anomaly('bat2', 0, 0.9), anomaly('load', 0, 0.5)];
  expect(cascadesOf(relateAnomalies(MANIFEST, NONE, stepOf(...open), T0))).toMatchObject({
    bat2: { role: 'root' },
    bat1: { role: 'symptom', equipment: 'bat2', reason: 'least' },
    load: { role: 'symptom', equipment: 'bat2', reason: 'least' },
  });
});

test('a symptom that outlasts its root stays one for four windows, and is then an anomaly of its own', () => {
  const together = relateAnomalies(MANIFEST, POWER, stepOf(anomaly('bus', 0), anomaly('bat1', 0)), T0);
  const left = { state: { ...together.state, open: together.state.open.slice(1) }, revisions: [] };
  const soon = relateAnomalies(MANIFEST, POWER, left, T0 + 4 * SPAN_MS);
  expect(cascadesOf(soon)).toMatchObject({ bat1: { role: 'symptom' } });
  const later = relateAnomalies(MANIFEST, POWER, { ...soon, revisions: [] }, T0 + 4 * SPAN_MS + 1);
  expect(cascadesOf(later)).toEqual({ bat1: undefined });
  expect(later.revisions).toMatchObject([{ trigger: 'cascade-changed', anomaly: { revision: 3 } }]);
});

test('units that feed each other: the earlier one is the root', () => {
  const loop = feedsOf([
    { id: 'bat1', feeds: ['bat2'] },
    { id: 'bat2', feeds: ['bat1'] },
  ]);
  expect(
    cascadesOf(relateAnomalies(MANIFEST, loop, stepOf(anomaly('bat1', 5000), anomaly('bat2', 0)), T0 + 5000)),
  ).toMatchObject({
    bat2: { role: 'root' },
    bat1: { role: 'symptom', equipment: 'bat2', reason: 'declared' },
  });
});

describe('what succeeds an anomaly without a break', () => {
  const stopped = (equipment: string, start: number, lastHit: number): Anomaly => ({
    ...anomaly(equipment, start),
    lastHit: T0 + lastHit,
    misses: 3,
  });
  const scored = (own: Anomaly, score: number): Anomaly => ({
    ...own,
    worst: { ...own.worst, inference: { ...own.worst.inference, score } },
  });
  const LASTED = 40 * SPAN_MS;
  const root = scored(stopped('bus', 0, LASTED), 30);
  const partOf = (before: Anomaly, own: Anomaly) =>
    cascadesOf(relateAnomalies(MANIFEST, NONE, stepOf(before, own), own.start))[own.verdict.equipment];

  test('is its symptom, and stays one for as long as it lasted', () => {
    const after = scored(anomaly('bat1', LASTED + periodMs), 20);
    expect(partOf(root, after)).toEqual({ role: 'symptom', root: root.id, equipment: 'bus', reason: 'earlier' });
    const both = relateAnomalies(MANIFEST, NONE, stepOf(root, after), after.start);
    const alone = stepOf(...both.state.open.filter(({ verdict }) => verdict.equipment === 'bat1'));
    const later = (ms: number) => cascadesOf(relateAnomalies(MANIFEST, NONE, alone, after.start + ms))['bat1'];
    expect(later(LASTED)).toMatchObject({ role: 'symptom' });
    expect(later(LASTED + periodMs)).toBeUndefined();
  });

  const named = (own: Anomaly, fault: string, confidence: number): Anomaly => ({
    ...own,
    verdict: { ...own.verdict, fault, confidence },
  });

  test.each([
    ['a taught fault named with confidence is a fault of its own', 'phase-loss', 0.5, false],
    ['a taught fault that is only suspected is a symptom', 'phase-loss', 0.49, true],
    ['a general class is a symptom: a consequence shows it too', 'offset', 0.9, true],
    ['a deviation that nothing explains is a symptom', 'unknown', 0.9, true],
  ])('%s', (_, fault, confidence, isSymptom) => {
    const after = named(scored(anomaly('bat1', LASTED + periodMs), 20), fault, confidence);
    expect(partOf(root, after)?.role).toBe(isSymptom ? 'symptom' : undefined);
  });

  test('stands alone as soon as it names a taught fault, though its root has closed', () => {
    const after = named(scored(anomaly('bat1', LASTED + periodMs), 20), 'phase-loss', 0.4);
    const both = relateAnomalies(MANIFEST, NONE, stepOf(root, after), after.start);
    const alone = both.state.open.filter(({ verdict }) => verdict.equipment === 'bat1');
    const still = relateAnomalies(MANIFEST, NONE, stepOf(...alone), after.start + periodMs);
    expect(cascadesOf(still)).toMatchObject({ bat1: { role: 'symptom' } });
    const sure = alone.map((own) => named(own, 'phase-loss', 0.8));
    const later = relateAnomalies(MANIFEST, NONE, stepOf(...sure), after.start + periodMs);
    expect(cascadesOf(later)).toEqual({ bat1: undefined });
    expect(later.revisions).toMatchObject([{ trigger: 'cascade-changed' }]);
  });

  test('is a fault of its own if it is stronger, began after a break, or both go on', () => {
    const start = LASTED + periodMs;
    expect(partOf(root, scored(anomaly('bat1', start), 31))).toBeUndefined();
    expect(partOf(root, scored(anomaly('bat1', LASTED + 2 * SPAN_MS), 20))).toBeUndefined();
    const lasting = { ...root, lastHit: T0 + start };
    expect(partOf(lasting, scored(anomaly('bat1', start), 20))).toBeUndefined();
  });
});
