/** The explanation log in SQLite. */
import type { DaemonEvent } from '../../domain/daemon-event';
import type { PipelineEvent } from '../../domain/events';
import { FdirError } from '../../domain/errors';
import type { StoredState, LedgerEntry } from '../../domain/ledger';
import type { LogHead } from '../../domain/log-query';
import { isoTime } from '../../domain/units';
import type { ExplanationLog, Keeping } from '../../pipeline/ports';
import { basisOf, unpack, type Basis, type CheckpointSubject, type RestoredCheckpoint } from './checkpoint';
import { rowOfEvent } from './event-rows';
import { Chain } from './log-chain';
import { LatestWriter } from './log-latest';
import { migrate, versionOf } from './log-migrate';
import { FileReader } from './file-reader';
import type { LogScope } from './log-scope';
import { LogPruner, type PruneResult, type Retention } from './log-retention';
import type { Outbox } from './outbox';
import { LedgerWriter } from './ledger-writer';
import { CheckpointStore } from './sqlite-checkpoint';
import { BUSY_TIMEOUT_MS, openDatabase, reasonOf, type Database } from './sqlite-database';
import { readingRecords } from './sqlite-tables';
import { SqliteOutbox } from './sqlite-outbox';
import { NotificationStore } from './sqlite-notifications';
import { PublicationStore } from './sqlite-publications';
import { SCHEMA_VERSION } from './sqlite-schema';

export { FileReader } from './file-reader';
export type { Retention } from './log-retention';
export type { AnomalyFilter, LoggedAnomaly } from './log-reader';

/** Writes a log. */
export class SqliteLog extends FileReader implements ExplanationLog {
  protected run: number;
  protected readonly chain: Chain;
  protected readonly latest: LatestWriter;
  protected readonly ledgerWriter: LedgerWriter;
  private readonly pruner: LogPruner;
  protected readonly checkpoints: CheckpointStore;
  readonly publications: PublicationStore;
  readonly notifications: NotificationStore;
  private subject: CheckpointSubject | undefined;
  private basis: Basis | undefined;
  private basisModel: CheckpointSubject['manifest'];
  private readonly inTransaction: (work: () => void) => void;

  constructor(
    protected readonly db: Database,
    openedAt: number,
    chainKey: Uint8Array | undefined,
    leastRun = 1,
  ) {
    super(db);
    this.chain = new Chain(db, chainKey);
    this.latest = new LatestWriter(db);
    this.ledgerWriter = new LedgerWriter(db, this.chain, this.latest, () => isoTime(Date.now()));
    this.pruner = new LogPruner(db, chainKey);
    this.checkpoints = new CheckpointStore(db);
    this.publications = new PublicationStore(db);
    this.notifications = new NotificationStore(db);
    this.inTransaction = db.transaction((work: () => void) => {
      work();
      this.chain.save();
    });
    const last = db.prepare('SELECT max(run) AS run FROM run').get() as { readonly run: number | null };
    this.run = Math.max(leastRun, (last.run ?? 0) + 1);
    this.linked(() => {
      this.chain.insert('run', { run: this.run, opened_at: isoTime(openedAt) });
    });
  }

  commit(events: readonly PipelineEvent[], ledger: readonly LedgerEntry[] = [], keeping?: Keeping): void {
    const { publications = [], notices, memory } = keeping ?? {};
    if (events.length + ledger.length + publications.length === 0 && memory === undefined && notices === undefined)
      return;
    const basis = memory === undefined ? undefined : this.basisFor(memory.response?.program?.sha256 ?? '');
    this.linked(() => {
      for (const event of events) this.write(event, this.run);
      for (const entry of ledger) this.ledgerWriter.write(entry);
      this.publications.write(publications);
      if (notices !== undefined) this.notifications.write(notices);
      if (memory !== undefined && basis !== undefined) this.checkpoints.write(memory, basis, this.run);
    });
    this.publications.done(publications.length);
    if (notices !== undefined) this.notifications.done();
    if (basis !== undefined) this.checkpoints.done(basis);
  }

  /** What the last daemon's judgement left off with; from now on what is committed is about `subject`. */
  resume(subject: CheckpointSubject, isFresh = false): RestoredCheckpoint {
    this.subject = subject;
    if (isFresh)
      return { resumed: {}, refused: [{ part: 'everything', reason: 'the daemon was started with --fresh' }] };
    const { parts, run } = this.checkpoints.read();
    const unpacked = unpack(parts, subject);
    // Open anomalies go on under the run that opened them.
    if (unpacked.resumed.anomalies !== undefined && run !== undefined) this.run = run;
    return unpacked;
  }

  private basisFor(rules: string): Basis | undefined {
    if (this.subject === undefined) return undefined;
    const { mission, manifest } = this.subject;
    // A model may have been swapped since.
    if (this.basis?.rules !== rules || this.basisModel !== manifest) this.basis = basisOf(mission, manifest, rules);
    this.basisModel = manifest;
    return this.basis;
  }

