/** What the assembler needs of a mission, worked out once: arrays in mission order. */
import { staleAfterMs, type Mission } from '../../domain/mission';

export interface AssemblyPlan {
  readonly periodMs: number;
  readonly indexOf: ReadonlyMap<string, number>;
  /** Periodic parameters, those a slot waits for. */
  readonly isPeriodic: readonly boolean[];
  readonly periodicCount: number;
  /** Ends of the validity ranges; infinite where the mission gives none. */
  readonly validLow: Float64Array;
  readonly validHigh: Float64Array;
  /** Age at which a held value is too old, milliseconds; infinite for event parameters. */
  readonly staleMs: Float64Array;
  /** Silence longer than this is a gap, milliseconds. */
  readonly gapMs: number;
  /** A slot is closed when a sample arrives for one more than this many slots ahead. */
  readonly lateness: number;
  /** How far telemetry must be behind what was reached to be the beginning of a new time base; infinite where none is looked for. */
  readonly stepBackMs: number;
}

/** One slot of patience: a frame that arrives after its successor is still used, and a decision waits one period at most. */
const DEFAULT_LATENESS = 1;
/** A `staleAfter` of days would have silence filled with held frames for days: more than this many periods are a gap anyway. */
const MAX_HELD_FRAMES = 10_000;

export const planAssembly = (mission: Mission, lateness = DEFAULT_LATENESS): AssemblyPlan => {
  const { parameters, sampling } = mission;
  const staleMs = Float64Array.from(parameters, (parameter) => staleAfterMs(mission, parameter));
  const isPeriodic = parameters.map(({ kind }) => kind === 'periodic');
  const longest = Math.max(0, ...staleMs.filter(Number.isFinite)) || 2.5 * sampling.periodMs;
  return {
    periodMs: sampling.periodMs,
    indexOf: new Map(parameters.map(({ id }, index) => [id, index])),
    isPeriodic,
    periodicCount: isPeriodic.filter(Boolean).length,
    validLow: Float64Array.from(parameters, ({ valid }) => valid?.[0] ?? -Infinity),
    validHigh: Float64Array.from(parameters, ({ valid }) => valid?.[1] ?? Infinity),
    staleMs,
    gapMs: Math.min(longest, MAX_HELD_FRAMES * sampling.periodMs),
    lateness,
    stepBackMs: Infinity,
  };
};

/** Networks reorder by less than this many periods. */
const MAX_DISORDER = 10;

/** The same for a stream that goes on when the spacecraft's clock is set back; a recording that is fitted or evaluated is one base. */
export const planStream = (mission: Mission, lateness = DEFAULT_LATENESS): AssemblyPlan => {
  const plan = planAssembly(mission, lateness);
  return { ...plan, stepBackMs: Math.min(plan.gapMs, MAX_DISORDER * plan.periodMs) };
};
