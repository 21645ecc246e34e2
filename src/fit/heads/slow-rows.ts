/** What slow heads judge: running means of the scored parameters, given those of the conditions at every span. */
import { SPANS, SUMMARIES, SUMMARY } from '../../core/telemetry/summaries';
import type { Scaling } from '../graph/front';
import { unitsOf, type Layout } from '../layout';

export interface SlowShape {
  /** Index into `SPANS`. */
  readonly span: number;
  /** Where each number of the row lies in the flattened summaries [parameters * SUMMARIES]. */
  readonly sources: readonly number[];
  /** Parameter of each number. */
  readonly parameters: readonly number[];
  /** Numbers of each unit within the row. */
  readonly units: readonly (readonly number[])[];
}

/** Undefined where a parameter would have nothing to be compared with. */
export const slowShape = (layout: Layout, span: number): SlowShape | undefined => {
  const scored = Array.from({ length: layout.parameters }, (_, index) => index).filter(
    (index) => !layout.conditions.includes(index),
  );
  if (scored.length < 2) return undefined;
  const at = (parameter: number, of: number): number => parameter * SUMMARIES + (SUMMARY.mean[of] ?? 0);
  const parameters = [...scored, ...layout.conditions.flatMap((parameter) => SPANS.map(() => parameter))];
  const sources = [
    ...scored.map((parameter) => at(parameter, span)),
    ...layout.conditions.flatMap((parameter) => SPANS.map((_, of) => at(parameter, of))),
  ];
  return {
    span,
    sources,
    parameters,
    units: unitsOf(layout).map((unit) => unit.map((parameter) => scored.indexOf(parameter))),
  };
};

/** The row of a window, standardised. */
export const slowRow = (
  { sources, parameters }: SlowShape,
  memory: ArrayLike<number>,
  { mean, std }: Scaling,
): Float64Array =>
  Float64Array.from(
    sources,
    (source, index) =>
      ((memory[source] as number) - (mean[parameters[index] ?? 0] as number)) / (std[parameters[index] ?? 0] as number),
  );
