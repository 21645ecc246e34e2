/** Reads the log, also while a daemon writes it. Knows SQL, and not the SQLite package. */
import { alarmSchema, type Alarm } from '../../domain/alarm';
import { recoveryRequestSchema, type RecoveryRequest } from '../../domain/events';
import type { EventFilter, LoggedEvent } from '../../domain/daemon-event';
import { explanationSchema, type Explanation } from '../../domain/explanation';
import {
  anomalyRowSchema,
  MAX_ROWS,
  operatorVerdicts,
  verdictRecordSchema,
  type AnomalyPage,
  type AnomalyRow,
  type LogFilter,
  type LogHistogram,
  type LogPage,
  type VerdictRecord,
} from '../../domain/log-query';
import type { NoteRecord } from '../../domain/note';
import type { History, HistoryFilter } from '../../domain/history';
import type { OnboardEvent } from '../../domain/onboard-event';
import type { TelecommandRecord } from '../../domain/telecommand';
import { recoverySchema, recoveryStepSchema } from '../../domain/recovery';
import { isoTime } from '../../domain/units';
import type { ShiftRange, ShiftRecords } from '../../core/report/shift-records';
import { frameFromBytes } from '../../core/anomaly/frame-bytes';
import { readEvents, type EventPage } from './log-events';
import { readNotes } from './log-notes';
import { readHistory } from './log-history';
import { readReportLog, readTelecommandLog, type SentFilter } from './log-commands';
import { cursorOf, fromWhere, KEYS_PER_MS, LATEST, pageQuery } from './log-list';
import { readShift } from './log-shift';
import { statsOf, type LogStats } from './log-stats';
import { LedgerReader, type ShownRecovery } from './sqlite-ledger';
import type { Tables } from './sqlite-tables';

/** One anomaly with everything that came of it. */
export interface LoggedAnomaly {
  /** In order; the last one stands. */
  readonly revisions: readonly Explanation[];
  readonly actions: readonly RecoveryRequest[];
}

export interface LoggedAccount extends LoggedAnomaly {
  readonly recoveries: readonly ShownRecovery[];
  /** Alarms whose causes name it, or that point to it. */
  readonly alarms: readonly Alarm[];
  /** Newest first. */
  readonly verdicts: readonly VerdictRecord[];
  /** What people wrote on it, newest first. */
  readonly notes: readonly NoteRecord[];
}

/** Of one anomaly: more is a discussion, and "fdir note list" has all of it. */
const MAX_NOTES = 100;
/** A page that is read while a client takes its time: no read lasts. */
const BATCH_ROWS = 500;

const recordOf = (row: unknown): unknown => JSON.parse((row as { readonly record: string }).record);

/** A revision as it was written: what older versions kept in the record, later ones keep as bytes. */
const explanationOf = (row: unknown): Explanation => {
  const { record, frame } = row as { readonly record: string; readonly frame: Uint8Array | null };
  const read = JSON.parse(record) as { freezeFrame: { surroundings?: object } };
  if (frame === null) return explanationSchema.parse(read);
  const { surroundings: values, ...series } = frameFromBytes(frame);
  const surroundings = values && { ...read.freezeFrame.surroundings, parameters: values };
  return explanationSchema.parse({
    ...read,
    freezeFrame: { ...read.freezeFrame, ...series, ...(surroundings && { surroundings }) },
  });
};

const rowOf = (row: unknown): AnomalyRow => {
  const read = row as { readonly verdict: string };
  return anomalyRowSchema.parse({ ...read, verdict: operatorVerdicts.find((word) => word === read.verdict) ?? null });
};

/** Which anomalies are listed whole; left out: all. */
export interface AnomalyFilter {
  /** Started at or after this time, ISO 8601. */
  readonly since?: string | undefined;
  readonly equipment?: string | undefined;
  readonly fault?: string | undefined;
  readonly limit?: number | undefined;
}

const REVISIONS = `SELECT record, frame FROM anomaly
  WHERE id = @id AND run = (SELECT run FROM anomaly_latest WHERE id = @id) ORDER BY revision`;
const ACTIONS = `SELECT record FROM action
  WHERE explanation_id = @id AND run = (SELECT run FROM anomaly_latest WHERE id = @id) ORDER BY time, id`;

