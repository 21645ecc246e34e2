/** Filters of the log as people write them, on the command line and on the page alike. */
import { FdirError } from '../domain/errors';
import { logFilterSchema, type LogFilter } from '../domain/log-query';
import { isoTime, parseDuration } from '../domain/units';
import { parseTimeText } from './telemetry/packet-time';

/** What is given for each filter; what is undefined lets everything pass. */
export type GivenFilter = Readonly<Partial<Record<keyof LogFilter, unknown>>>;

/** @returns undefined when it is neither a duration back from now nor a time. */
const timeOf = (text: unknown, now: number): number | undefined => {
  if (typeof text !== 'string') return undefined;
  const back = parseDuration(text);
  if (back !== undefined) return now - back;
  // A date alone is its beginning.
  return parseTimeText(text) ?? parseTimeText(`${text}T00:00:00Z`);
};

/**
 * @param now wall clock, milliseconds: `2h` is two hours before it.
 * @param nameOf how the one who asks calls a filter.
 * @throws FdirError `usage` for what nothing can pass.
 */
export const readLogFilter = (
  given: GivenFilter,
  now: number,
  nameOf: (filter: string) => string = (filter) => filter,
): LogFilter => {
  const entries = Object.entries(given).flatMap(([name, value]): [string, unknown][] => {
    if (value === undefined) return [];
    if (name !== 'since' && name !== 'until') return [[name, value]];
    const time = timeOf(value, now);
    if (time === undefined) {
      throw new FdirError(
        'usage',
        `${nameOf(name)} "${String(value)}" is no time: give 2h, 30d, 2026-03-01, or 2026-03-01T04:12:08Z`,
      );
    }
    return [[name, isoTime(time)]];
  });
  const read = logFilterSchema.safeParse(Object.fromEntries(entries));
  if (read.success) return read.data;
  throw new FdirError(
    'usage',
    read.error.issues.map(({ path, message }) => `${nameOf(path.join('.'))}: ${message}`).join('\n'),
  );
};