  /** The end of the chain, as it is told to the world; `now` is wall-clock milliseconds. */
  headAt(now: number): LogHead {
    const { sequence, mac, keyId } = this.chain.head;
    return { schemaVersion: 1, time: isoTime(now), sequence, mac: Buffer.from(mac).toString('hex'), keyId };
  }

  /** No more pages than these, or as many as there are: a full disk, for those who have none at hand. */
  limitPages(count: number): void {
    this.db.pragma(`max_page_count = ${String(count)}`);
  }

  /** Writes what the write-ahead log holds into the file itself, as SQLite does by itself from time to time. */
  checkpointNow(): void {
    this.db.pragma('wal_checkpoint(TRUNCATE)');
  }

  /** What must reach the broker exactly once. */
  outbox(now: () => number): Outbox {
    return new SqliteOutbox(
      this.db,
      now,
      this.db.transaction((work: () => void) => {
        work();
      }),
    );
  }

  /** What the last daemon left, to go on with. */
  restore(): StoredState {
    return readingRecords(() => this.ledger.kept());
  }

  /** Keeps what happened to the daemon itself; `time` is wall-clock milliseconds. */
  note(time: number, { kind, detail }: DaemonEvent): void {
    this.linked(() => {
      const row = { run: this.run, wall_time: isoTime(time), kind, detail: JSON.stringify(detail) };
      this.chain.insert('daemon_event', row);
    });
  }

  /** Forgets the oldest, as far as it may; see `LogPruner`. `now` is wall-clock milliseconds. */
  prune(retention: Retention, now: number): PruneResult {
    const pruned = this.pruner.prune(retention);
    if (pruned.removed > 0) this.note(now, { kind: 'forgotten', detail: { ...pruned } });
    return pruned;
  }

  /** One transaction; when it fails, the chain is where it was. */
  protected linked(work: () => void): void {
    const mark = this.chain.mark();
    try {
      this.inTransaction(work);
    } catch (error) {
      this.chain.reset(mark);
      throw error;
    }
  }

  protected write(event: PipelineEvent, run: number, scope: LogScope = ''): void {
    const { table, row } = rowOfEvent(event, run, scope);
    const isNew = this.chain.insert(table, row);
    if (event.type === 'anomaly' && isNew) this.latest.anomaly(event, run);
  }
}

export interface OpenLogOptions {
  /** Signs the chain; without it the chain shows accidents only. */
  readonly chainKey?: Uint8Array | undefined;
  /** Told when a log of an older version was brought up to date: the path of the copy that was made before. */
  readonly onMigrated?: (copy: string) => void;
  /** How long another writer is waited for, milliseconds. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens a log for writing and makes it when there is none; `:memory:` keeps it nowhere.
 * WAL lets readers in while the daemon writes. Synchronous FULL: a commit has reached the disk before anything is acted upon.
 * @throws FdirError `runtime` when it cannot be opened.
 */
export const openLog = (path: string, openedAt: number, options: OpenLogOptions = {}): SqliteLog => {
  const database = openDatabase(path, false, options.busyTimeoutMs);
  try {
    // Before the first table: pages that retention frees go back to the file system.
    database.pragma('auto_vacuum = INCREMENTAL');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    const copy = migrate(database, path, versionOf(database, path), options.chainKey);
    if (copy !== undefined) options.onMigrated?.(copy);
    return new SqliteLog(database, openedAt, options.chainKey);
  } catch (error) {
    database.close();
    if (error instanceof FdirError) throw error;
    const told = new FdirError('runtime', `cannot open the log ${path}: ${reasonOf(error, 'writing')}`);
    told.cause = error;
    throw told;
  }
};

/** Opens a log for reading. @param busyTimeoutMs how long a locked one is waited for. @throws FdirError `input` when there is none, or it is of an older version. */
export const readLog = (path: string, busyTimeoutMs = BUSY_TIMEOUT_MS): FileReader => {
  const database = openDatabase(path, true, busyTimeoutMs);
  try {
    const version = versionOf(database, path);
    if (version === 0) throw new FdirError('input', `${path} is not a log of fdir`);
    if (version < SCHEMA_VERSION) {
      const what = `schema ${String(version)}, and this one reads ${String(SCHEMA_VERSION)}`;
      throw new FdirError(
        'input',
        `${path} was written by an earlier version of fdir (${what}); "fdir log migrate --log ${path}" brings it up to date, after a copy`,
      );
    }
    return new FileReader(database);
  } catch (error) {
    database.close();
    if (error instanceof FdirError) throw error;
    throw new FdirError('input', `cannot read the log ${path}: ${reasonOf(error, 'reading')}`);
  }
};
