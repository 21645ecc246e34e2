/** What a head adds is what is worse without it: its evidence is masked, and the figures are counted again. */
import { judgeEvidence } from '../../src/core/anomaly/judge-evidence';
import { describeEvaluations } from '../../src/commands/evaluate-text';
import { groupBars } from '../../src/commands/report/group-bars';
import type { Verdict } from '../../src/domain/explanation';
import type { Manifest } from '../../src/domain/manifest';
import type { ScoredWindow } from '../../src/domain/scored-window';
import { evaluate } from '../../src/fit/evaluate/evaluation';
import { UNMEASURED } from '../../src/fit/evaluate/evaluate-cost';
import { headsOf, withoutHead } from '../../src/fit/evaluate/without-head';

const line = { knots: [0], slopes: [1], base: 0 };
const head = (name: string) => ({ name, memory: 0, fast: true });
const manifest = {
  ...{ id: 'm', method: 'equipment', detector: 'pca', sha256: 'a'.repeat(64), equipment: ['rw0', 'rw1'] },
  ...{ parameters: ['p0'], sampling: { periodMs: 1000, window: 4, stride: 2 }, verdictTask: 'fault' },
  taps: [{ name: 'residual', kind: 'residual', perEquipment: true, dimensions: 1, components: 1 }],
  tasks: [{ name: 'fault', tap: 'residual', output: 'x', classes: ['nominal', 'offset', 'unknown'] }],
  quality: {},
  calibration: {
    threshold: 3,
    sustained: {
      ...{ heads: [head('window'), head('slow64')], units: ['rw0', 'rw1'], rates: [1, 0.25], commands: [] },
      lines: [
        [line, line],
        [line, line],
      ],
    },
  },
} as unknown as Manifest;

const scoreOf = (of: Manifest, evidence: readonly number[]): number => {
  const window = { values: new Float32Array(4), start: 0, end: 3000, unusable: [] };
  const scored = { window, inference: { score: 0, evidence: Float32Array.from(evidence) } } as unknown as ScoredWindow;
  return judgeEvidence(of, {}, scored, false).scored.inference.score;
};

test('a head that is left out never makes the score, and the others count as before', () => {
  expect(headsOf(manifest)).toEqual(['window', 'slow64']);
  const evidence = [1, 0, 5, 0];
  expect(scoreOf(manifest, evidence)).toBe(5);
  expect(scoreOf(withoutHead(manifest, 'slow64'), evidence)).toBe(1);
  expect(scoreOf(withoutHead(manifest, 'window'), evidence)).toBe(5);
});

test('a package that judges window by window has no head to leave out', () => {
  const { sustained: _, ...calibration } = manifest.calibration;
  const plain = { ...manifest, calibration };
  expect(headsOf(plain)).toEqual([]);
  expect(withoutHead(plain, 'window')).toBe(plain);
});

const verdict: Verdict = { equipment: 'rw0', fault: 'offset', confidence: 0.9, alternatives: [] };
const anomaly = (start: number) => ({ start, lastHit: start + 9000, detectedAt: start + 4000, verdict });

const figures = evaluate({
  manifest,
  mode: 'stream',
  judged: {
    ...{ windows: [], unscored: 0, unusable: new Map<string, number>() },
    anomalies: [anomaly(10_000), anomaly(50_000)],
    leftOut: [
      { head: 'window', anomalies: [] },
      { head: 'slow64', anomalies: [anomaly(10_000)] },
    ],
  },
  threshold: { value: 3, source: 'package', falsePositiveRate: null },
  labels: [
    { start: 10_000, end: 20_000, equipment: 'rw0', fault: 'offset' },
    { start: 50_000, end: 60_000, equipment: 'rw1', fault: 'offset' },
  ],
  times: Array.from({ length: 100 }, (_, index) => index * 1000),
  recoveryMs: 0,
  cost: UNMEASURED,
});

test('every event figure is counted once more for each head left out', () => {
  const told = figures.leftOut.map(({ head: name, events }) => [name, events.found, events.rightEquipment]);
  expect([figures.events.found, figures.events.rightEquipment]).toEqual([2, 0.5]);
  expect(told).toEqual([
    ['window', 0, null],
    ['slow64', 1, 1],
  ]);
});

test('the text and the picture say so, with the interval of the false alarms', () => {
  const lines = describeEvaluations([figures]);
  const from = lines.findIndex((text) => text.startsWith('left out'));
  expect(lines.slice(from + 1).map((text) => text.split(/ {2,}/).slice(0, 3))).toEqual([
    ['nothing', '2 of 2', '50.0 %'],
    ['window', '0 of 2', '-'],
    ['slow64', '1 of 2', '100.0 %'],
  ]);
  const { markup } = groupBars(figures, { equipment: (id) => id.toUpperCase(), fault: (id) => id });
  for (const text of ['Events by fault', 'Events by unit', 'RW1', 'Events without a head', 'slow64', '95 %'])
    expect(markup).toContain(text);
});
