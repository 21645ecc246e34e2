/** Reads the daemon events of a log. Knows SQL, and not the SQLite package. */
import { readEventRow, type EventRow } from '../../core/daemon-events';
import type { EventFilter, LoggedEvent } from '../../domain/daemon-event';
import type { Tables } from './sqlite-tables';

export interface EventPage {
  readonly limit: number;
  /** By time of noting: `desc` is the newest first. Default: `desc`. */
  readonly order?: 'asc' | 'desc';
}

/** Times with and without fractions of a second do not sort as text. */
const MILLISECONDS = "CAST(round(unixepoch(wall_time, 'subsec') * 1000) AS INTEGER)";

export const readEvents = (
  tables: Tables,
  { since, until, kinds, after, before }: EventFilter,
  { limit, order = 'desc' }: EventPage,
): readonly LoggedEvent[] => {
  const conditions = [
    ...(since === undefined ? [] : [`${MILLISECONDS} >= @since`]),
    ...(until === undefined ? [] : [`${MILLISECONDS} < @until`]),
    ...(after === undefined ? [] : ['sequence > @after']),
    ...(before === undefined ? [] : ['sequence < @before']),
    // A list of any length as one parameter.
    ...(kinds === undefined ? [] : ['kind IN (SELECT value FROM json_each(@kinds))']),
  ];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const rows = tables
    .prepare(
      `SELECT sequence, run, wall_time AS time, kind, detail FROM daemon_event ${where} ORDER BY sequence ${order} LIMIT @limit`,
    )
    .all({
      limit,
      ...(since !== undefined && { since: Date.parse(since) }),
      ...(until !== undefined && { until: Date.parse(until) }),
      ...(after !== undefined && { after }),
      ...(before !== undefined && { before }),
      ...(kinds !== undefined && { kinds: JSON.stringify(kinds) }),
    });
  return (rows as readonly EventRow[]).map(readEventRow);
};
