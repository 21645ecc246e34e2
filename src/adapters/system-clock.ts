/** The wall clock. */
import { interval } from 'rxjs';
import type { Clock } from '../pipeline/ports';

export const systemClock: Clock = {
  now: () => Date.now(),
  every: (periodMs) => interval(periodMs),
};
