/** The running log: JSON lines on stderr, for journald and for people with `jq`. */
import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

/** Synchronous, so that the last line before an exit is not lost. */
export const createLogger = (level = 'info'): Logger =>
  pino({ base: null, level, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));
