/**
 * Evidence over time, a pure reducer. A faint fault that lasts differs from noise by its persistence. So the evidence of each head
 * against each unit is smoothed at several rates. Each rate has its own scale of surprise, and the strongest counts.
 *
 * What a fault leaves behind is no fault any more. Once the evidence has stayed well below its peak for some windows, the rest is
 * subtracted until it has faded. Only what exceeds it counts, so a second fault of the unit is still seen.
 *
 * What was commanded and never seen in fitting is nobody's fault. While a command is outside its fitted range, and as long as a head
 * remembers it, that head says nothing. Neither does a slow head while a parameter is absent, whose mean stands still.
 */
import type { Manifest } from '../../domain/manifest';
import { surpriseAt } from './surprise';

export type SustainedCalibration = NonNullable<Manifest['calibration']['sustained']>;

export interface SustainedState {
  /** [rates, heads, units]. */
  readonly smoothed: Float64Array;
  /** Windows for which each head says nothing yet. */
  readonly silent: readonly number[];
  /** What is left over of a fault that has passed, [rates, heads, units]: counts no more. */
  readonly remains: Float64Array;
  /** The highest evidence of late of each head against each unit, [heads, units]. */
  readonly peaks: Float64Array;
  /** For how many windows it has been well below that, [heads, units]. */
  readonly fallen: Float64Array;
}

export interface SustainedStep {
  readonly state: SustainedState;
  /** Decades. */
  readonly score: number;
  /** [heads]: the surprise of each, decades. */
  readonly byHead: readonly number[];
  /** [units]: the largest surprise against each, decades. */
  readonly byUnit: Float64Array;
}

const initial = ({ rates, heads, units }: SustainedCalibration): SustainedState => ({
  smoothed: new Float64Array(rates.length * heads.length * units.length),
  silent: heads.map(() => 0),
  remains: new Float64Array(rates.length * heads.length * units.length),
  peaks: new Float64Array(heads.length * units.length),
  fallen: new Float64Array(heads.length * units.length),
});

/** Evidence beyond these, nominal deviations, lasts no longer than what is just there. */
const LOWEST = -3;
const HIGHEST = 8;

/**
 * Evidence is a remainder if it stays this far below its peak for so many windows, in nominal deviations and as a share of it. The share
 * is not asked of a running mean once the window itself is ordinary again: what ended lingers in it.
 */
const FALL = 2;
const FALL_SHARE = 0.4;
const PASSED = 6;
/** Lower peaks are no fault that could leave anything behind. */
const PEAK = 4;
/** Evidence of a window below this is ordinary, nominal deviations. */
const ORDINARY = 1;

/** Whether a command in the window lies outside what fitting saw of it. */
export const isUnseen = (
  { commands }: Pick<SustainedCalibration, 'commands'>,
  values: Float32Array,
  frames: number,
): boolean =>
  commands.some(({ parameter, low, high }) => {
    for (let t = 0; t < frames; t += 1) {
      const value = values[parameter * frames + t] ?? NaN;
      if (value < low || value > high) return true;
    }
    return false;
  });

/** Why heads say nothing of a window. */
export interface Quiet {
  /** A command lies outside what fitting saw. */
  readonly unseen: boolean;
  /** A parameter is absent (`absent.ts`). */
  readonly isPartial: boolean;
}

/** Names of the heads that judge running means begin so. */
const SLOW = 'slow';

/**
 * Takes one window's evidence.
 * @param evidence [heads, units], nominal deviations above what is usual in the context.
 */
export const sustain = (
  spec: SustainedCalibration,
  before: SustainedState | undefined,
  evidence: ArrayLike<number>,
  { unseen, isPartial }: Quiet,
): SustainedStep => {
  const { rates, heads, units, lines } = spec;
  const state = before ?? initial(spec);
  const smoothed = state.smoothed.slice();
  const isQuiet = (name: string): boolean => unseen || (isPartial && name.startsWith(SLOW));
  const silent = heads.map(({ memory, name }, head) =>
    isQuiet(name) ? memory : Math.max(0, (state.silent[head] ?? 0) - 1),
  );
  const remains = state.remains.slice();
  const byHead = heads.map(() => -Infinity);
  const byUnit = new Float64Array(units.length).fill(-Infinity);
  const count = heads.length * units.length;
  const { peaks, fallen, passed } = trackPeaks(spec, state, evidence);
  rates.forEach((rate, at) => {
    heads.forEach((_, head) => {
      const line = lines[at]?.[head];
      if (line === undefined) return;
      for (let unit = 0; unit < units.length; unit += 1) {
        const index = head * units.length + unit;
        const raw = (silent[head] ?? 0) > 0 ? 0 : (evidence[index] ?? 0);
        const input = rate >= 1 ? raw : Math.min(HIGHEST, Math.max(LOWEST, raw));
        const old = smoothed[at * count + index] ?? 0;
        const value = old + rate * (input - old);
        smoothed[at * count + index] = value;
        const left = passed[index] === true ? Math.max(0, value) : (remains[at * count + index] ?? 0);
        remains[at * count + index] = Math.min(left, Math.max(0, value));
        const surprise = surpriseAt(line, value - (remains[at * count + index] ?? 0));
        byHead[head] = Math.max(byHead[head] ?? -Infinity, surprise);
        byUnit[unit] = Math.max(byUnit[unit] ?? -Infinity, surprise);
      }
    });
  });
  return { state: { smoothed, silent, remains, peaks, fallen }, score: Math.max(...byHead), byHead, byUnit };
};

/** Peaks and how long the evidence has been below them; one that has passed begins anew from where it is. */
const trackPeaks = (
  { heads, units }: SustainedCalibration,
  { peaks, fallen }: SustainedState,
  evidence: ArrayLike<number>,
) => {
  const isSlow = heads.map(({ name }) => name.startsWith(SLOW));
  const isOrdinary = units.map((_, unit) =>
    isSlow.every((slow, head) => slow || (evidence[head * units.length + unit] ?? 0) < ORDINARY),
  );
  const next = { peaks: peaks.slice(), fallen: fallen.slice(), passed: new Array<boolean>(peaks.length).fill(false) };
  peaks.forEach((peak, index) => {
    const value = evidence[index] ?? 0;
    const lingers = isSlow[Math.floor(index / units.length)] === true && isOrdinary[index % units.length] === true;
    const isBelow = value < peak - Math.max(FALL, lingers ? 0 : FALL_SHARE * peak) && peak >= PEAK;
    const windows = isBelow ? (fallen[index] ?? 0) + 1 : 0;
    next.passed[index] = windows >= PASSED;
    next.peaks[index] = windows >= PASSED ? Math.max(0, value) : Math.max(peak, value);
    next.fallen[index] = windows >= PASSED ? 0 : windows;
  });
  return next;
};

/** The state after people were told that what is now is a new regime: what exceeds it counts from here on. */
export const acceptSustained = (state: SustainedState): SustainedState => ({
  ...state,
  remains: state.smoothed.map((value) => Math.max(0, value)),
});
