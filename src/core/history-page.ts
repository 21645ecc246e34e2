/** Pages of the time line, newest first. Entries of one instant have no other order than that of the reader, so a cursor counts them. */
import { FdirError } from '../domain/errors';
import type { History, HistoryEntry, HistoryFilter } from '../domain/history';
import { isoTime } from '../domain/units';
import { parseTimeText } from './telemetry/packet-time';

/** Entries of one instant that a cursor can step over. */
const MAX_SKIPPED = 10_000;

export interface HistoryPage {
  readonly items: readonly HistoryEntry[];
  /** `cursor` of the next page; null on the last. */
  readonly next: string | null;
  /** As of `History`. */
  readonly completeSince: string | null;
}

/** Where a page begins: at this time, milliseconds, after so many entries of it. */
interface Place {
  readonly time: number;
  readonly skip: number;
}

/** `2026-03-01T00:01:00Z~2`. @throws FdirError `usage` for what no page gave. */
const placeOf = (cursor: string): Place => {
  const [text = '', count = ''] = cursor.split('~', 2);
  const time = parseTimeText(text);
  const skip = /^\d{1,5}$/.test(count) ? Number(count) : NaN;
  if (time === undefined || !(skip <= MAX_SKIPPED))
    throw new FdirError('usage', `cursor "${cursor}" is of no page of the history: give "next" of the page before`);
  return { time, skip };
};

const nextOf = (items: readonly HistoryEntry[], before: Place | undefined): string => {
  const last = Date.parse(items.at(-1)?.time ?? '');
  const same = items.filter(({ time }) => Date.parse(time) === last).length;
  return `${isoTime(last)}~${String(same + (before?.time === last ? before.skip : 0))}`;
};

/** The filter up to a place, and with the entries of its instant. */
const upTo = (filter: HistoryFilter, { time }: Place): HistoryFilter => {
  const until = time + 1;
  const isEarlier = filter.until !== undefined && Date.parse(filter.until) < until;
  return isEarlier ? filter : { ...filter, until: isoTime(until) };
};

/**
 * @param read the newest entries that pass, newest first.
 * @throws FdirError `usage` for a cursor that no page gave.
 */
export const historyPage = (
  read: (filter: HistoryFilter, limit: number) => History,
  filter: HistoryFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): HistoryPage => {
  const place = cursor === undefined ? undefined : placeOf(cursor);
  const skip = place?.skip ?? 0;
  // One more than is shown tells whether there are more.
  const { entries, completeSince } = read(place === undefined ? filter : upTo(filter, place), skip + limit + 1);
  const found = entries.slice(skip);
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? nextOf(items, place) : null, completeSince };
};
