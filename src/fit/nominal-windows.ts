/** Cuts nominal recordings into windows and deals them out: what one step is fitted on, no other step is calibrated on. */
import { FdirError } from '../domain/errors';
import type { Mission } from '../domain/mission';
import type { Window } from '../domain/telemetry';
import type { AssemblyItem } from '../core/telemetry/assembler-state';
import { withoutHoles } from '../core/telemetry/model-input';
import { isUsable } from '../core/telemetry/usable';
import { assembleWindows, initialWindows } from '../core/telemetry/window-assembler';

/** Whether a parameter has no value in the window at all: nothing could be learnt of it. */
const lacksParameter = ({ values, unusable }: Window, { parameters, sampling }: Mission): boolean =>
  unusable.length > 0 &&
  parameters.some((_, row) =>
    values.subarray(row * sampling.window, (row + 1) * sampling.window).every((value) => Number.isNaN(value)),
  );

/**
 * Every usable window of one pass, in time order.
 * @param infers whether samples that were not measured are inferred; then windows with holes are usable, the last value in the holes.
 */
export const windowsOf = (mission: Mission, assembled: readonly AssemblyItem[], infers = false): Window[] => {
  let state = initialWindows;
  const windows: Window[] = [];
  for (const item of assembled) {
    const step = assembleWindows(mission, state, item);
    state = step.state;
    const { window } = step;
    if (window === undefined || !isUsable(window, infers) || lacksParameter(window, mission)) continue;
    windows.push({ ...window, values: withoutHoles(window.values, mission.sampling.window) });
  }
  return windows;
};

/** Windows that a recording cannot give: whose samples were unusable, and how many spanned a gap. */
export interface Unusable {
  readonly byParameter: ReadonlyMap<string, number>;
  readonly gaps: number;
}

export const unusableOf = (mission: Mission, passes: readonly (readonly AssemblyItem[])[]): Unusable => {
  const byParameter = new Map<string, number>();
  let gaps = 0;
  for (const assembled of passes) {
    let state = initialWindows;
    for (const item of assembled) {
      const step = assembleWindows(mission, state, item);
      state = step.state;
      gaps += step.unscored;
      for (const id of step.window?.unusable ?? []) byParameter.set(id, (byParameter.get(id) ?? 0) + 1);
    }
  }
  return { byParameter, gaps };
};

/** A line for each reason; parameters of as many windows share one. */
export const describeUnusable = ({ byParameter, gaps }: Unusable): string[] => {
  const byCount = new Map<number, string[]>();
  for (const [id, windows] of byParameter) byCount.set(windows, [...(byCount.get(windows) ?? []), `"${id}"`]);
  return [
    ...[...byCount].map(
      ([windows, ids]) =>
        `${windows === 1 ? '1 window holds' : `${String(windows)} windows hold`} unusable samples of ${ids.length === 1 ? 'parameter' : 'parameters'} ${ids.join(', ')} (missing, stale, or outside the valid range)`,
    ),
    ...(gaps > 0 ? [gaps === 1 ? '1 window spans a gap' : `${String(gaps)} windows span a gap`] : []),
  ];
};

export interface NominalSplit {
  /** Scaling and covariances. */
  readonly shape: readonly Window[];
  /** Levels of the evidence and the nominal side of the calibration set. */
  readonly calibration: readonly Window[];
  /** p-values and thresholds: nothing else is fitted on these. One array a contiguous stretch. */
  readonly conformal: readonly (readonly Window[])[];
}

/**
 * Of eight stretches of a pass four shape the model, two calibrate it, and two are kept for p-values. They are mixed over time, so slow
 * drift meets all.
 */
const DEAL = ['shape', 'calibration', 'shape', 'conformal', 'shape', 'calibration', 'shape', 'conformal'] as const;
/** From this many recordings on, whole recordings are kept apart: how passes differ is what a threshold must survive. */
const MANY_PASSES = 4;
const WITHIN = ['shape', 'calibration', 'shape'] as const;
/** How the stretches of one recording are dealt out; of many recordings every second one is kept for p-values and thresholds. */
const dealOf = (pass: number, passes: number): readonly (typeof DEAL)[number][] =>
  passes < MANY_PASSES ? DEAL : pass % 2 === 1 ? ['conformal'] : WITHIN;

