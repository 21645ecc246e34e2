/** What the parts of a checkpoint must look like to be gone on with. Plain data; sizes are held against the mission and the model. */
import { z } from 'zod';
import { MAX_TOLD } from '../../core/monitoring/limit-checks';
import type { ResumableResponse } from '../../core/response/resume-response';
import type { AbsenceState } from '../../core/telemetry/absence';
import type { SeenState } from '../../core/telemetry/seen';
import { MAX_REMEMBERED, type PacketBlock } from '../../core/telemetry/packet-memory';
import { SUMMARIES } from '../../core/telemetry/summaries';
import type { RecentFrame } from '../../core/anomaly/surroundings';
import type { Tally } from '../../core/tally';
import type { WindowState } from '../../core/telemetry/window-assembler';
import { checkEventSchema, checkingStatuses } from '../../domain/events';
import { cascadeSchema, explanationSchema, verdictSchema } from '../../domain/explanation';
import type { AnomalyState } from '../../pipeline/memory';
import type { TelecommandMemory } from '../../core/telemetry/telecommands';

/** How much everything must be. */
export interface Sizes {
  readonly parameters: number;
  readonly window: number;
  readonly checks: number;
}

/** NaN and the infinities are values here. */
const real = z.custom<number>((value) => typeof value === 'number');
const isOf = (name: string, length: number | undefined) => (value: unknown) =>
  ArrayBuffer.isView(value) &&
  Object.prototype.toString.call(value) === `[object ${name}]` &&
  (length === undefined || (value as unknown as { readonly length: number }).length === length);
const doubles = (length?: number) => z.custom<Float64Array>(isOf('Float64Array', length));
const floats = (length?: number) => z.custom<Float32Array>(isOf('Float32Array', length));
const rows = (parameters: number) =>
  z.array(
    z
      .int()
      .min(0)
      .max(parameters - 1),
  );

export const seenSchema: z.ZodType<SeenState> = z.array(z.string());

const words = z.custom<Uint32Array>(isOf('Uint32Array', undefined));
export const packetsSchema: z.ZodType<PacketBlock> = z
  .object({ heads: words, stamps: doubles() })
  .refine(({ heads, stamps }) => heads.length === stamps.length && heads.length <= MAX_REMEMBERED, {
    message: 'its packets have no equal numbers of counts and times',
  });

export const framesSchema = ({ parameters }: Sizes) =>
  z.object({
    next: z.int().optional(),
    newest: real,
    open: z.array(z.tuple([z.int(), z.object({ received: doubles(parameters), missing: z.int() })])),
    held: z.union([doubles(0), doubles(parameters)]),
    heldAt: z.union([doubles(0), doubles(parameters)]),
    takenAt: doubles(parameters).optional(),
    suspect: z.object({ time: z.number(), values: z.record(z.string(), real) }).optional(),
    behind: z
      .array(
        z.object({
          partial: z.object({ time: z.number(), values: z.record(z.string(), real) }),
          receivedAt: z.number().optional(),
          count: z.int(),
        }),
      )
      .default([]),
    phase: z
      .object({ phase: z.number(), residuals: z.array(z.number()).max(1000) })
      .default({ phase: 0, residuals: [] }),
  });

