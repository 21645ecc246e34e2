/** Telecommands and on-board reports of the log, as people ask for them. */
import { onboardEventSchema, type OnboardEvent } from '../../domain/onboard-event';
import { telecommandRecordSchema, type TelecommandRecord } from '../../domain/telecommand';
import type { Tables } from './sqlite-tables';

export interface SentFilter {
  /** At or after, and before: ISO 8601, packet time. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly name?: string | undefined;
  /** The newest so many. */
  readonly limit: number;
}

/** Of a fleet, names begin with their spacecraft: `SAT-001/HEATER_ON`. */
const recordsOf = (
  tables: Tables,
  table: 'telecommand' | 'onboard_event',
  { since = '', until = '\uffff', name, limit }: SentFilter,
): readonly unknown[] =>
  tables
    .prepare(
      `SELECT name, record FROM ${table} WHERE time >= @since AND time < @until ${name === undefined ? '' : 'AND name = @name'}
       ORDER BY time DESC, sequence DESC LIMIT @limit`,
    )
    .all({ since, until, limit, ...(name !== undefined && { name }) })
    .map((row) => {
      const { name: logged, record } = row as { readonly name: string; readonly record: string };
      return { ...(JSON.parse(record) as object), name: logged };
    });

/** Newest first. */
export const readTelecommandLog = (tables: Tables, filter: SentFilter): readonly TelecommandRecord[] =>
  recordsOf(tables, 'telecommand', filter).map((record) => telecommandRecordSchema.parse(record));

/** Newest first. */
export const readReportLog = (tables: Tables, filter: SentFilter): readonly OnboardEvent[] =>
  recordsOf(tables, 'onboard_event', filter).map((record) => onboardEventSchema.parse(record));
