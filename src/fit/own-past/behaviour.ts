/**
 * How a parameter behaves over the last frames (level, spread, extremes, changes, repeats), against all that it did in nominal telemetry:
 * the distance to the nearest nominal behaviour. It sees what a forecast cannot: frozen, too quiet, too noisy, a level never seen.
 */
import { SUMMARIES, SUMMARY } from '../../core/telemetry/summaries';
import type { Scaling } from '../graph/front';

/** Mean, deviation, lowest, highest, mean change, share of repeats. */
export const BEHAVIOURS = 6;

export interface Behaviour {
  /** [scored][BEHAVIOURS]: what each is divided by. */
  readonly scale: readonly Float64Array[];
  /** [scored][rows][BEHAVIOURS]: nominal behaviours, divided. */
  readonly nominal: readonly (readonly Float64Array[])[];
}

/** Differences smaller than these are none, nominal deviations; of the mean change, and of the share of repeats. */
const FLOORS = [0.05, 0.05, 0.05, 0.05, 0.02, 0.05];
/** Nominal behaviours that are kept of each parameter. */
const MAX_ROWS = 1000;
/** Behaviours of windows so close in time are the same one, frames. */
const NEIGHBOURS = 128;

/** The behaviour of one parameter as its memory holds it, standardised. */
export const behaviourRow = (memory: ArrayLike<number>, parameter: number, { mean, std }: Scaling): Float64Array => {
  const at = (index: number): number => memory[parameter * SUMMARIES + index] ?? 0;
  const [centre, per] = [mean[parameter] ?? 0, 1 / (std[parameter] ?? 1)];
  const [lowNow = 0, lowBefore = 0] = SUMMARY.low.map(at);
  const [highNow = 0, highBefore = 0] = SUMMARY.high.map(at);
  return Float64Array.of(
    (at(SUMMARY.mean[1]) - centre) * per,
    Math.sqrt(Math.max(0, at(SUMMARY.variance))) * per,
    (Math.min(lowNow, lowBefore) - centre) * per,
    (Math.max(highNow, highBefore) - centre) * per,
    at(SUMMARY.change[1]) * per,
    at(SUMMARY.repeated),
  );
};

const scaleOf = (rows: readonly Float64Array[]): Float64Array =>
  Float64Array.from({ length: BEHAVIOURS }, (_, index) => {
    const mean = rows.reduce((sum, row) => sum + (row[index] ?? 0), 0) / Math.max(1, rows.length);
    const square = rows.reduce((sum, row) => sum + ((row[index] ?? 0) - mean) ** 2, 0) / Math.max(1, rows.length);
    return Math.max(Math.sqrt(square), FLOORS[index] ?? 0);
  });

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < BEHAVIOURS; i += 1) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return sum;
};

export interface BehaviourInput {
  readonly scored: readonly number[];
  readonly scaling: Scaling;
  /** Of each window, and the stretch that it is of. */
  readonly memories: readonly ArrayLike<number>[];
  readonly stretches: readonly number[];
  readonly stride: number;
  readonly report: (share: number) => void;
}

/** @returns the head, and the distance of each window to the nearest nominal one that is not close to it in time: [windows][scored]. */
export const fitBehaviour = ({ scored, scaling, memories, stretches, stride, report }: BehaviourInput) => {
  const signals = memories.map(() => new Float64Array(scored.length));
  const step = Math.max(1, Math.ceil(memories.length / MAX_ROWS));
  const kept = memories.flatMap((_, index) => (index % step === 0 ? [index] : []));
  const scale: Float64Array[] = [];
  const nominal: Float64Array[][] = [];
  scored.forEach((parameter, at) => {
    report(at / scored.length);
    const rows = memories.map((memory) => behaviourRow(memory, parameter, scaling));
    const own = scaleOf(rows);
    const divided = rows.map((row) => row.map((value, index) => value / (own[index] ?? 1)));
    divided.forEach((row, index) => {
      let least = Infinity;
      for (const other of kept) {
        const isClose = stretches[other] === stretches[index] && Math.abs(other - index) * stride <= NEIGHBOURS;
        if (!isClose) least = Math.min(least, distance(row, divided[other] ?? []));
      }
      const signal = signals[index];
      if (signal !== undefined) signal[at] = Number.isFinite(least) ? Math.sqrt(least) : 0;
    });
    scale.push(own);
    nominal.push(kept.map((index) => divided[index] ?? new Float64Array(BEHAVIOURS)));
  });
  return { head: { scale, nominal } satisfies Behaviour, signals };
};