const telecommand = z.object({
  time: z.number(),
  name: z.string(),
  arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export const telecommandsSchema: z.ZodType<TelecommandMemory> = z.object({
  state: z.object({
    last: z.record(z.string(), z.number()),
    recent: z.array(telecommand),
    ahead: z.array(telecommand),
  }),
  reached: z.number(),
});

export const absenceSchema = ({ parameters }: Sizes): z.ZodType<AbsenceState> =>
  z.object({
    lastAt: z.array(z.number()).max(parameters),
    silent: z.array(z.int()).max(parameters),
    absent: rows(parameters),
  });

const status = z.enum(checkingStatuses);
const told = z.array(z.object({ time: z.number(), status })).max(MAX_TOLD);
/** The first version kept the status alone. */
const check = z.union([status.transform((only) => ({ status: only, told: [] })), z.object({ status, told })]);
export const checksSchema = ({ checks }: Sizes) => z.array(check).length(checks);

export const windowsSchema = ({ parameters, window }: Sizes) =>
  z.object({
    first: z.int().optional(),
    frames: z
      .array(
        z.object({
          kind: z.literal('frame'),
          slot: z.int(),
          frame: z.object({ time: z.number(), values: doubles(parameters) }),
          received: doubles(parameters),
          excused: rows(parameters).optional(),
        }),
      )
      .max(window),
    // Of a checkpoint of before there are none: they begin anew.
    summaries: z
      .object({
        values: doubles(parameters * SUMMARIES),
        last: doubles(parameters),
        age: doubles(parameters),
        run: doubles(parameters).optional(),
        came: doubles(parameters).optional(),
      })
      .optional(),
  }) as unknown as z.ZodType<WindowState>;

export const recentSchema = ({ parameters }: Sizes) =>
  z.array(
    z.object({ slot: z.int(), frame: z.object({ time: z.number(), values: doubles(parameters) }) }),
  ) as unknown as z.ZodType<readonly RecentFrame[]>;

const scoredSchema = ({ parameters, window }: Sizes) => {
  const cells = floats(parameters * window);
  return z.object({
    window: z.object({
      ...{ start: z.number(), end: z.number(), values: cells, unusable: z.array(z.string()) },
      measured: z.custom<Uint8Array>(isOf('Uint8Array', parameters * window)).optional(),
      memory: floats(parameters * SUMMARIES).optional(),
    }),
    inference: z.object({
      score: z.number(),
      pValue: z.number(),
      reconstruction: cells,
      expected: cells,
      deviation: cells,
      parameterScore: floats(parameters),
      equipmentScore: floats(),
      evidence: floats().optional(),
      ownPast: floats().optional(),
      heads: z.array(z.object({ name: z.string(), frames: z.number(), deviation: floats(parameters) })).optional(),
      peepholes: z.array(floats()),
    }),
  });
};

export const anomaliesSchema = (sizes: Sizes) => {
  const scored = scoredSchema(sizes);
  const hit = z.object({ scored, joint: doubles(), equipment: z.string() });
  const anomaly = z.object({
    id: z.string(),
    revision: z.int().min(1),
    start: z.number(),
    lastHit: z.number(),
    detectedAt: z.number(),
    verdict: verdictSchema,
    worst: scored,
    evidence: doubles(),
    posteriors: z.array(doubles()),
    weight: z.number(),
    misses: z.int(),
    reported: z.object({ confidence: z.number(), score: z.number() }),
    cascade: cascadeSchema.optional(),
    cascadeUntil: z.number().optional(),
  });
  return z.object({
    tracker: z.object({
      open: z.array(anomaly),
      recent: z.array(z.union([z.undefined(), hit])),
      lostAt: z.number().optional(),
      sustained: z
        .object({
          smoothed: doubles(),
          silent: z.array(z.int()),
          remains: doubles(),
          peaks: doubles(),
          fallen: doubles(),
        })
        .optional(),
      ownPast: z
        .object({
          smoothed: doubles(),
          silent: z.int(),
          blocks: z.array(doubles()),
          current: doubles(),
          count: z.int(),
        })
        .optional(),
    }),
    time: z.number(),
  }) as unknown as z.ZodType<AnomalyState>;
};

const modeChange = z.object({ time: z.number(), mode: z.string() });
const persistence = z.object({ status: z.string(), candidate: z.string().optional(), count: z.int() });
const situation = z.object({
  time: z.number(),
  parameters: z.record(z.string(), real),
  mode: z.string().optional(),
  monitors: z.record(z.string(), z.string()),
  commands: z.record(z.string(), z.number()).optional(),
});

export const observerSchema = z.object({
  rules: z.string(),
  monitoring: z.object({
    monitors: z.array(persistence.extend({ previous: real, range: z.tuple([real, real]) })),
    functional: z.array(persistence),
  }),
  mode: z.object({
    current: modeChange.optional(),
    ahead: z.array(modeChange),
    // Of a checkpoint of before there are none.
    late: z.array(modeChange.extend({ toldAt: z.number() })).default([]),
  }),
  situation,
  latest: z.array(explanationSchema),
  isDegraded: z.boolean(),
  // Of a checkpoint of before there are none.
  early: z.array(checkEventSchema).default([]),
});

const texts = z.array(z.string());
const anomalyFacts = z.object({
  ...{ id: z.string(), change: z.string(), state: z.string(), trigger: z.string() },
  ...{ equipment: z.string(), fault: z.string(), sufficient: texts, parameters: texts },
  // Of a checkpoint of before there are none.
  ...{ set: texts.default([]), suspects: texts.default([]) },
  ...{ revision: real, confidence: real, score: real, threshold: real, pValue: real, durationMs: real },
});
const checkFacts = z.object({
  ...{ monitor: z.string(), parameter: z.string(), limit: z.string(), equipment: z.string(), severity: z.string() },
  ...{ from: z.string(), to: z.string(), value: real, failed: z.boolean() },
});
const functionalFacts = z.object({
  ...{ id: z.string(), equipment: z.string(), severity: z.string(), from: z.string(), to: z.string() },
  ...{ failing: texts, failed: z.boolean() },
});
/** Conditions, and what finds the rules for a subject, take it for what it says it is. */
const facts = z.discriminatedUnion('event', [
  z.object({ event: z.literal('anomaly'), anomaly: anomalyFacts }),
  z.object({ event: z.literal('check'), check: checkFacts }),
  z.object({ event: z.literal('monitor'), monitor: functionalFacts }),
  z.object({ event: z.literal('model'), model: z.object({ state: z.string(), reason: z.string() }) }),
  z.object({
    event: z.literal('report'),
    report: z.object({ name: z.string(), number: real, severity: z.string(), equipment: z.string(), apid: real }),
  }),
]);
const subject = z.object({
  ...{ id: z.string(), about: z.string(), equipment: z.string(), fault: z.string(), explanationId: z.string() },
  ...{ confidence: real, explanationRevision: real, closes: z.boolean(), stands: z.boolean() },
  facts,
  mutedBy: z.string().optional(),
});

export const responseSchema = z.object({
  rules: z.string(),
  matcher: z.object({
    startedAt: z.number().optional(),
    subjects: z.array(
      z.object({
        id: z.string(),
        evaluatedAt: z.number(),
        rules: z.array(z.object({ rule: z.string(), equipment: z.string(), count: z.int() })),
        muted: z.array(z.string()),
      }),
    ),
    standing: z.array(subject),
    forgotten: z.int(),
  }),
  anchor: z.object({ packet: z.number(), wall: z.number() }).optional(),
  situation: situation.optional(),
  time: z.number(),
  recoveries: z.array(z.string()),
  alarms: z.array(z.string()),
}) as unknown as z.ZodType<ResumableResponse & { readonly rules: string }>;

const count = z.int().min(0);
export const tallySchema = z.object({
  frames: count,
  windows: count,
  unscored: count,
  notYetJudged: count.optional(),
  anomalies: count,
  actions: count,
  checks: count,
  muted: count,
  clockSteps: count.default(0),
  dropped: z.record(z.string(), count),
}) as unknown as z.ZodType<Tally>;
