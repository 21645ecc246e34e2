/** `model.json`: what a model package is, how its graph is read, what it was fitted on and how good it is. */
import { z } from 'zod';

/** One tap of the detector as the graph publishes it. */
const tapSchema = z.object({
  /** e.g. `encoder.linear`, `residual`. */
  name: z.string(),
  kind: z.enum(['layer', 'detector-residual', 'linear-residual', 'residual']),
  /** Equipment-shared taps give posteriors [n, equipment, classes], the others [n, classes]. */
  perEquipment: z.boolean(),
  /** Length of the corevector. */
  dimensions: z.int(),
  /** Components of the mixture. */
  components: z.int(),
});

const taskSchema = z.object({
  name: z.string(),
  tap: z.string(),
  /** Graph output, `peephole/<tap>/<name>`. */
  output: z.string(),
  classes: z.array(z.string()),
});

/** Outputs that a tensor [n, sum of sizes] holds besides, in their order: one is quicker to hand over than many. */
const joinedSchema = z.object({
  output: z.string(),
  parts: z.array(z.object({ name: z.string(), size: z.int().positive() })),
});

/** surprise = base + sum slope_i * relu(evidence - knot_i). */
const lineSchema = z.object({ knots: z.array(z.number()), slopes: z.array(z.number()), base: z.number() });

/** How evidence is judged over time (core/anomaly/sustained.ts). */
const sustainedSchema = z.object({
  /** Heads in the order of the output `evidence`, for how many windows each remembers a command, and whether it forgets within a window. */
  heads: z.array(z.object({ name: z.string(), memory: z.int().min(0), fast: z.boolean() })),
  /** What evidence is counted against, in the order of `evidence`: equipments, then parameters of none. */
  units: z.array(z.string()),
  /** Weights of a new window in the smoothed evidence; 1 is the window alone. */
  rates: z.array(z.number()),
  /** [rates][heads]. */
  lines: z.array(z.array(lineSchema)),
  /** Commands by index of the parameter, with the range that fitting saw. */
  commands: z.array(z.object({ parameter: z.int(), low: z.number(), high: z.number() })),
});

/** How a parameter is judged by its own past (core/anomaly/own-past.ts). */
const ownPastSchema = z.object({
  /** In the order of the output `own_past`; `median` and `unit` of each parameter, weight of a new window, and the surprise of a ratio. */
  heads: z.array(
    z.object({
      name: z.string(),
      rate: z.number(),
      median: z.array(z.number()),
      unit: z.array(z.number()),
      line: lineSchema,
    }),
  ),
  /** Indices of the parameters, in the order of the output, and the unit of each. */
  parameters: z.array(z.int()),
  unitOf: z.array(z.int()),
  units: z.array(z.string()),
  /** Frames after a gap from which on it judges. */
  warm: z.int(),
  /** Windows that a command which fitting never saw silences it for. */
  silence: z.int(),
  /** Windows a block of the level that the present one is divided by. */
  block: z.int().positive(),
});

/** A golden vector: one input and every output, flattened, to prove that the runtime computes what was fitted. */
const goldenSchema = z.object({
  window: z.array(z.number()),
  outputs: z.record(z.string(), z.array(z.number())),
  /** Largest difference allowed, relative to max(1, |value|). */
  tolerance: z.number(),
});

/** What one parameter did in the nominal recordings: what a person can hold a value against. */
const observedSchema = z.object({
  low: z.number(),
  high: z.number(),
  /** Of a parameter with few values: all of them, rising. */
  levels: z.array(z.number()).optional(),
  /** Least and largest mean change from frame to frame of a nominal window, and the usual one; older packages do not have that. */
  spread: z.object({
    low: z.number(),
    high: z.number(),
    usual: z.number().optional(),
    /** At the shares `ACTIVE_SHARES` of windows: what a parameter does that rests for most of the time. Older packages do not have it. */
    active: z.array(z.number()).optional(),
  }),
  /** Quarter, half and three quarters of the samples lie below; older packages do not have them. */
  quartiles: z.tuple([z.number(), z.number(), z.number()]).optional(),
  /** Longest run of one value within a nominal window, frames. */
  longestRun: z.int(),
});

/** A spacecraft of the type of an older one, whose package was taken over. */
const adaptedSchema = z.object({
  from: z.object({ id: z.string(), sha256: z.string(), spacecraft: z.string() }),
  /** The nominal hours that offsets, scales and thresholds are from. */
  passes: z.array(z.object({ file: z.string(), sha256: z.string(), frames: z.int() })),
  hours: z.number(),
  /** Packet time up to which nothing is judged: those hours were taken for nominal. */
  judgesFrom: z.iso.datetime(),
  /** Decades that the threshold rose by. */
  raised: z.number(),
  tool: z.string(),
});

/** The p-value table of a graph holds at most this many scores: finer than a reader's trust, small enough to compare in microseconds. */
export const P_VALUE_SCORES = 1000;

