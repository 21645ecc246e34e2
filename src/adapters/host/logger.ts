/** The running log: JSON lines on stderr, for journald and for people with `jq`. */
import pino, { type Logger } from 'pino';
import { logLimiter } from './running-log-limiter';

export type { Logger } from 'pino';

/** Of one kind in a minute; systemd/README.md tells it to operators. */
const MAX_LINES = 10;
const PERIOD_MS = 60_000;
/** Of pino. */
const FATAL = 60;
const MESSAGE_AT = { textFirst: 0, objectFirst: 1 } as const;

/** The same line with a word about those that were, or will be, held back. */
const withNote = (args: readonly unknown[], note: object): [object, string] => {
  const [first, second] = args;
  return typeof first === 'string'
    ? [note, first]
    : [{ ...(first as object), ...note }, typeof second === 'string' ? second : ''];
};

/** Synchronous, so that the last line before an exit is not lost. `fatal` is never held back. */
export const createLogger = (level = 'info'): Logger => {
  const admit = logLimiter({ most: MAX_LINES, periodMs: PERIOD_MS, now: () => Date.now() });
  return pino(
    {
      base: null,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: {
        logMethod: function (args, method, levelNumber) {
          const text: unknown = args[typeof args[0] === 'string' ? MESSAGE_AT.textFirst : MESSAGE_AT.objectFirst];
          const { isAdmitted, isLast, heldBack } = admit(levelNumber, typeof text === 'string' ? text : '');
          if (levelNumber >= FATAL || (isAdmitted && !isLast && heldBack === 0)) {
            method.apply(this, args);
          } else if (isAdmitted) {
            method.apply(this, withNote(args, isLast ? { heldBackForAMinute: true } : { heldBack }));
          }
        },
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
};
