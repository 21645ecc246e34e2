/** The explanation log in SQLite; the only file that knows better-sqlite3. */
import { existsSync } from 'node:fs';
import Database, { type Statement } from 'better-sqlite3';
import { recoveryRequestSchema, type PipelineEvent, type RecoveryRequest } from '../domain/events';
import { FdirError } from '../domain/errors';
import { explanationSchema, type Explanation } from '../domain/explanation';
import type { Kept, LedgerEntry } from '../domain/ledger';
import { isoTime } from '../domain/units';
import type { ExplanationLog } from '../pipeline/ports';
import type { Outbox } from './once-store';
import { LedgerReader, LedgerWriter } from './sqlite-ledger';
import { SqliteOutbox } from './sqlite-outbox';
import {
  DELETE_BEFORE,
  INSERT,
  MIGRATIONS,
  SCHEMA_VERSION,
  SELECT_ACTIONS,
  SELECT_LATEST,
  SELECT_NEWEST,
  SELECT_OLDEST_TENTH,
  SELECT_REVISIONS,
} from './sqlite-schema';

/** Which anomalies are listed; left out: all. */
export interface AnomalyFilter {
  /** Started at or after this time, ISO 8601. */
  readonly since?: string | undefined;
  readonly equipment?: string | undefined;
  readonly fault?: string | undefined;
  readonly limit?: number | undefined;
}

/** One anomaly with its history. */
export interface LoggedAnomaly {
  /** In order; the last one stands. */
  readonly revisions: readonly Explanation[];
  readonly actions: readonly RecoveryRequest[];
}

/** What the log may keep; left out: everything. */
export interface Retention {
  readonly ageMs?: number | undefined;
  readonly sizeBytes?: number | undefined;
}

/** Each round takes a tenth: after so many a thousandth is left, and a log that is still too large has too small a size. */
const MOST_PRUNING_ROUNDS = 64;
/** A list longer than this is not read by a person; the newest come first. */
const LIST_LIMIT = 1000;
/** The log and a reader of it (`fdir log list`) may meet; the other is done in milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

const checkVersion = (database: Database.Database, path: string): number => {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > SCHEMA_VERSION) {
    throw new FdirError('input', `${path} was written by a later version of fdir (schema ${String(version)})`);
  }
  return version;
};

/** A copy of the file as it is, beside it; an earlier copy is never overwritten. */
const backUp = (database: Database.Database, path: string, version: number): void => {
  for (let number = 1; ; number += 1) {
    const copy = `${path}.v${String(version)}-backup${number === 1 ? '' : `-${String(number)}`}`;
    if (existsSync(copy)) continue;
    database.prepare('VACUUM INTO ?').run(copy);
    return;
  }
};

/** Brings a log to the present version, and makes the tables of a new one. */
const migrate = (database: Database.Database, path: string, version: number): void => {
  if (version === 0 && database.prepare('SELECT 1 FROM sqlite_master').get() !== undefined) {
    throw new FdirError('runtime', `${path} is an SQLite file, but not a log of fdir`);
  }
  if (version === SCHEMA_VERSION) return;
  if (version > 0) backUp(database, path, version);
  // All or nothing, also when the power goes.
  database.transaction(() => {
    MIGRATIONS.slice(version).forEach((statements) => database.exec(statements));
  })();
};