export const manifestSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  spacecraft: z.string(),
  method: z.enum(['equipment', 'paper']),
  detector: z.string(),
  parameters: z.array(z.string()),
  /** Equipments in the order of the `[n, equipment, classes]` outputs. */
  equipment: z.array(z.string()),
  sampling: z.object({ periodMs: z.number(), window: z.int(), stride: z.int() }),
  scaling: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }),
  /** By parameter; packages of older versions do not have it. */
  observed: z.array(observedSchema).optional(),
  /** Indices of parameters that condition and are never scored: flags, modes, commands. */
  conditions: z.array(z.int()).optional(),
  taps: z.array(tapSchema),
  tasks: z.array(taskSchema),
  /** The task the verdict is read from. */
  verdictTask: z.string(),
  /** Packages without it have their outputs by name only. */
  joined: joinedSchema.optional(),
  calibration: z.object({
    falseAlarmsPerDay: z.number(),
    threshold: z.number(),
    /** An open anomaly goes on while windows score at least this: below `threshold`, so that it does not flap. */
    returnThreshold: z.number(),
    /** A window counts when its score is at or above `threshold`; `k` of the last `n` open an anomaly. */
    persistence: z.object({ k: z.int(), n: z.int() }),
    /** Below this confidence the fault is `unknown`. */
    confidenceFloor: z.number(),
    /** Thresholds for other budgets, ascending in `falseAlarmsPerDay`. */
    budgets: z.array(z.object({ falseAlarmsPerDay: z.number(), threshold: z.number(), returnThreshold: z.number() })),
    calibrationWindows: z.int(),
    /** A class whose posterior reaches `level` is in the set of a verdict, which holds the truth in a share `coverage` of such cases. Older packages have no sets. */
    set: z.object({ coverage: z.number(), level: z.number() }).optional(),
    /**
     * Surprise of the largest `equipment_score`: a window's score is at least that (src/core/anomaly/surprise.ts). Packages without it
     * work, and look longer for counterfactuals.
     */
    equipmentSurprise: z
      .object({ knots: z.array(z.number()), slopes: z.array(z.number()), base: z.number() })
      .optional(),
    /** Packages without it are judged window by window. */
    sustained: sustainedSchema.optional(),
    /** Packages without it judge no parameter by its own past. */
    ownPast: ownPastSchema.optional(),
  }),
  fittedOn: z.object({
    passes: z.array(z.object({ file: z.string(), sha256: z.string(), frames: z.int() })),
    seed: z.int(),
    tool: z.string(),
  }),
  /** Of a package that was fitted on another spacecraft and adapted to this one. */
  adapted: adaptedSchema.optional(),
  quality: z.record(z.string(), z.unknown()),
  golden: goldenSchema,
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ObservedRange = z.infer<typeof observedSchema>;
export type TapInfo = z.infer<typeof tapSchema>;
export type TaskInfo = z.infer<typeof taskSchema>;
export type JoinedOutput = z.infer<typeof joinedSchema>;

/** Names of the graph's fixed tensors (CONTRACTS section 4; `joined` and those after it extend it). */
export const GRAPH = {
  /** float32 [n, parameters, frames], engineering values. */
  window: 'window',
  /** float32 [n, parameters, frames]: 1 where the sample was measured. Packages without this input take every sample for measured. */
  mask: 'mask',
  /** float32 [n, parameters, SUMMARIES]: running summaries (core/telemetry/summaries.ts). */
  memory: 'memory',
  /** float32 [n, parameters, frames], engineering values. */
  reconstruction: 'reconstruction',
  /** float32 [n]. */
  score: 'score',
  /** float32 [n, values]: the other outputs, one after the other, as the manifest says. */
  joined: 'joined',
  /** float32 [n]: share of nominal calibration windows scoring at least as high (split conformal). */
  pValue: 'p_value',
  /** float32 [n, parameters * frames], engineering values: each parameter as the others imply it. */
  expected: 'expected',
  /** float32 [n, parameters, frames], (window - expected) in nominal standard deviations; signed. */
  deviation: 'deviation',
  /** float32 [n, parameters]: how much the score's linear part falls when the parameter is left out. */
  parameterScore: 'parameter_score',
  /** float32 [n, equipment]: the same for all parameters of an equipment together. */
  equipmentScore: 'equipment_score',
  /** float32 [n, heads * units]: evidence above what is usual in the context, nominal deviations. */
  evidence: 'evidence',
  /** float32 [n, heads * parameters]: residual of a forecast, and distance to the nearest nominal behaviour. */
  ownPast: 'own_past',
} as const;

/** The graph output of one peephole. */
export const peepholeOutput = (tap: string, task: string): string => `peephole/${tap}/${task}`;

/** The graph output of a head's signed deviations: float32 [n, parameters]. */
export const headDeviation = (head: string): string => `head/${head}/deviation`;