export class LogReader {
  /** Recoveries, alarms and what people did. */
  readonly ledger: LedgerReader;

  constructor(protected readonly tables: Tables) {
    this.ledger = new LedgerReader(tables);
  }

  list(filter: LogFilter, page: LogPage): AnomalyPage {
    const { sql, parameters } = pageQuery(this.tables, filter, page);
    const rows = this.tables.prepare(sql).all(parameters) as Readonly<Record<string, unknown>>[];
    const items = rows.slice(0, page.limit);
    const last = items.at(-1);
    const hasMore = rows.length > page.limit && last !== undefined;
    return { items: items.map(rowOf), next: hasMore ? cursorOf(page.sort, last) : null };
  }

  /** The newest `limit` entries of the time line that pass, newest first. */
  history(filter: HistoryFilter, limit: number): History {
    return readHistory(this.tables, filter, limit);
  }

  /** Which equipments, or fault classes, anomalies of the log have; in order. */
  namesOf(column: 'equipment' | 'fault'): readonly string[] {
    const rows = this.tables.prepare(`SELECT DISTINCT ${column} AS name FROM anomaly_latest ORDER BY name`).all({});
    return rows.map((row) => (row as { readonly name: string }).name);
  }

  /** One anomaly as a list shows it. */
  latestAnomaly(id: string): AnomalyRow | undefined {
    const row = this.tables.prepare(LATEST).get({ id });
    return row === undefined ? undefined : rowOf(row);
  }

  /** Everything that passes, some rows at a time, in the order of start. */
  *batches(filter: LogFilter, order: 'asc' | 'desc' = 'asc'): Generator<readonly AnomalyRow[], void, undefined> {
    for (let cursor: string | undefined, isLast = false; !isLast;) {
      const { items, next } = this.list(filter, { sort: 'start', order, limit: BATCH_ROWS, cursor });
      yield items;
      cursor = next ?? undefined;
      isLast = next === null;
    }
  }

  count(filter: LogFilter): number {
    const { sql, parameters } = fromWhere(this.tables, filter);
    const row = this.tables.prepare(`SELECT count(*) AS total ${sql}`).get(parameters);
    return (row as { readonly total: number }).total;
  }

  /** How many anomalies started when, from the first to the last that passes. */
  histogram(filter: LogFilter, buckets: number): LogHistogram {
    const { sql, parameters, key } = fromWhere(this.tables, filter);
    const ends = this.tables.prepare(`SELECT min(${key}) AS first, max(${key}) AS last ${sql}`).get(parameters) as {
      readonly first: number | null;
      readonly last: number | null;
    };
    if (ends.first === null || ends.last === null)
      return { from: null, to: null, bucketSeconds: 0, counts: [], total: 0 };
    const first = filter.since === undefined ? ends.first : Date.parse(filter.since) * KEYS_PER_MS;
    const end = filter.until === undefined ? ends.last + KEYS_PER_MS : Date.parse(filter.until) * KEYS_PER_MS;
    const width = Math.max(1, Math.ceil((end - first) / buckets));
    const rows = this.tables
      .prepare(
        `SELECT CAST((${key} - @first) / @width AS INTEGER) AS bucket, count(*) AS counted ${sql} GROUP BY bucket`,
      )
      .all({ ...parameters, first, width }) as { bucket: number; counted: number }[];
    const counts = new Array<number>(buckets).fill(0);
    for (const { bucket, counted } of rows) counts[bucket] = counted;
    const timeOf = (at: number): string => isoTime(Math.floor(at / KEYS_PER_MS));
    return {
      from: timeOf(first),
      to: timeOf(first + width * buckets),
      bucketSeconds: width / KEYS_PER_MS / 1000,
      counts,
      total: counts.reduce((sum, counted) => sum + counted, 0),
    };
  }

  /** Newest revisions as they were published, newest anomaly first. */
  listAnomalies({ since, equipment, fault, limit = MAX_ROWS }: AnomalyFilter = {}): readonly Explanation[] {
    const { sql, parameters, key } = fromWhere(this.tables, {
      ...(since !== undefined && { since }),
      ...(equipment !== undefined && { equipment: [equipment] }),
      ...(fault !== undefined && { fault: [fault] }),
    });
    return this.tables
      .prepare(
        `SELECT n.record, n.frame FROM (SELECT a.run, a.id, a.revision, ${key} AS place ${sql} ORDER BY ${key} DESC LIMIT @limit) l
         JOIN anomaly n ON n.run = l.run AND n.id = l.id AND n.revision = l.revision ORDER BY l.place DESC`,
      )
      .all({ ...parameters, limit })
      .map(explanationOf);
  }

