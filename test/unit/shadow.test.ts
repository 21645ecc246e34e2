import { of, concatMap, from } from 'rxjs';
import { compareOpinions, emptyReport, type Opinion } from '../../src/core/anomaly/shadow';
import type { Manifest } from '../../src/domain/manifest';
import type { Inference } from '../../src/domain/scored-window';
import { InFlightGate } from '../../src/pipeline/in-flight-gate';
import { Shadow, type ShadowScorer } from '../../src/pipeline/shadow';
import { until } from '../support/until';

const manifest = (id: string, threshold: number): Manifest =>
  ({
    id,
    sha256: id.repeat(64).slice(0, 64),
    equipment: ['rw0', 'rw1'],
    taps: [{ name: 'residual', kind: 'residual', perEquipment: true, dimensions: 1, components: 1 }],
    tasks: [{ name: 'fault', tap: 'residual', output: 'p', classes: ['nominal', 'offset'] }],
    verdictTask: 'fault',
    calibration: { threshold, confidenceFloor: 0.3 },
  }) as unknown as Manifest;
const live = manifest('a', 10);
const inference = (score: number, on: 'rw0' | 'rw1' = 'rw0'): Inference => ({
  score,
  pValue: 0.1,
  reconstruction: new Float32Array(1),
  expected: new Float32Array(1),
  deviation: new Float32Array(1),
  parameterScore: new Float32Array(1),
  equipmentScore: new Float32Array([1, 0]),
  peepholes: [new Float32Array(on === 'rw0' ? [0, 1, 1, 0] : [1, 0, 0, 1])],
});
const window = new Float32Array(4);
const scorerOf = (score: (n: number) => Promise<readonly Inference[]>): ShadowScorer => {
  let n = 0;
  return { manifest: manifest('b', 20), score: () => score((n += 1)), close: () => Promise.resolve() };
};

test.each([
  ['neither', inference(1), inference(1), { neither: 1, otherVerdict: 0 }],
  ['both', inference(15), inference(25), { both: 1, otherVerdict: 0 }],
  ['both, of another unit', inference(15), inference(25, 'rw1'), { both: 1, otherVerdict: 1 }],
  ['only the live one: each has its own threshold', inference(15), inference(15), { onlyLive: 1 }],
  ['only the shadow', inference(5), inference(25), { onlyShadow: 1 }],
])('%s', async (_what, mine, other, expected) => {
  const shadow = new Shadow(
    scorerOf(() => Promise.resolve([other])),
    () => live,
    live,
  );
  shadow.see(0, window, mine);
  await until('the comparison', () => shadow.report.compared === 1);
  expect(shadow.report).toMatchObject(expected);
});

test('while it is behind, windows are left out and counted, never kept', async () => {
  let answer: (inferences: readonly Inference[]) => void = () => undefined;
  const shadow = new Shadow(
    scorerOf(() => new Promise((resolve) => (answer = resolve))),
    () => live,
    live,
  );
  for (let i = 0; i < 1000; i += 1) shadow.see(i, window, inference(1));
  expect(shadow.report).toMatchObject({ compared: 0, skipped: 999 });
  answer([inference(1)]);
  await until('the one that was with it', () => shadow.report.compared === 1);
});

test.each([
  ['fails', () => Promise.reject(new Error('out of memory'))],
  ['answers nothing', () => Promise.resolve([])],
  ['gives NaN', () => Promise.resolve([inference(NaN)])],
])('a shadow that %s is told, and tried again after longer and longer pauses', async (_what, score) => {
  const shadow = new Shadow(scorerOf(score), () => live, live);
  let seen = 0;
  for (let i = 0; i < 60; i += 1) {
    const { failed, skipped } = shadow.report;
    shadow.see(i, window, inference(1));
    seen += 1;
    await until('its end', () => shadow.report.failed + shadow.report.skipped > failed + skipped);
    await Promise.resolve();
  }
  // One at 1, then after 8, 16 and 32 left out.
  expect(shadow.report).toMatchObject({ failed: 4, skipped: seen - 4, compared: 0 });
  expect(shadow.report.trouble).not.toBeNull();
});

test('only the newest differences are kept', () => {
  const opinion = (isAnomalous: boolean): Opinion => ({ score: 1, isAnomalous, equipment: 'rw0', fault: 'offset' });
  let report = emptyReport(live, live);
  for (let i = 0; i < 50; i += 1) report = compareOpinions(report, i * 1000, opinion(true), opinion(false));
  expect(report.differences).toHaveLength(20);
  expect(report.differences.at(-1)?.time).toBe(report.to);
});

test('a crossing is empty when everything that went in has come out', async () => {
  const crossing = new InFlightGate();
  const order: string[] = [];
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  of(1, 2)
    .pipe(
      crossing.entering(),
      concatMap((n) => from(gate.then(() => n))),
      crossing.leaving(),
    )
    .subscribe((n) => order.push(`out ${String(n)}`));
  const empty = crossing.whenEmpty().then(() => order.push('empty'));
  open();
  await empty;
  expect(order).toEqual(['out 1', 'out 2', 'empty']);
  await crossing.whenEmpty();
});
