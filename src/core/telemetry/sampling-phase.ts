/**
 * Where in the sampling period samples come. Slots are cut half a period on either side of it, so that jitter moves no sample into
 * another slot. Telemetry that is on the grid since 1970, or near it, has phase 0. A pure reducer.
 */

export interface PhaseState {
  /** Milliseconds that are added to the multiples of the period, above -period/2 and at most period/2. */
  readonly phase: number;
  /** How far the last samples were from their slot, milliseconds. */
  readonly residuals: readonly number[];
}

export const initialPhase: PhaseState = { phase: 0, residuals: [] };

/** Samples that show where the period's silence is. */
const REMEMBERED = 32;
/** Nearer to the edge of a slot than this share of a period, jitter could move a sample over it. */
const MARGIN = 1 / 8;
/** A silence of this share of a period is none by chance: 32 samples at random leave one in a run of some ten thousand. */
const FEWEST_SILENT = 1 / 3;
/** Phases are multiples of this share of a period: two runs that begin at different samples find the same one. */
const STEP = 1 / 8;

const wrap = (offset: number, periodMs: number): number => offset - periodMs * Math.ceil(offset / periodMs - 0.5);

const stepped = (phase: number, periodMs: number): number => {
  const step = STEP * periodMs;
  return wrap(Math.round(Math.round(phase / step) * step), periodMs);
};

export const slotAt = (periodMs: number, phase: number, time: number): number => Math.round((time - phase) / periodMs);

const isAtEdge = (residual: number, periodMs: number): boolean => Math.abs(residual) > (0.5 - MARGIN) * periodMs;

/** The middle of the longest stretch of the period in which no sample came; undefined when none is long. */
const silence = (residuals: readonly number[], periodMs: number): number | undefined => {
  const sorted = residuals.toSorted((a, b) => a - b);
  let [longest, middle] = [0, 0];
  sorted.forEach((from, index) => {
    const to = sorted[index + 1] ?? (sorted[0] ?? from) + periodMs;
    if (to - from > longest) [longest, middle] = [to - from, from + (to - from) / 2];
  });
  return longest >= FEWEST_SILENT * periodMs ? middle : undefined;
};

/**
 * Takes the time of a sample.
 * @param isFirst nothing came before it: it alone says where samples come, until others do.
 */
export const learnPhase = (state: PhaseState, time: number, periodMs: number, isFirst: boolean): PhaseState => {
  const { phase } = state;
  const residual = wrap(time - phase, periodMs);
  if (isFirst)
    return isAtEdge(residual, periodMs) ? { phase: stepped(residual, periodMs), residuals: [] } : initialPhase;
  const residuals = state.residuals.slice(-(REMEMBERED - 1));
  residuals.push(residual);
  if (residuals.length < REMEMBERED || !residuals.some((one) => isAtEdge(one, periodMs))) return { phase, residuals };
  const middle = silence(residuals, periodMs);
  if (middle === undefined) return { phase, residuals };
  // The edge of a slot, half a period from its middle, goes to where no sample comes.
  const next = stepped(wrap(phase + middle + periodMs / 2, periodMs), periodMs);
  return { phase: next, residuals: next === phase ? residuals : [] };
};
