/**
 * Which troubles of a database pass by themselves. A server that starts, recovers, ends or is full is waited for. A wrong password, name
 * or address is not: nobody would notice that the worker waits for ever.
 *
 * Codes are those of PostgreSQL (appendix A of its manual, SQLSTATE) and of the operating system.
 */

/** Classes of SQLSTATE: connection exceptions, rollbacks of transactions, insufficient resources. */
const PASSING_CLASSES = ['08', '40', '53'];
const PASSING_STATES = new Set([
  '55P03', // lock_not_available
  '57014', // query_canceled: statement_timeout, behind another worker that prepares the database
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: it starts, recovers or ends
  '57P05', // idle_session_timeout
]);
/** Nothing listens there now, or what listened has ended. */
const PASSING_SYSTEM = new Set(['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE']);
/** What the package says without a code: the server ended while it was spoken to. */
const ENDED = /^(Connection terminated|Client has encountered a connection error|Query read timeout)/;
/** What it says when nobody answered in time. */
const SILENCE =
  /timeout exceeded when trying to connect|timeout expired|Connection terminated due to connection timeout/;
const SYSTEM_SILENCE = 'ETIMEDOUT';
const SQLSTATE = /^[0-9A-Z]{5}$/;

interface Coded {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly errors?: unknown;
}

/** A name with several addresses has an error for each. */
const partsOf = (error: unknown): readonly Coded[] => {
  const coded = (typeof error === 'object' && error !== null ? error : {}) as Coded;
  return Array.isArray(coded.errors) && coded.errors.length > 0 ? (coded.errors as readonly Coded[]) : [coded];
};

const textOf = ({ message }: Coded): string => (typeof message === 'string' ? message : '');

/** Whether nobody answered: the address may be wrong, or the server busy. */
export const isSilence = (error: unknown): boolean =>
  partsOf(error).some((part) => part.code === SYSTEM_SILENCE || SILENCE.test(textOf(part)));

/** Whether the trouble passes by itself, and the database is to be tried again. */
export const isPassing = (error: unknown): boolean =>
  partsOf(error).some((part) => {
    const code = typeof part.code === 'string' ? part.code : '';
    if (code === '') return ENDED.test(textOf(part)) && !isSilence(part);
    if (PASSING_SYSTEM.has(code)) return true;
    return SQLSTATE.test(code) && (PASSING_STATES.has(code) || PASSING_CLASSES.includes(code.slice(0, 2)));
  });
