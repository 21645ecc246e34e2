/**
 * The log of one partition in PostgreSQL. A commit is one statement and one transaction: records, alarms, recoveries, checkpoint and
 * what is outgoing, under the condition that the lease is still held. With another owner nothing is written.
 */
import type { Pool } from 'pg';
import type { CheckpointSubject, RestoredCheckpoint, StoredPart } from '../log/checkpoint';
import { unpack } from '../log/checkpoint';
import { rowOfEvent } from '../log/event-rows';
import {
  LeaseLost,
  type FleetCommit,
  type FleetLog,
  type Outgoing,
  type RestoredFleet,
  type Subjects,
} from '../log/fleet-log';
import { Chain } from '../log/log-chain';
import { LatestWriter } from '../log/log-latest';
import { scopeOf } from '../log/log-scope';
import { inSequence, requestRow, SpacecraftWriter, type RequestRow } from '../log/spacecraft-writer';
import { CheckpointStore } from '../log/sqlite-checkpoint';
import { LedgerWriter } from '../log/ledger-writer';
import type { DaemonEvent } from '../../domain/daemon-event';
import type { OperatorRequest, Reply } from '../../domain/requests';
import { isoTime } from '../../domain/units';
import { readReply } from './pg-ledger';
import { ofEach, readKept, rowsOf } from './pg-restore';
import { RowSink, type ChainStart } from './row-sink';

/** A partition as it was taken. */
export interface PartitionLease {
  readonly partition: number;
  readonly owner: string;
  readonly epoch: number;
}

export interface PgFleetLogOptions {
  readonly pool: Pool;
  readonly owned: PartitionLease;
  readonly now: () => number;
  readonly chainKey: Uint8Array | undefined;
}

const RUN = 'run';

type Batch = Record<string, readonly unknown[]>;

/** The rows of both, table by table. */
const joined = (before: Batch | undefined, batch: Batch): Batch => {
  const all: Batch = { ...before };
  for (const [table, rows] of Object.entries(batch)) all[table] = [...(all[table] ?? []), ...rows];
  return all;
};

const startOf = async (pool: Pool, partition: number): Promise<ChainStart | undefined> => {
  const { rows } = await pool.query<{ sequence: number; mac: Buffer; key_id: string | null }>(
    `SELECT h.sequence, h.mac, (SELECT key_id FROM chain_key k WHERE k.partition = h.partition ORDER BY first DESC LIMIT 1) AS key_id
     FROM chain_head h WHERE h.partition = $1`,
    [partition],
  );
  const [row] = rows;
  return row && { sequence: row.sequence, mac: row.mac, keyId: row.key_id ?? undefined };
};

