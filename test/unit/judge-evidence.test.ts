import { judgeEvidence, type EvidenceState } from '../../src/core/anomaly/judge-evidence';
import { initialTracker, trackWindow, type Revision } from '../../src/core/anomaly/anomaly-tracker';
import { SUMMARIES, SUMMARY } from '../../src/core/telemetry/summaries';
import type { Manifest } from '../../src/domain/manifest';
import type { ScoredWindow } from '../../src/domain/scored-window';
import { scoredWindow, trackerManifest } from '../support/scored-windows';

const LINE = { knots: [0], slopes: [1], base: 0 };
const UNITS = ['rw0', 'rw1', 'rw2'];
const base = trackerManifest({ threshold: 4, k: 3, n: 4 });
/** A window a half hour, so that a day is 48 of them; evidence and ratios are their own surprise. */
const MANIFEST: Manifest = {
  ...base,
  sampling: { ...base.sampling, periodMs: 15 * 60_000 },
  calibration: {
    ...base.calibration,
    sustained: {
      heads: [{ name: 'window', memory: 3, fast: true }],
      units: UNITS,
      rates: [1],
      lines: [[LINE]],
      commands: [],
    },
    ownPast: {
      heads: [{ name: 'behaviour', rate: 1, median: [0], unit: [1], line: LINE }],
      parameters: [0],
      unitOf: [0],
      units: ['rw0'],
      warm: 1,
      silence: 1,
      block: 2,
    },
  },
};

const HALF_HOUR = 30 * 60_000;
const START = Date.UTC(2026, 0, 1);

const windowAt = (index: number, evidence: number, ownPast: number): ScoredWindow => {
  const { window, inference } = scoredWindow(MANIFEST, { index });
  const memory = new Float32Array(MANIFEST.parameters.length * SUMMARIES);
  MANIFEST.parameters.forEach((_, row) => (memory[row * SUMMARIES + SUMMARY.count] = 100));
  const end = START + index * HALF_HOUR;
  return {
    window: { ...window, start: end - HALF_HOUR, end, memory },
    inference: { ...inference, score: 0, evidence: Float32Array.of(evidence, 0, 0), ownPast: Float32Array.of(ownPast) },
  };
};

const track = (windows: readonly ScoredWindow[]): Revision[] => {
  let state = initialTracker;
  return windows.flatMap((scored) => {
    const step = trackWindow({ spacecraft: 'SC-1' }, MANIFEST, state, scored);
    state = step.state;
    return step.revisions;
  });
};

const series = (count: number, of: (index: number) => readonly [number, number]): ScoredWindow[] =>
  Array.from({ length: count }, (_, index) => windowAt(index, ...of(index)));

/** After a quiet time, with which the own past is compared. */
const QUIET: EvidenceState = Array.from({ length: 6 }, (_, index) => windowAt(index, 0, 0)).reduce<EvidenceState>(
  (state, scored) => judgeEvidence(MANIFEST, state, scored, false).state,
  {},
);

test('the strongest kind of evidence is the score', () => {
  const scoreOf = (scored: ScoredWindow): number =>
    judgeEvidence(MANIFEST, QUIET, scored, false).scored.inference.score;
  expect([scoreOf(windowAt(0, 5, 2)), scoreOf(windowAt(0, 2, 6))]).toEqual([5, 6]);
});

test('while an anomaly is open, evidence of the own past must be nearer to the threshold to keep it open', () => {
  expect(judgeEvidence(MANIFEST, QUIET, windowAt(0, 0, 5), true).scored.inference.score).toBeCloseTo(4.3);
});

test('what lasts for a day is accepted with a revision that says so, and is no news after that', () => {
  const windows = series(1400, (index) => [index < 10 ? 0 : 6, 0]);
  const revisions = track(windows).map(({ trigger, state }) => [trigger, state]);
  expect(revisions).toEqual([
    ['opened', 'open'],
    ['new-regime', 'closed'],
  ]);
});

test('more than the accepted regime opens an anomaly again', () => {
  const windows = series(1000, (index) => [index < 10 ? 0 : index < 800 ? 6 : 14, 0]);
  expect(track(windows).map(({ trigger }) => trigger)).toEqual(['opened', 'new-regime', 'opened']);
});

test('an anomaly that ends within a day closes as ever', () => {
  const windows = series(60, (index) => [index < 10 || index > 40 ? 0 : 6, 0]);
  expect(track(windows).map(({ trigger }) => trigger)).toEqual(['opened', 'returned-to-normal']);
});
