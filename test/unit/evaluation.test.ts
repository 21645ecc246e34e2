import type { Verdict } from '../../src/domain/explanation';
import type { Manifest } from '../../src/domain/manifest';
import type { EvaluatedWindow } from '../../src/fit/evaluate/evaluate-pass';
import { measureCost } from '../../src/fit/evaluate/evaluate-cost';
import { meanConceptograms } from '../../src/fit/evaluate/evaluate-conceptograms';
import { evaluate, type Evaluation } from '../../src/fit/evaluate/evaluation';

const manifest: Manifest = {
  schemaVersion: 1,
  id: 'm',
  sha256: 'a'.repeat(64),
  spacecraft: 'TINY-1',
  method: 'equipment',
  detector: 'pca',
  parameters: ['p0', 'p1'],
  equipment: ['rw0', 'rw1'],
  sampling: { periodMs: 1000, window: 4, stride: 2 },
  scaling: { mean: [0, 0], std: [1, 1] },
  taps: [{ name: 'residual', kind: 'residual', perEquipment: true, dimensions: 1, components: 1 }],
  tasks: [
    {
      name: 'fault',
      tap: 'residual',
      output: 'peephole/residual/fault',
      classes: ['nominal', 'offset', 'step', 'unknown'],
    },
  ],
  verdictTask: 'fault',
  calibration: {
    falseAlarmsPerDay: 1,
    threshold: 9,
    returnThreshold: 8,
    persistence: { k: 2, n: 3 },
    confidenceFloor: 0.5,
    budgets: [],
    calibrationWindows: 1,
  },
  fittedOn: { passes: [], seed: 1, tool: 'test' },
  quality: {},
  golden: { window: [], outputs: {}, tolerance: 1 },
};

const verdict = (equipment: string, fault: string, confidence: number, alternative?: string): Verdict => ({
  equipment,
  fault,
  confidence,
  alternatives: alternative === undefined ? [] : [{ equipment, fault: alternative, confidence: 0.4 }],
});

const inside = (
  equipment: string,
  fault: string,
  score: number,
  said: Verdict,
  peephole: readonly number[] = [],
): EvaluatedWindow => ({
  start: 0,
  end: 3000,
  score,
  truth: { kind: 'inside', label: { start: 0, end: 3000, equipment, fault } },
  verdict: said,
  peepholeEquipment: 'rw0',
  peepholes: [Float32Array.from(peephole)],
});
const nominal = (score: number): EvaluatedWindow => ({
  start: 0,
  end: 3000,
  score,
  truth: { kind: 'nominal' },
  verdict: undefined,
  peepholeEquipment: undefined,
  peepholes: [],
});
const partial = (score: number): EvaluatedWindow => ({
  ...nominal(score),
  truth: { kind: 'partial' },
  verdict: verdict('rw0', 'step', 0.9),
});

const evaluated = (windows: readonly EvaluatedWindow[], mode: 'stream' | 'independent' = 'stream'): Evaluation =>
  evaluate({
    manifest,
    mode,
    judged: { windows, anomalies: [], unscored: 0, unusable: new Map() },
    threshold: { value: 9, source: 'package', falsePositiveRate: null },
    labels: [],
    times: [],
    recoveryMs: 0,
    cost: { windowsPerSecond: null, detectorOnlyWindowsPerSecond: null, explanationOverhead: null },
  });

test('only detected windows wholly inside a label are judged by equipment and fault', () => {
  const { isolation, identification } = evaluated([
    inside('rw0', 'offset', 20, verdict('rw0', 'offset', 0.9)),
    inside('rw0', 'offset', 5, verdict('rw1', 'step', 0.9)),
    partial(30),
    nominal(1),
  ]);
  expect(isolation).toMatchObject({ balancedAccuracy: 1, classes: ['rw0'], counts: [1] });
  expect(identification).toMatchObject({ balancedAccuracy: 1, classes: ['offset'], counts: [1] });
});

test('partly labelled windows are anomalous in a stream, and left out of independent cases', () => {
  const windows = [partial(30), nominal(1), nominal(10)];
  expect(evaluated(windows).windows).toMatchObject({
    n: 3,
    anomalous: 1,
    partial: 1,
    detectionRate: 1,
    falsePositiveRate: 0.5,
  });
  expect(evaluated(windows, 'independent').windows).toMatchObject({
    n: 2,
    anomalous: 0,
    partial: 1,
    detectionRate: null,
  });
});

test('the peepholes alone are judged apart from the attribution that helps an unknown fault', () => {
  const { isolation } = evaluated([
    inside('rw0', 'offset', 20, verdict('rw0', 'unknown', 0.3)),
    inside('rw1', 'offset', 20, verdict('rw1', 'unknown', 0.3)),
  ]);
  expect(isolation).toMatchObject({ balancedAccuracy: 1, peepholeBalancedAccuracy: 0.5 });
});