const openDatabase = (path: string, readonly: boolean): Database.Database => {
  try {
    return new Database(path, { readonly, fileMustExist: readonly, timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    const message = `cannot open the log ${path}: ${error instanceof Error ? error.message : String(error)}`;
    throw new FdirError(readonly ? 'input' : 'runtime', message);
  }
};

const recordOf = (row: unknown): unknown => JSON.parse((row as { readonly record: string }).record);

/** Reads a log, also while a daemon writes it. */
export class LogReader {
  /** Recoveries, alarms and what people did. */
  readonly ledger: LedgerReader;

  constructor(protected readonly database: Database.Database) {
    this.ledger = new LedgerReader(database);
  }

  listAnomalies({ since, equipment, fault, limit = LIST_LIMIT }: AnomalyFilter = {}): readonly Explanation[] {
    const rows = this.database
      .prepare(SELECT_LATEST)
      .all({ since: since ?? null, equipment: equipment ?? null, fault: fault ?? null, limit });
    return rows.map((row) => explanationSchema.parse(recordOf(row)));
  }

  /** Undefined when there is no anomaly of that id. */
  showAnomaly(id: string): LoggedAnomaly | undefined {
    const revisions = this.database.prepare(SELECT_REVISIONS).all({ id });
    if (revisions.length === 0) return undefined;
    const actions = this.database.prepare(SELECT_ACTIONS).all({ id });
    return {
      revisions: revisions.map((row) => explanationSchema.parse(recordOf(row))),
      actions: actions.map((row) => recoveryRequestSchema.parse(recordOf(row))),
    };
  }

  close(): void {
    this.database.close();
  }
}

/** Writes a log. */
export class SqliteLog extends LogReader implements ExplanationLog {
  private readonly run: number | bigint;
  private readonly insertAnomaly: Statement;
  private readonly insertCheck: Statement;
  private readonly insertAction: Statement;
  private readonly insertMonitor: Statement;
  private readonly insertDaemonEvent: Statement;
  private readonly ledgerWriter: LedgerWriter;
  private readonly writeAll: (events: readonly PipelineEvent[], ledger: readonly LedgerEntry[]) => void;

  constructor(database: Database.Database, openedAt: number) {
    super(database);
    this.run = database.prepare(INSERT.run).run(isoTime(openedAt)).lastInsertRowid;
    this.insertAnomaly = database.prepare(INSERT.anomaly);
    this.insertCheck = database.prepare(INSERT.check);
    this.insertAction = database.prepare(INSERT.action);
    this.insertMonitor = database.prepare(INSERT.monitor);
    this.insertDaemonEvent = database.prepare(INSERT.daemonEvent);
    this.ledgerWriter = new LedgerWriter(database, () => isoTime(Date.now()));
    this.writeAll = database.transaction((events: readonly PipelineEvent[], ledger: readonly LedgerEntry[]) => {
      for (const event of events) this.write(event);
      for (const entry of ledger) this.ledgerWriter.write(entry);
    });
  }

  commit(events: readonly PipelineEvent[], ledger: readonly LedgerEntry[] = []): void {
    if (events.length > 0 || ledger.length > 0) this.writeAll(events, ledger);
  }

  /** What must reach the broker exactly once. */
  outbox(now: () => number): Outbox {
    return new SqliteOutbox(this.database, now);
  }

  /** What the last daemon left, to go on with. */
  restore(): Kept {
    return this.ledger.kept();
  }

  /** What happened to the daemon itself: started, stopped, degraded; `time` is wall-clock milliseconds. */
  noteDaemonEvent(time: number, kind: string, detail: string): void {
    this.insertDaemonEvent.run({ run: this.run, time: isoTime(time), kind, detail });
  }

  /**
   * Forgets what is older than `ageMs` before the newest entry, and then the oldest tenth again and again while more than
   * `sizeBytes` are in use. The file does not shrink: what is freed is written again.
   * @returns how many rows went.
   */
  prune({ ageMs, sizeBytes }: Retention): number {
    const newest = this.timeOf(SELECT_NEWEST);
    let removed = 0;
    if (ageMs !== undefined && newest !== undefined) removed += this.deleteBefore(isoTime(Date.parse(newest) - ageMs));
    for (
      let round = 0;
      sizeBytes !== undefined && this.bytesInUse() > sizeBytes && round < MOST_PRUNING_ROUNDS;
      round += 1
    ) {
      const time = this.timeOf(SELECT_OLDEST_TENTH);
      const deleted = time === undefined ? 0 : this.deleteBefore(time);
      if (deleted === 0) break;
      removed += deleted;
    }
    return removed;
  }

  private deleteBefore(time: string): number {
    return this.database.transaction(() =>
      DELETE_BEFORE.reduce((sum, statement) => sum + this.database.prepare(statement).run({ time }).changes, 0),
    )();
  }

  private timeOf(statement: string): string | undefined {
    return (this.database.prepare(statement).get() as { readonly time: string | null }).time ?? undefined;
  }

  private bytesInUse(): number {
    const pragma = (name: string): number => Number(this.database.pragma(name, { simple: true }));
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
  }

  private write(event: PipelineEvent): void {
    const { run } = this;
    switch (event.type) {
      case 'anomaly': {
        const { type: _type, ...record } = event;
        const { equipment, fault, confidence } = record.verdict;
        const columns = { ...record, run, equipment, fault, confidence, score: record.score.value };
        const { id, revision, state, spacecraft, start, end, detectedAt, trigger, score } = columns;
        const row = {
          run,
          id,
          revision,
          state,
          spacecraft,
          start,
          end,
          detectedAt,
          trigger,
          equipment,
          fault,
          confidence,
        };
        this.insertAnomaly.run({ ...row, score, record: JSON.stringify(record) });
        return;
      }
      case 'check': {
        const { time, parameter, limit, from, to, value, range } = event;
        const [low, high] = range;
        const record = JSON.stringify(event);
        this.insertCheck.run({ run, time, parameter, limit, from, to, value, low, high, record });
        return;
      }
      case 'monitor':
      case 'muted': {
        const id = event.type === 'monitor' ? event.monitor : event.id;
        const { time, type } = event;
        this.insertMonitor.run({ run, time, type, id, record: JSON.stringify(event) });
        return;
      }
      case 'action': {
        const { type: _type, ...record } = event;
        const { id, explanationId, explanationRevision, rule, level, time, command, disposition } = record;
        const row = { run, id, explanationId, explanationRevision, rule, level, time, command, disposition };
        this.insertAction.run({ ...row, record: JSON.stringify(record) });
        return;
      }
    }
  }
}

/**
 * Opens a log for writing and makes it when there is none; `:memory:` keeps it nowhere.
 * WAL lets readers in while the daemon writes. Synchronous FULL: a commit has reached the disk before anything is acted upon.
 * @throws FdirError `runtime` when it cannot be opened.
 */
export const openLog = (path: string, openedAt: number): SqliteLog => {
  const database = openDatabase(path, false);
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    migrate(database, path, checkVersion(database, path));
    return new SqliteLog(database, openedAt);
  } catch (error) {
    database.close();
    if (error instanceof FdirError) throw error;
    throw new FdirError(
      'runtime',
      `cannot open the log ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};

/** Opens a log for reading. @throws FdirError `input` when there is none. */
export const readLog = (path: string): LogReader => {
  const database = openDatabase(path, true);
  try {
    if (checkVersion(database, path) === 0) throw new FdirError('input', `${path} is not a log of fdir`);
    return new LogReader(database);
  } catch (error) {
    database.close();
    if (error instanceof FdirError) throw error;
    throw new FdirError(
      'input',
      `cannot read the log ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};
