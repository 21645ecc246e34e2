/** The wall clock, and one that starts from it and is not moved when it is set. */
import { interval } from 'rxjs';
import type { Clock } from '../../pipeline/ports';

export const systemClock: Clock = {
  now: () => Date.now(),
  every: (periodMs) => interval(periodMs),
};

const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/**
 * Deadlines are counted on this one: a wall clock that is set must neither let requests expire nor let old ones leave. How far the
 * two are apart is told, and gone on with from the wall clock at the next start.
 */
export const steadyClock = (wall: () => number = Date.now, monotonic: () => number = monotonicMs): Clock => {
  const offset = wall() - monotonic();
  const now = (): number => monotonic() + offset;
  return { now, every: (periodMs) => interval(periodMs), stepMs: () => wall() - now() };
};
