/** The range that nominal telemetry had, beyond which a model only extrapolates. */

/** Lowest and highest of each number of a row. */
export interface NominalRange {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/**
 * @param parameterOf of each number; a level that goes one way has no range, for it goes on. @param wander [parameters].
 * @param from where the numbers begin in each row.
 */
export const rangeOf = (
  rows: readonly ArrayLike<number>[],
  parameterOf: readonly number[],
  wander: Float64Array,
  from = 0,
): NominalRange => {
  const low = new Float64Array(parameterOf.length).fill(Infinity);
  const high = new Float64Array(parameterOf.length).fill(-Infinity);
  for (const row of rows)
    for (let i = 0; i < low.length; i += 1) {
      low[i] = Math.min(low[i] as number, row[from + i] as number);
      high[i] = Math.max(high[i] as number, row[from + i] as number);
    }
  parameterOf.forEach((parameter, i) => {
    if ((wander[parameter] ?? 0) === 0) return;
    low[i] = -Infinity;
    high[i] = Infinity;
  });
  return { low, high };
};

/** The range of each parameter for all samples of its own: what it did at one place of a window it may do at another. */
export const rangeOfSamples = (
  rows: readonly ArrayLike<number>[],
  parameterOf: readonly number[],
  wander: Float64Array,
): NominalRange => {
  const { low, high } = rangeOf(rows, parameterOf, wander);
  const most = new Map<number, { low: number; high: number }>();
  parameterOf.forEach((parameter, i) => {
    const own = most.get(parameter) ?? { low: Infinity, high: -Infinity };
    most.set(parameter, { low: Math.min(own.low, low[i] as number), high: Math.max(own.high, high[i] as number) });
  });
  return {
    low: Float64Array.from(parameterOf, (parameter) => most.get(parameter)?.low ?? -Infinity),
    high: Float64Array.from(parameterOf, (parameter) => most.get(parameter)?.high ?? Infinity),
  };
};
