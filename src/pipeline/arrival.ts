/** What every arrival has, said once. */
import type { Arrival } from './ports';

/** An arrival that brings what is given. It brings no telemetry, more follows, and nobody waits for its end, unless `brought` says otherwise. */
export const arrivalOf = (brought: Partial<Arrival>): Arrival => ({
  frames: [],
  drops: [],
  isLast: false,
  acknowledge: () => undefined,
  ...brought,
});
