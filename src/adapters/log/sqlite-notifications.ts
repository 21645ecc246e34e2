/**
 * What the receivers of `notify:` have not taken yet, and what stands at them now. Written in the transaction of the change it is
 * about, so a change is told once and none is forgotten. Bounded: the oldest go first, and are counted. Knows SQL only.
 */
import { randomUUID } from 'node:crypto';
import { alertChange } from '../../core/notify/alerts';
import { z } from 'zod';
import { alarmNewsSchema, alertSchema, type Alert, type AlarmNews, type Notices } from '../../domain/notification';
import type { NotificationQueue, WaitingNotification } from './notification-queue';
import type { Tables } from './sqlite-tables';

/** For one receiver: as many as publications may wait for the broker. */
const MAX_WAITING = 10_000;

type Statement = ReturnType<Tables['prepare']>;

interface WaitingRow {
  readonly sequence: number;
  readonly id: string;
  readonly record: string;
}

const recordSchema = z.object({ news: alarmNewsSchema, alerts: z.array(alertSchema) });

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** Undefined when there is no row, or none that can be read: then the alert begins anew. */
const alertIn = (row: unknown): Alert | undefined =>
  row === undefined ? undefined : alertSchema.safeParse(parsed((row as { readonly record: string }).record)).data;

export class NotificationStore implements NotificationQueue {
  private readonly insert: Statement;
  private readonly select: Statement;
  private readonly countFor: Statement;
  private readonly removeOldest: Statement;
  private readonly find: Statement;
  private readonly stand: Statement;
  private readonly fall: Statement;
  dropped = 0;
  private droppedNow = 0;
  /** How far each receiver has taken what was for it. */
  private readonly settled = new Map<string, number>();
  /** Receivers of which more is settled than is forgotten, and those that the transaction under way forgets. */
  private readonly untidy = new Set<string>();
  private tidied: readonly string[] = [];

  constructor(
    private readonly tables: Tables,
    private readonly most = MAX_WAITING,
  ) {
    this.insert = tables.prepare(
      'INSERT INTO notification (destination, id, record) VALUES (@destination, @id, @record)',
    );
    this.select = tables.prepare(
      `SELECT sequence, id, record FROM notification WHERE destination = @destination AND sequence > @after
       ORDER BY sequence LIMIT @most`,
    );
    this.countFor = tables.prepare(
      'SELECT count(*) AS count FROM notification WHERE destination = @destination AND sequence > @after',
    );
    this.removeOldest = tables.prepare(
      `DELETE FROM notification WHERE sequence IN
         (SELECT sequence FROM notification WHERE destination = @destination ORDER BY sequence LIMIT @count)`,
    );
    this.find = tables.prepare('SELECT record FROM notified WHERE alarm = @alarm');
    this.stand = tables.prepare('INSERT OR REPLACE INTO notified VALUES (@alarm, @record)');
    this.fall = tables.prepare('DELETE FROM notified WHERE alarm = @alarm');
  }

  /** Inside the caller's transaction. */
  write({ at, destinations, news }: Notices): void {
    this.droppedNow = 0;
    this.tidied = this.removeSettled();
    for (const item of news) {
      const alerts = this.alertsOf(item, at);
      const record = JSON.stringify({ news: item, alerts });
      for (const destination of destinations) this.insert.run({ destination, id: randomUUID(), record });
    }
    if (news.length > 0) for (const destination of destinations) this.limit(destination);
  }

  /** The transaction of the last `write` is committed. */
  done(): void {
    this.dropped += this.droppedNow;
    this.droppedNow = 0;
    for (const destination of this.tidied) this.untidy.delete(destination);
  }

  next(destination: string, most: number): readonly WaitingNotification[] {
    const after = this.settledOf(destination);
    return (this.select.all({ destination, after, most }) as readonly WaitingRow[]).flatMap(
      ({ sequence, id, record }) => {
        const read = recordSchema.safeParse(parsed(record));
        if (read.success) return [{ sequence, id, ...read.data }];
        // What stands behind a damaged one must not wait for it.
        this.tables.prepare('DELETE FROM notification WHERE sequence = @sequence').run({ sequence });
        this.dropped += 1;
        return [];
      },
    );
  }

  waiting(destination: string): number {
    const after = this.settledOf(destination);
    return (this.countFor.get({ destination, after }) as { readonly count: number }).count;
  }

  settle(destination: string, upTo: number): void {
    this.settled.set(destination, upTo);
    this.untidy.add(destination);
  }

  flush(): void {
    for (const destination of this.removeSettled()) this.untidy.delete(destination);
  }

  keepOnly(destinations: readonly string[]): number {
    const { changes } = this.tables
      .prepare('DELETE FROM notification WHERE destination NOT IN (SELECT value FROM json_each(@names))')
      .run({ names: JSON.stringify(destinations) }) as { readonly changes: number };
    return changes;
  }

  standing(): readonly Alert[] {
    return this.tables
      .prepare('SELECT record FROM notified ORDER BY alarm')
      .all({})
      .flatMap((row) => alertIn(row) ?? []);
  }

  private alertsOf(item: AlarmNews, at: string): readonly Alert[] {
    const { alarm } = item;
    const before = alertIn(this.find.get({ alarm }));
    const { alerts, standing } = alertChange(item, before, at);
    if (standing !== undefined) this.stand.run({ alarm, record: JSON.stringify(standing) });
    else if (before !== undefined) this.fall.run({ alarm });
    return alerts;
  }

  private settledOf(destination: string): number {
    return this.settled.get(destination) ?? 0;
  }

  private removeSettled(): readonly string[] {
    const names = [...this.untidy];
    if (names.length === 0) return names;
    const remove = this.tables.prepare(
      'DELETE FROM notification WHERE destination = @destination AND sequence <= @upTo',
    );
    for (const destination of names) remove.run({ destination, upTo: this.settledOf(destination) });
    return names;
  }

  private limit(destination: string): void {
    const excess = this.waiting(destination) - this.most;
    if (excess <= 0) return;
    this.removeOldest.run({ destination, count: excess });
    this.droppedNow += excess;
  }
}
