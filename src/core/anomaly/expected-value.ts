/**
 * What the other parameters imply of one, moved to what it can take. A regression extrapolates: if the others lie outside of what fitting
 * saw, it may imply a speed that no wheel reaches, or a negative current.
 */
import type { ObservedRange } from '../../domain/manifest';

export interface ExpectedValue {
  readonly expected: number;
  /** The end of the nominal range that the implied value lies beyond, and was moved to. */
  readonly bound?: 'low' | 'high';
}

const within = (value: number, [low, high]: readonly [number, number]): number => Math.min(high, Math.max(low, value));

/** What can be expected of a parameter: within its valid range, within what fitting saw of it, and of levels the nearest one. */
export const expectedValue = (
  implied: number,
  valid: readonly [number, number] | undefined,
  observed: ObservedRange | undefined,
): ExpectedValue => {
  const seen = observed === undefined ? implied : within(implied, [observed.low, observed.high]);
  const possible = valid === undefined ? seen : within(seen, valid);
  const { levels = [], low, high } = observed ?? {};
  const [first] = levels;
  if (first !== undefined) {
    const closer = (nearest: number, level: number): number =>
      Math.abs(level - possible) < Math.abs(nearest - possible) ? level : nearest;
    return { expected: levels.reduce(closer, first) };
  }
  // Of a parameter that never changed there is one value to expect, and no range.
  if (seen === implied || low === high) return { expected: possible };
  return { expected: possible, bound: seen === low ? 'low' : 'high' };
};

/** So far outside of what fitting saw, as a share of that range, is plain to see. */
export const PLAINLY_OUTSIDE = 0.1;

/** How far a value lies outside of what fitting saw, as a share of that range; 0 inside. */
export const outsideOf = (value: number, { low, high }: ObservedRange): number => {
  const distance = Math.max(0, low - value, value - high);
  return distance === 0 ? 0 : distance / Math.max(1e-12, high - low);
};
