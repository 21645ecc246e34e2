/** A series as one line of text. */

/** Rising; for terminals that show Unicode, and for those that do not. */
const BLOCKS = '▁▂▃▄▅▆▇█';
const ASCII = '_.-=+*#@';
const GAP = ' ';

export interface SparklineOptions {
  readonly width: number;
  readonly isUnicode: boolean;
}

/** The mean of each stretch of the series; null where nothing was measured. */
const stretches = (values: readonly (number | null)[], width: number): readonly (number | null)[] => {
  const length = Math.min(width, values.length);
  const edge = (index: number): number => Math.floor((index * values.length) / length);
  return Array.from({ length }, (_, index) => {
    const own = values.slice(edge(index), edge(index + 1)).filter((value) => value !== null);
    return own.length === 0 ? null : own.reduce((sum, value) => sum + value, 0) / own.length;
  });
};

/** From the lowest to the highest value; a series that does not change lies in the middle. */
export const sparkline = (values: readonly (number | null)[], { width, isUnicode }: SparklineOptions): string => {
  const shades = isUnicode ? BLOCKS : ASCII;
  const means = stretches(values, width);
  const known = means.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return means
    .map((value) => {
      if (value === null) return GAP;
      const share = high === low ? 0.5 : (value - low) / (high - low);
      return shades[Math.min(shades.length - 1, Math.floor(share * shades.length))] ?? GAP;
    })
    .join('');
};