  /** Undefined when there is no anomaly of that id. */
  showAnomaly(id: string): LoggedAnomaly | undefined {
    const revisions = this.tables.prepare(REVISIONS).all({ id });
    if (revisions.length === 0) return undefined;
    const actions = this.tables.prepare(ACTIONS).all({ id });
    return {
      revisions: revisions.map(explanationOf),
      actions: actions.map((row) => recoveryRequestSchema.parse(recordOf(row))),
    };
  }

  /** The same with what came of it. */
  account(id: string): LoggedAccount | undefined {
    const shown = this.showAnomaly(id);
    if (shown === undefined) return undefined;
    const recoveries = this.tables
      .prepare('SELECT record FROM recovery WHERE explanation_id = @id ORDER BY started_at, id')
      .all({ id })
      .map((row) => recoverySchema.parse(recordOf(row)));
    const stepsOf = this.tables.prepare(
      'SELECT record FROM recovery_step WHERE recovery = @recovery ORDER BY sequence',
    );
    const alarms = this.tables
      .prepare(
        `SELECT record FROM alarm WHERE json_extract(record, '$.explanationId') = @id
           OR (state IN ('pending', 'triggered', 'acknowledged', 'returned')
             AND EXISTS (SELECT 1 FROM json_each(record, '$.causes') WHERE json_each.key = @id)) ORDER BY changed_at`,
      )
      .all({ id })
      .map((row) => alarmSchema.parse(recordOf(row)));
    return {
      ...shown,
      recoveries: recoveries.map((recovery) => ({
        recovery,
        steps: stepsOf.all({ recovery: recovery.id }).map((row) => recoveryStepSchema.parse(recordOf(row))),
      })),
      alarms,
      verdicts: this.verdicts(id),
      notes: readNotes(this.tables, { about: 'anomaly', target: id, limit: MAX_NOTES }),
    };
  }

  /** How often each rule answered, by the state its recoveries are in, and when last. */
  ruleCounts(): ReadonlyMap<
    string,
    { readonly states: Readonly<Record<string, number>>; readonly lastFiring: string }
  > {
    const rows = this.tables
      .prepare('SELECT rule, state, count(*) AS counted, max(started_at) AS last FROM recovery GROUP BY rule, state')
      .all({}) as { rule: string; state: string; counted: number; last: string }[];
    const counts = new Map<string, { states: Record<string, number>; lastFiring: string }>();
    for (const { rule, state, counted, last } of rows) {
      const before = counts.get(rule) ?? { states: {}, lastFiring: last };
      const lastFiring = last > before.lastFiring ? last : before.lastFiring;
      counts.set(rule, { states: { ...before.states, [state]: counted }, lastFiring });
    }
    return counts;
  }

  /** Daemon events, the newest first unless `order` says otherwise. */
  events(filter: EventFilter, { limit, order = 'desc' }: EventPage): readonly LoggedEvent[] {
    return readEvents(this.tables, filter, { limit, order });
  }

  /** Telecommands that were sent, newest first. */
  telecommands(filter: SentFilter): readonly TelecommandRecord[] {
    return readTelecommandLog(this.tables, filter);
  }

  /** What the spacecraft itself reported, newest first. */
  reports(filter: SentFilter): readonly OnboardEvent[] {
    return readReportLog(this.tables, filter);
  }

  /** What the report of a shift is made of. */
  shift(range: ShiftRange): ShiftRecords {
    return readShift(this.tables, range);
  }

  stats(filter: LogFilter): LogStats {
    return statsOf(this.tables, filter);
  }

  /** What people said of an anomaly, newest first. */
  verdicts(id: string): readonly VerdictRecord[] {
    return this.tables
      .prepare(
        `SELECT wall_time AS time, anomaly, by, verdict, comment FROM verdict WHERE anomaly = @id ORDER BY sequence DESC`,
      )
      .all({ id })
      .map((row) => verdictRecordSchema.parse(row));
  }
}
