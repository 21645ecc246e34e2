/** What every simulated run is about: two wheels with two parameters each, rules for them, and a model that is plain arithmetic. */
import { compileRules } from '../../config/compile-rules';
import { explain } from '../../core/anomaly/explanation';
import type { RuleProgram } from '../../core/rules/rule-program';
import { FdirError } from '../../domain/errors';
import { NOMINAL, UNKNOWN } from '../../domain/explanation';
import { peepholeOutput, type Manifest } from '../../domain/manifest';
import { missionSchema, type Mission } from '../../domain/mission';
import { rulesFileSchema } from '../../domain/rules';
import type { Inference } from '../../domain/scored-window';
import type { Model } from '../../pipeline/judge';
import type { Scorer } from '../../pipeline/ports';
import { anomalyLogic } from '../../pipeline/with-anomalies';
import { findSufficient } from '../../pipeline/counterfactual';
import { EQUIPMENT, FRAMES, PARAMETERS, PERIOD_MS, STRIDE, TINY_MISSION } from './tiny-telemetry';

const FAULTS = ['offset', 'step'];

export const toyMission: Mission = missionSchema.parse({
  ...TINY_MISSION,
  faults: FAULTS,
  commands: [
    { name: 'LIMIT', title: 'Limit', arguments: { wheel: { type: 'equipment' } }, opposes: ['FREE'] },
    { name: 'FREE', title: 'Free', arguments: { wheel: { type: 'equipment' } } },
    { name: 'OFF', title: 'Off', arguments: { wheel: { type: 'equipment' } } },
    { name: 'CALL', title: 'Call', acknowledgement: 'none', arguments: {} },
    { name: 'NOTE', title: 'Note', acknowledgement: 'none', arguments: { wheel: { type: 'equipment' } } },
  ],
});

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
/** What a healthy parameter shows, on the mean, and how far it strays without being suspicious. */
const HEALTHY = 0.2;
const STRAY = 0.3;
const GAIN = 5;

const manifest: Manifest = {
  schemaVersion: 1,
  id: 'little',
  sha256: 'c'.repeat(64),
  spacecraft: 'TINY-1',
  method: 'equipment',
  detector: 'arithmetic',
  parameters: [...PARAMETERS],
  equipment: [...EQUIPMENT],
  sampling: { periodMs: PERIOD_MS, window: FRAMES, stride: STRIDE },
  scaling: { mean: PARAMETERS.map(() => 0), std: PARAMETERS.map(() => 1) },
  taps: [{ name: 'residual', kind: 'residual', perEquipment: true, dimensions: 1, components: 1 }],
  tasks: [
    {
      name: 'fault',
      tap: 'residual',
      output: peepholeOutput('residual', 'fault'),
      classes: [NOMINAL, ...FAULTS, UNKNOWN],
    },
  ],
  verdictTask: 'fault',
  calibration: {
    falseAlarmsPerDay: 0.5,
    threshold: 4,
    returnThreshold: 3,
    persistence: { k: 2, n: 3 },
    confidenceFloor: 0.5,
    budgets: [],
    calibrationWindows: 100,
  },
  fittedOn: { passes: [], seed: 1, tool: 'campaign' },
  quality: {},
  golden: { window: [], outputs: {}, tolerance: 1e-3 },
};

/** The mean excess of every row over what is healthy; an offset when it is above, a step when it is below. */
const infer = (values: Float32Array): Inference => {
  const parameterScore = Float32Array.from(PARAMETERS, (_, row) => {
    const samples = values.subarray(row * FRAMES, (row + 1) * FRAMES);
    return (GAIN * sum(samples.map((value) => Math.max(0, Math.abs(value - HEALTHY) - STRAY)))) / FRAMES;
  });
  const equipmentScore = Float32Array.from(EQUIPMENT, (_, unit) =>
    sum(parameterScore.subarray(2 * unit, 2 * unit + 2)),
  );
  const peephole = EQUIPMENT.flatMap((_, unit) => {
    const mean = sum(values.subarray(2 * unit * FRAMES, (2 * unit + 2) * FRAMES)) / (2 * FRAMES);
    const share = Math.min(0.9, (equipmentScore[unit] ?? 0) / 10);
    return mean > HEALTHY ? [1 - share, share * 0.9, share * 0.1, 0] : [1 - share, share * 0.1, share * 0.9, 0];
  });
  const score = Math.max(...equipmentScore);
  return {
    score,
    pValue: 1 / (1 + score),
    reconstruction: values.map(() => HEALTHY),
    expected: values.map(() => HEALTHY),
    deviation: values.map((value) => value - HEALTHY),
    parameterScore,
    equipmentScore,
    peepholes: [Float32Array.from(peephole)],
  };
};

/** A second package of the same shape, which can take the place of the first while the daemon runs. */
const otherManifest: Manifest = { ...manifest, id: 'toy-2', sha256: 'd'.repeat(64) };
export const toyManifests: readonly Manifest[] = [manifest, otherManifest];

/** By which model an inference was made. */
const madeBy = new WeakMap<Inference, string>();

