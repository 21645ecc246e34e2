/**
 * Keeps a flood of one thing from drowning the others, and recovers by itself: a token bucket. What is suppressed is counted.
 * A throttle that never opens again hides the next fault; this one gives a token back every `everyMs`.
 */
import { refill, type Tokens } from './token-bucket';

export interface Squelch extends Tokens {
  readonly suppressed: number;
}

export interface SquelchLimits {
  readonly burst: number;
  readonly everyMs: number;
}

export const openSquelch = ({ burst }: SquelchLimits, time: number): Squelch => ({
  tokens: burst,
  at: time,
  suppressed: 0,
});

/** Takes one through, or counts it as suppressed. */
export const squelch = (
  { burst, everyMs }: SquelchLimits,
  { tokens, at, suppressed }: Squelch,
  time: number,
): { readonly passes: boolean; readonly state: Squelch } => {
  const refilled = refill({ burst, perSecond: 1000 / everyMs }, { tokens, at }, time);
  return refilled >= 1
    ? { passes: true, state: { tokens: refilled - 1, at: time, suppressed } }
    : { passes: false, state: { tokens: refilled, at: time, suppressed: suppressed + 1 } };
};