/** Below this many windows no quantile worth the name can be calibrated. */
export const FEWEST_WINDOWS = 64;

/** What to do when there are too few windows to fit anything. @param lost what made other windows unusable. */
export const tooFewWindows = (total: number, { sampling }: Mission, lost: readonly string[]): FdirError => {
  const frames = FEWEST_WINDOWS * sampling.stride + sampling.window;
  return new FdirError(
    'input',
    `the nominal recordings give ${String(total)} usable windows; at least ${String(FEWEST_WINDOWS)} are needed (about ${String(frames)} frames without gaps): record more, or shorten sampling.window or sampling.stride in the mission`,
    lost.map((message) => ({ message })),
  );
};

/** @throws FdirError `input` when there are too few windows to fit anything. */
export const splitNominal = (
  passes: readonly (readonly Window[])[],
  mission: Mission,
  /** What made other windows unusable, to be told when too few are left. */
  lost: readonly string[] = [],
): NominalSplit => {
  const total = passes.reduce((sum, pass) => sum + pass.length, 0);
  if (total < FEWEST_WINDOWS) throw tooFewWindows(total, mission, lost);
  // Windows of one stretch overlap those of the next: leave out as many as share frames.
  const { sampling } = mission;
  const overlap = Math.ceil(sampling.window / sampling.stride) - 1;
  const split = { shape: [] as Window[], calibration: [] as Window[], conformal: [] as Window[][] };
  passes.forEach((pass, number) => {
    const deal = dealOf(number, passes.length);
    const size = pass.length / deal.length;
    deal.forEach((share, index) => {
      const from = Math.round(index * size) + (index > 0 && size > 4 * overlap ? overlap : 0);
      const stretch = pass.slice(from, Math.round((index + 1) * size));
      if (share === 'conformal') split.conformal.push(stretch);
      else for (const window of stretch) split[share].push(window);
    });
  });
  if (
    split.shape.length === 0 ||
    split.calibration.length === 0 ||
    split.conformal.every((stretch) => stretch.length === 0)
  ) {
    throw new FdirError(
      'input',
      `the ${String(passes.length)} nominal recordings are too short to be dealt out: give at least one with ${String(DEAL.length)} usable windows or more`,
    );
  }
  return split;
};

/** Engineering values [parameters * frames] in nominal standard deviations from their mean. */
export const standardiseWindow = (
  values: ArrayLike<number>,
  { mean, std }: { readonly mean: ArrayLike<number>; readonly std: ArrayLike<number> },
  frames: number,
): Float64Array => {
  const out = new Float64Array(values.length);
  for (let at = 0, parameter = 0; at < out.length; parameter += 1)
    for (const end = at + frames; at < end; at += 1)
      out[at] = ((values[at] as number) - (mean[parameter] as number)) / (std[parameter] as number);
  return out;
};

/** Mean and standard deviation of each parameter over all frames of the windows [parameters, frames]; constant parameters get a deviation of 1 and are listed. */
export const scalingOf = (windows: readonly ArrayLike<number>[], parameters: number, frames: number) => {
  const mean = new Float64Array(parameters);
  const std = new Float64Array(parameters);
  const constant: number[] = [];
  const count = windows.length * frames;
  for (let p = 0; p < parameters; p += 1) {
    let sum = 0;
    for (const values of windows) for (let t = 0; t < frames; t += 1) sum += values[p * frames + t] as number;
    mean[p] = sum / count;
    let square = 0;
    for (const values of windows)
      for (let t = 0; t < frames; t += 1) square += ((values[p * frames + t] as number) - (mean[p] as number)) ** 2;
    std[p] = Math.sqrt(square / count);
    // float32 telemetry of a constant wobbles in the last digit.
    if ((std[p] as number) <= 1e-6 * Math.max(1e-3, Math.abs(mean[p] as number))) {
      constant.push(p);
      std[p] = 1;
    }
  }
  return { mean, std, constant };
};