/** `isLost` is asked at every inference: it may throw, and when it holds the model answers and says nothing. */
export const toyScorer = (isLost: () => boolean = () => false, package_: Manifest = manifest): Scorer => ({
  manifest: package_,
  score: async (windows, n) => {
    const isNothing = isLost();
    const size = windows.length / n;
    const inferences = Array.from({ length: n }, (_, index) => {
      const inference = infer(windows.slice(index * size, (index + 1) * size));
      return isNothing ? { ...inference, score: NaN } : inference;
    });
    for (const inference of inferences) madeBy.set(inference, package_.sha256);
    return inferences;
  },
  implied: async (windows, n) =>
    Array.from({ length: n }, () => ({ expected: new Float32Array(windows.length / n).fill(HEALTHY) })),
  close: async () => undefined,
});

/** A window must be judged by the model that scored it. @throws when it is not. */
const checkModel = ({ inference }: { readonly inference: Inference }, { manifest: now }: Scorer): void => {
  const scoredBy = madeBy.get(inference);
  if (scoredBy !== now.sha256)
    throw new Error(`a window that ${scoredBy ?? 'nobody'} scored was judged by ${now.sha256}`);
};

/** @param scorer may be a slot whose model is swapped. */
export const toyModel = (scorer: Scorer, rulesSha256: string): Model => ({
  scorer,
  anomalies: {
    track: (state, judged, base) => {
      checkModel(judged.scored, scorer);
      return anomalyLogic(toyMission.spacecraft, scorer.manifest).track(state, judged, base);
    },
    lose: (state, time) => anomalyLogic(toyMission.spacecraft, scorer.manifest).lose(state, time),
    close: (state, time) => anomalyLogic(toyMission.spacecraft, scorer.manifest).close(state, time),
  },
  explanations: {
    // The window may be of an earlier process: what made it is not known then.
    findSufficient: (scored) => findSufficient(scorer, toyMission, scored),
    explain: (revision, sufficient) =>
      explain({ mission: toyMission, manifest: scorer.manifest, rulesSha256 }, revision, sufficient),
  },
});

/** Which rules a run has. */
export type RuleProfile = 'patient' | 'hasty';

const monitoring = {
  monitors: EQUIPMENT.map((id) => ({
    id: `${id}-fast`,
    title: 'Too fast',
    parameter: `${id}_speed`,
    limits: [-40, 40],
    repetition: { fail: 2, pass: 3 },
    severity: 'high',
  })),
  functionalMonitors: [
    { id: 'both-fast', title: 'Both too fast', members: ['rw0-fast', 'rw1-fast'], atLeast: 2, severity: 'high' },
  ],
};
const wheel = '${equipment}';
const call = {
  id: 'call',
  title: 'Call',
  level: 5,
  event: 'monitor',
  authority: 'automatic',
  when: 'monitor.failed',
  because: 'Both at once is no wheel.',
};

/** Nothing waits for an answer, competes or cools down within a run: what is decided depends on telemetry alone. */
const patientRules = [
  {
    id: 'note',
    title: 'Note',
    level: 2,
    authority: 'automatic',
    when: 'anomaly.equipment in ["rw0", "rw1"] && anomaly.confidence >= 0.6',
    repetition: 2,
    cooldown: '1d',
    steps: [{ command: 'NOTE', arguments: { wheel }, expiry: '1d' }],
    because: 'Somebody should know.',
  },
  { ...call, cooldown: '1d', steps: [{ command: 'CALL', expiry: '1d' }] },
];

/** Ladders, deadlines of seconds, rules that compete, people who must agree. */
const hastyRules = [
  {
    id: 'limit',
    title: 'Limit',
    level: 2,
    authority: 'automatic',
    when: 'anomaly.equipment in ["rw0", "rw1"] && anomaly.confidence >= 0.6',
    repetition: 2,
    cooldown: '20s',
    steps: [
      { command: 'LIMIT', arguments: { wheel }, expiry: '8s', verify: `abs(${wheel}_current) < 2.0 within 6s` },
      { command: 'OFF', arguments: { wheel }, expiry: '8s' },
    ],
    because: 'It spares the bearing.',
  },
  {
    id: 'slow-down',
    title: 'Slow down',
    level: 1,
    event: 'check',
    authority: 'automatic',
    when: 'check.equipment in ["rw0", "rw1"] && check.failed',
    cooldown: '5s',
    steps: [{ command: 'LIMIT', arguments: { wheel }, expiry: '8s', alreadyDone: `abs(${wheel}_speed) < 1.0` }],
    because: 'It is too fast.',
  },
  {
    id: 'switch-off',
    title: 'Switch off',
    level: 4,
    authority: 'confirm',
    when: 'anomaly.equipment in ["rw0", "rw1"] && anomaly.duration > duration("6s")',
    cooldown: '1m',
    steps: [{ command: 'OFF', arguments: { wheel }, expiry: '8s' }],
    because: 'It lasts.',
  },
  { ...call, cooldown: '10s', steps: [{ command: 'CALL', expiry: '8s' }] },
];

const rulesOf = (temper: RuleProfile): RuleProgram => {
  const eventActions = temper === 'patient' ? patientRules : hastyRules;
  const rules = rulesFileSchema.parse({ ...monitoring, eventActions });
  const { program, problems } = compileRules({ sha256: `rules-${temper}`, ...rules }, toyMission);
  if (problems.length > 0)
    throw new FdirError(
      'config',
      `the rules of the campaign: ${problems.map(({ message }) => message).join(', ')}`,
      problems,
    );
  return program;
};

const programs = new Map<RuleProfile, RuleProgram>();
export const toyProgram = (temper: RuleProfile): RuleProgram => {
  const known = programs.get(temper) ?? rulesOf(temper);
  programs.set(temper, known);
  return known;
};