test('unknown is wrong, and what it would have been is told apart', () => {
  const { identification, calibration } = evaluated([
    inside('rw0', 'offset', 20, verdict('rw0', 'offset', 0.8)),
    inside('rw0', 'offset', 20, verdict('rw0', 'unknown', 0.9, 'offset')),
    inside('rw0', 'offset', 20, verdict('rw0', 'unknown', 0.9, 'step')),
    inside('rw0', 'offset', 20, verdict('rw1', 'offset', 0.6)),
  ]);
  expect(identification).toMatchObject({
    balancedAccuracy: 0.5,
    unknownRate: 0.5,
    unknown: [0.5],
    forcedBalancedAccuracy: 0.75,
  });
  // Two verdicts name a fault; that of the wrong wheel is wrong: ((1 - 0.8)^2 + 0.6^2) / 2.
  expect(calibration).toMatchObject({
    n: 2,
    brier: expect.closeTo(0.2, 12) as number,
    ece: expect.closeTo(0.4, 12) as number,
  });
});

test('the mean conceptogram tells the equipment at fault from the others', () => {
  const windows = [
    inside('rw0', 'offset', 20, verdict('rw0', 'offset', 0.8), [0, 1, 0, 0, 1, 0, 0, 0]),
    inside('rw1', 'offset', 20, verdict('rw1', 'offset', 0.8), [0.5, 0.5, 0, 0, 0, 0, 1, 0]),
    inside('rw1', 'offset', 2, verdict('rw1', 'offset', 0.8), [1, 0, 0, 0, 1, 0, 0, 0]),
  ];
  const classes = ['nominal', 'offset', 'step', 'unknown'];
  const place = { tap: 'residual', task: 'fault', classes };
  expect(meanConceptograms(manifest, windows, 9)).toEqual([
    {
      fault: 'offset',
      windows: 2,
      rows: [
        { ...place, whose: 'equipment at fault', posterior: [0, 0.5, 0.5, 0] },
        { ...place, whose: 'other equipments', posterior: [0.75, 0.25, 0, 0] },
      ],
    },
  ]);
});

test('whole-window taps show one row, and the equipment task how often it is right', () => {
  const paper: Manifest = {
    ...manifest,
    taps: [{ name: 'encoder', kind: 'layer', perEquipment: false, dimensions: 1, components: 1 }],
    tasks: [
      { name: 'fault', tap: 'encoder', output: 'f', classes: ['nominal', 'offset'] },
      { name: 'equipment', tap: 'encoder', output: 'e', classes: ['rw0', 'rw1'] },
    ],
  };
  const peepholes = [Float32Array.of(0.25, 0.75), Float32Array.of(0.25, 0.75)];
  const window = { ...inside('rw1', 'offset', 20, verdict('rw1', 'offset', 0.8)), peepholes };
  expect(meanConceptograms(paper, [window], 9)[0]?.rows).toEqual([
    { tap: 'encoder', task: 'fault', whose: 'whole window', classes: ['nominal', 'offset'], posterior: [0.25, 0.75] },
    {
      tap: 'encoder',
      task: 'equipment',
      whose: 'whole window',
      classes: ['right equipment', 'any other'],
      posterior: [0.75, 0.25],
    },
  ]);
});

test('the overhead is the ratio of the times less one, package and detector in turns', async () => {
  let clock = 0;
  const calls: string[] = [];
  const scorer = {
    manifest,
    score: () => {
      clock += 3;
      calls.push('package');
      return Promise.resolve([]);
    },
  };
  const detector = {
    inputs: ['window'],
    run: () => {
      clock += 2;
      calls.push('detector');
      return Promise.resolve({});
    },
    close: () => Promise.resolve(),
  };
  const windows = [new Float32Array(8)];
  expect(await measureCost({ scorer, detector, windows, now: () => clock })).toEqual({
    windowsPerSecond: 333,
    detectorOnlyWindowsPerSecond: 500,
    explanationOverhead: 0.5,
  });
  expect(calls.slice(0, 4)).toEqual(['package', 'detector', 'package', 'detector']);
});

test.each([
  ['no detector beside the graph', [new Float32Array(8)], 333],
  ['no window', [], null],
])('%s: no overhead', async (_what, windows, windowsPerSecond) => {
  let clock = 0;
  const scorer = { manifest, score: () => Promise.resolve(((clock += 3), [])) };
  expect(await measureCost({ scorer, detector: undefined, windows, now: () => clock })).toEqual({
    windowsPerSecond,
    detectorOnlyWindowsPerSecond: null,
    explanationOverhead: null,
  });
});
