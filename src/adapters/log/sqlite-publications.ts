/**
 * What is to be published, written with what it is about. No message is lost with the process, and while the broker is away they
 * wait in order. Bounded: the oldest go first, and are counted. Knows SQL, and not the SQLite package.
 *
 * Publications go at least once and in order; readers recognise them by id and revision. Requests alone go exactly once, by
 * quality of service 2.
 */
import type { Publication } from '../../pipeline/ports';
import type { Tables } from './sqlite-tables';

export interface WaitingPublication extends Publication {
  readonly sequence: number;
}

/** A spacecraft in trouble makes some hundred an hour: days of them. */
const MAX_WAITING = 10_000;

type Statement = ReturnType<Tables['prepare']>;

export class PublicationStore {
  private readonly insert: Statement;
  private readonly select: Statement;
  private readonly remove: Statement;
  private readonly removeOldest: Statement;
  private readonly countAll: Statement;
  private waiting: number;
  private settled: number[] = [];
  /** Let go because too many waited. */
  lost = 0;

  constructor(
    tables: Tables,
    private readonly most = MAX_WAITING,
  ) {
    this.insert = tables.prepare('INSERT INTO publication (topic, payload) VALUES (@topic, @payload)');
    this.select = tables.prepare(
      'SELECT sequence, topic, payload FROM publication WHERE sequence > @after ORDER BY sequence LIMIT @most',
    );
    this.remove = tables.prepare('DELETE FROM publication WHERE sequence = @sequence');
    this.removeOldest = tables.prepare(
      'DELETE FROM publication WHERE sequence IN (SELECT sequence FROM publication ORDER BY sequence LIMIT @count)',
    );
    this.countAll = tables.prepare('SELECT count(*) AS count FROM publication');
    this.waiting = this.count();
  }

  /** How many are not known to be with the broker. */
  get size(): number {
    return this.waiting - this.settled.length;
  }

  /** Whether there is anything to write but what is new. */
  get isUntidy(): boolean {
    return this.settled.length > 0;
  }

  /** Inside the caller's transaction. */
  write(publications: readonly Publication[]): void {
    for (const { topic, payload } of publications) this.insert.run({ topic, payload });
    for (const sequence of this.settled) this.remove.run({ sequence });
    const excess = this.waiting - this.settled.length + publications.length - this.most;
    if (excess > 0) this.removeOldest.run({ count: excess });
  }

  /** The transaction of the last `write`, of so many, is committed. */
  done(count: number): void {
    const before = this.waiting - this.settled.length + count;
    this.settled = [];
    this.lost += Math.max(0, before - this.most);
    // Of those that the broker has, some may have been among the oldest.
    this.waiting = before > this.most ? this.count() : before;
  }

  /** In order, those behind `after`. */
  next(after: number, most: number): readonly WaitingPublication[] {
    return this.select.all({ after, most }) as WaitingPublication[];
  }

  private count(): number {
    return (this.countAll.get({}) as { readonly count: number }).count;
  }

  /** The broker has it; forgotten with the next transaction. */
  settle(sequence: number): void {
    this.settled.push(sequence);
  }
}
