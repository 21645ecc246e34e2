/** Levels: means of the parameters over windows, and over stretches of them. */
import type { Window } from '../domain/telemetry';
import type { Scaling } from './graph/front';
import type { Layout } from './layout';
import { meanOf } from './math/dense';

/** Means of the parameters over each window, standardised, [windows] of [parameters]. */
export const levelsOf = (
  windows: readonly Window[],
  { parameters, frames }: Layout,
  { mean, std }: Scaling,
): Float64Array[] =>
  windows.map(({ values }) =>
    Float64Array.from({ length: parameters }, (_, parameter) => {
      let sum = 0;
      for (let t = 0; t < frames; t += 1) sum += values[parameter * frames + t] as number;
      return (sum / frames - (mean[parameter] as number)) / (std[parameter] as number);
    }),
  );

/** Mean levels over so many stretches of equal length, in the order of the rows, [stretches] of [parameters]. */
export const stretchesOf = (levels: readonly Float64Array[], stretches: number): Float64Array[] =>
  Array.from({ length: stretches }, (_, at) =>
    meanOf(
      levels.slice(Math.floor((at * levels.length) / stretches), Math.floor(((at + 1) * levels.length) / stretches)),
      levels[0]?.length ?? 0,
    ),
  );