export class PgFleetLog implements FleetLog {
  private readonly chain: Chain;
  private readonly latest: LatestWriter;
  private readonly ledger: LedgerWriter;
  private readonly writers = new Map<string, SpacecraftWriter>();
  /** What the first commit begins with: the run, and the key of the chain. Kept until it is written. */
  private prelude: Batch | undefined;
  /** Where the chain ends in the database. */
  private base: number;
  /** Notes wait for their turn: the chain has one order. */
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly options: PgFleetLogOptions,
    private readonly sink: RowSink,
    begin: ChainStart | undefined,
  ) {
    const { now, chainKey, owned } = options;
    this.base = begin?.sequence ?? 0;
    this.chain = new Chain(sink, chainKey);
    this.latest = new LatestWriter(sink);
    this.ledger = new LedgerWriter(sink, this.chain, this.latest, () => isoTime(now()));
    this.chain.insert('run', { run: owned.epoch, opened_at: isoTime(now()) });
    this.prelude = sink.takeBatch();
  }

  /** Goes on with the chain where the last owner of the partition ended it. */
  static async open(options: PgFleetLogOptions): Promise<PgFleetLog> {
    const start = await startOf(options.pool, options.owned.partition);
    return new PgFleetLog(options, new RowSink(start), start);
  }

  get epoch(): number {
    return this.options.owned.epoch;
  }

  async restore(subjects: Subjects): Promise<RestoredFleet> {
    const { pool } = this.options;
    const names = [...subjects.keys()];
    const [parts, kept] = await Promise.all([
      rowsOf<StoredPart>(pool, names, `SELECT part, basis, value FROM checkpoint WHERE ${ofEach('part')}`),
      readKept(pool, names),
    ]);
    return new Map(
      [...subjects].map(([name, subject]) => {
        const unpacked = this.goOn(name, subject, parts.get(name) ?? []);
        return [name, { ...unpacked, kept: kept(name) }];
      }),
    );
  }

  private goOn(spacecraft: string, subject: CheckpointSubject, rows: readonly StoredPart[]): RestoredCheckpoint {
    const scope = scopeOf(spacecraft);
    const parts = rows.map((row) => ({ ...row, part: row.part.slice(scope.length) }));
    const kept = parts.find(({ part }) => part === RUN);
    const unpacked = unpack(
      parts.filter(({ part }) => part !== RUN),
      subject,
    );
    const isOngoing = unpacked.resumed.anomalies !== undefined && kept !== undefined;
    const run = isOngoing ? Number(Buffer.from(kept.value).toString()) : this.epoch;
    this.writers.set(spacecraft, new SpacecraftWriter(new CheckpointStore(this.sink, scope), subject, run));
    return unpacked;
  }

  async waiting(): Promise<readonly Outgoing[]> {
    const { pool, owned } = this.options;
    const { rows: publications } = await pool.query<Outgoing>(
      'SELECT sequence, topic, payload FROM publication WHERE partition = $1',
      [owned.partition],
    );
    const { rows: requests } = await pool.query<RequestRow>(
      'SELECT request, until, message FROM outbox WHERE partition = $1 AND message IS NOT NULL',
      [owned.partition],
    );
    return inSequence(publications, requests);
  }

  async commit(batch: readonly FleetCommit[], settled: readonly Outgoing[]): Promise<void> {
    await this.inTurn(async () => {
      await this.knowAnomalies(batch);
      const done: (() => void)[] = [];
      await this.write(
        () => {
          for (const item of batch) done.push(this.writeOne(item));
        },
        {
          published: settled.filter(({ request }) => request === undefined).map(({ sequence }) => sequence),
          requested: settled.flatMap(({ request }) => (request === undefined ? [] : [request.id])),
        },
      );
      for (const tell of done) tell();
    });
  }

  async note(time: number, { kind, detail }: DaemonEvent): Promise<void> {
    await this.inTurn(() =>
      this.write(() => {
        const row = { run: this.epoch, wall_time: isoTime(time), kind, detail: JSON.stringify(detail) };
        this.chain.insert('daemon_event', row);
      }),
    );
  }

  query(spacecraft: string, request: OperatorRequest): Promise<Reply> {
    return readReply(this.options.pool, scopeOf(spacecraft), request);
  }

  close(): void {
    this.writers.clear();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** One statement. When it fails the chain is where it was. */
  private async write(work: () => void, extra: Readonly<Record<string, readonly unknown[]>> = {}): Promise<void> {
    const { pool, owned } = this.options;
    const mark = this.chain.mark();
    try {
      work();
      this.chain.save();
      const batch = joined(this.prelude, this.sink.takeBatch());
      for (const [name, values] of Object.entries(extra)) if (values.length > 0) batch[name] = values;
      const { rows } = await pool.query<{ written: number }>('SELECT fdir_commit($1, $2, $3, $4) AS written', [
        owned.partition,
        owned.owner,
        owned.epoch,
        JSON.stringify({ base: this.base, ...batch }),
      ]);
      // Nobody else has it: it is ours again with the next renewal.
      if (rows[0]?.written === -1) throw new Error('the lease has run out and is renewed first');
      if (rows[0]?.written !== 1) throw new LeaseLost(`partition ${String(owned.partition)} has another owner`);
      this.prelude = undefined;
      this.base = this.chain.head.sequence;
    } catch (error) {
      this.chain.reset(mark);
      this.sink.forget();
      throw error;
    }
  }

  /** Whether what people gave a verdict on is there. */
  private async knowAnomalies(batch: readonly FleetCommit[]): Promise<void> {
    const ids = batch.flatMap(({ ledger }) =>
      ledger.flatMap((entry) => (entry.kind === 'verdict' ? [entry.record.anomaly] : [])),
    );
    if (ids.length === 0) return;
    const { rows } = await this.options.pool.query<{ id: string }>('SELECT id FROM anomaly_latest WHERE id = ANY($1)', [
      ids,
    ]);
    for (const { id } of rows) this.sink.anomalies.add(id);
  }

  private writeOne({ spacecraft, events, ledger, memory, outgoing }: FleetCommit): () => void {
    const writer = this.writers.get(spacecraft);
    if (writer === undefined) throw new Error(`${spacecraft} was not restored before it is written`);
    const scope = scopeOf(spacecraft);
    for (const event of events) {
      const { table, row } = rowOfEvent(event, writer.run, scope);
      this.chain.insert(table, row);
      if (event.type === 'anomaly') this.latest.anomaly(event, writer.run);
    }
    for (const entry of ledger) this.ledger.write(entry, scope);
    for (const item of outgoing) {
      const { sequence, topic, payload, request } = item;
      if (request === undefined) this.sink.put('publication', { sequence, topic, payload });
      else this.sink.put('outbox', { ...requestRow(item, request) });
    }
    return writer.remember(memory);
  }
}
