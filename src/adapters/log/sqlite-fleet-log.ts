/**
 * The log of a fleet in one SQLite file. A transaction holds what several spacecraft led to, because it costs the same for one and for
 * twenty: the wait for the disk. Names are qualified by the spacecraft (log-scope.ts); records are those of any other log.
 */
import { FdirError } from '../../domain/errors';
import { unpack, type CheckpointSubject } from './checkpoint';
import type { FleetCommit, FleetLogOptions, Outgoing, RestoredSpacecraft } from './fleet-log';
import { lockLog, type LogLock } from './log-lock';
import { migrate, versionOf } from './log-migrate';
import { scopeOf } from './log-scope';
import { inSequence, requestRow, SpacecraftWriter, type RequestRow } from './spacecraft-writer';
import { CheckpointStore } from './sqlite-checkpoint';
import { openDatabase, reasonOf, type Database } from './sqlite-database';
import { LedgerReader } from './sqlite-ledger';
import { SqliteLog } from './sqlite-log';
import { readingRecords, type Tables } from './sqlite-tables';

type Statement = ReturnType<Tables['prepare']>;

/**
 * What writes is prepared once, whoever asks for it: a spacecraft needs no statement of its own. What reads names the spacecraft, is run
 * once at its beginning, and is let go.
 */
const preparingOnce = (database: Database): Tables => {
  const known = new Map<string, Statement>();
  return {
    prepare: (sql) => {
      if (sql.trimStart().startsWith('SELECT')) return database.prepare(sql) as unknown as Statement;
      const found = known.get(sql) ?? (database.prepare(sql) as unknown as Statement);
      known.set(sql, found);
      return found;
    },
  };
};

const SQL = {
  publish: 'INSERT OR REPLACE INTO publication (sequence, topic, payload) VALUES (@sequence, @topic, @payload)',
  published: 'DELETE FROM publication WHERE sequence = @sequence',
  request: 'INSERT OR REPLACE INTO outbox VALUES (NULL, @request, @sequence, 0, @until, @message)',
  requested: 'UPDATE outbox SET message = NULL WHERE request = @request',
  publications: 'SELECT sequence, topic, payload FROM publication ORDER BY sequence',
  requests: 'SELECT request, until, message FROM outbox WHERE message IS NOT NULL ORDER BY message_id',
} as const;

export class SqliteFleetLog extends SqliteLog {
  private readonly statements: Tables;
  private readonly writers = new Map<string, SpacecraftWriter>();

  constructor(
    file: Database,
    private readonly lock: LogLock,
    { now, chainKey, leastEpoch }: OpenFleetLogOptions,
  ) {
    super(file, now(), chainKey, leastEpoch);
    this.statements = preparingOnce(file);
  }

  get epoch(): number {
    return this.run;
  }

  restoreSpacecraft(spacecraft: string, subject: CheckpointSubject): RestoredSpacecraft {
    const scope = scopeOf(spacecraft);
    const checkpoints = new CheckpointStore(this.statements, scope);
    const { parts, run } = checkpoints.read();
    const unpacked = unpack(parts, subject);
    const isOngoing = unpacked.resumed.anomalies !== undefined && run !== undefined;
    this.writers.set(spacecraft, new SpacecraftWriter(checkpoints, subject, isOngoing ? run : this.run));
    return { ...unpacked, kept: readingRecords(() => new LedgerReader(this.statements, scope).kept()) };
  }

  waiting(): readonly Outgoing[] {
    const publications = this.statements.prepare(SQL.publications).all({}) as Outgoing[];
    const requests = this.statements.prepare(SQL.requests).all({}) as RequestRow[];
    return readingRecords(() => inSequence(publications, requests));
  }

  commitFleet(batch: readonly FleetCommit[], settled: readonly Outgoing[]): void {
    const written: (() => void)[] = [];
    this.linked(() => {
      for (const item of settled) this.settle(item);
      for (const item of batch) written.push(this.writeOne(item));
    });
    for (const done of written) done();
  }

  private writeOne({ spacecraft, events, ledger, memory, outgoing }: FleetCommit): () => void {
    const writer = this.writers.get(spacecraft);
    if (writer === undefined) throw new Error(`${spacecraft} was not restored before it is written`);
    const scope = scopeOf(spacecraft);
    for (const event of events) this.write(event, writer.run, scope);
    for (const entry of ledger) this.ledgerWriter.write(entry, scope);
    for (const item of outgoing) this.put(item);
    return writer.remember(memory);
  }

  private put(item: Outgoing): void {
    const { sequence, topic, payload, request } = item;
    if (request === undefined) this.statements.prepare(SQL.publish).run({ sequence, topic, payload });
    else this.statements.prepare(SQL.request).run({ ...requestRow(item, request) });
  }

  private settle({ sequence, request }: Outgoing): void {
    if (request === undefined) this.statements.prepare(SQL.published).run({ sequence });
    else this.statements.prepare(SQL.requested).run({ request: request.id });
  }

  ledgerOf(spacecraft: string): LedgerReader {
    return new LedgerReader(this.statements, scopeOf(spacecraft));
  }

  /** The spacecraft is no longer of this fleet; what was recorded of it stays. */
  forget(spacecraft: string): void {
    this.writers.delete(spacecraft);
  }

  override close(): void {
    try {
      super.close();
    } finally {
      this.lock.release();
    }
  }
}

export interface OpenFleetLogOptions extends FleetLogOptions {
  /** A file that follows another one counts on from there. */
  readonly leastEpoch?: number;
}

/** @throws FdirError `runtime` when the log cannot be opened, or another process writes it. */
export const openFleetLog = (path: string, options: OpenFleetLogOptions): SqliteFleetLog => {
  const lock = lockLog(path, options.now());
  let database: Database | undefined;
  try {
    database = openDatabase(path, false);
    database.pragma('auto_vacuum = INCREMENTAL');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    migrate(database, path, versionOf(database, path), options.chainKey);
    return new SqliteFleetLog(database, lock, options);
  } catch (error) {
    database?.close();
    lock.release();
    if (error instanceof FdirError) throw error;
    const told = new FdirError('runtime', `cannot open the log ${path}: ${reasonOf(error, 'writing')}`);
    told.cause = error;
    throw told;
  }
};
