/** The outbox in the log: which requests were handed to the connection, and how far the handshake with the broker is. */
import { z } from 'zod';
import type { Outbox, OutboxChange, OutboxMessage } from './outbox';
import { readingRecords, type Tables } from './sqlite-tables';

/** Requests that are remembered as handed over; as many as recoveries are known to be over. */
const MAX_REMEMBERED = 10_000;

interface Row {
  readonly message: string;
  readonly isRelease: number;
}

/** Every recovery request has an id; nothing else is sent with quality of service 2. */
const requestOf = ({ payload, packetOf }: OutboxMessage): string =>
  packetOf ?? (JSON.parse(payload) as { readonly id: string }).id;

const messageSchema = z.object({
  messageId: z.int(),
  topic: z.string(),
  payload: z.string(),
  packetOf: z.string().optional(),
  expirySeconds: z.number().nullable(),
});

const messageIn = (row: unknown): OutboxMessage => {
  const { message, isRelease } = row as Row;
  return { ...messageSchema.parse(JSON.parse(message)), isRelease: isRelease === 1 };
};

const SQL = {
  put: 'INSERT OR REPLACE INTO outbox VALUES (NULL, @request, @messageId, 0, @until, @message)',
  release: 'UPDATE outbox SET is_release = 1 WHERE message_id = @messageId AND message IS NOT NULL',
  trim: 'DELETE FROM outbox WHERE message IS NULL AND sequence <= (SELECT max(sequence) FROM outbox) - @most',
  forget: 'UPDATE outbox SET message = NULL WHERE message_id = @messageId AND message IS NOT NULL',
  expire: 'UPDATE outbox SET message = NULL WHERE message IS NOT NULL AND is_release = 0 AND until <= @now',
  find: 'SELECT message, is_release AS isRelease FROM outbox WHERE message_id = @messageId AND message IS NOT NULL',
  underWay: 'SELECT message, is_release AS isRelease FROM outbox WHERE message IS NOT NULL ORDER BY sequence',
  giveUp: 'UPDATE outbox SET message = NULL WHERE message IS NOT NULL',
} as const;
type Statement = ReturnType<Tables['prepare']>;

export class SqliteOutbox implements Outbox {
  private readonly statements: Readonly<Record<keyof typeof SQL, Statement>>;

  /**
   * @param now wall clock, milliseconds: a message is given up by it, whatever the packet time.
   * @param inTransaction runs what it is given as one transaction, durable when it returns.
   */
  constructor(
    tables: Tables,
    private readonly now: () => number,
    private readonly inTransaction: (work: () => void) => void,
  ) {
    // Prepared once: a request passes here three times.
    const entries = Object.entries(SQL).map(([name, sql]) => [name, tables.prepare(sql)]);
    this.statements = Object.fromEntries(entries) as Record<keyof typeof SQL, Statement>;
  }

  write(changes: readonly OutboxChange[]): void {
    this.inTransaction(() => {
      for (const change of changes) {
        if (change.kind === 'put') this.put(change.message);
        else this.statements.forget.run({ messageId: change.messageId });
      }
    });
  }

  private put(message: OutboxMessage): void {
    const { messageId, isRelease, expirySeconds } = message;
    if (isRelease) {
      this.statements.release.run({ messageId });
      return;
    }
    const until = expirySeconds === null ? null : this.now() + expirySeconds * 1000;
    this.statements.put.run({ request: requestOf(message), messageId, until, message: JSON.stringify(message) });
    this.statements.trim.run({ most: MAX_REMEMBERED });
  }

  find(messageId: number): OutboxMessage | undefined {
    const row = this.statements.find.get({ messageId });
    return row === undefined ? undefined : readingRecords(() => messageIn(row));
  }

  underWay(): readonly OutboxMessage[] {
    this.statements.expire.run({ now: this.now() });
    return readingRecords(() => this.statements.underWay.all({}).map(messageIn));
  }

  giveUp(): void {
    this.statements.giveUp.run({});
  }
}
