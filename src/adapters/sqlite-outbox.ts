/** The outbox in the log: which requests were handed to the connection, and how far the handshake with the broker is. */
import type { Outbox, OutboxMessage } from './once-store';
import type { Tables } from './sqlite-tables';

/** Requests that are remembered as handed over; as many as recoveries are known to be over. */
const MAX_REMEMBERED = 10_000;

interface Row {
  readonly request: string;
  readonly message: string;
}

/** Every recovery request has an id; nothing else is sent with quality of service 2. */
const requestOf = ({ payload }: OutboxMessage): string => (JSON.parse(payload) as { readonly id: string }).id;

export class SqliteOutbox implements Outbox {
  /** @param now wall clock, milliseconds: a message is given up by it, whatever the packet time. */
  constructor(
    private readonly tables: Tables,
    private readonly now: () => number,
  ) {}

  put(message: OutboxMessage): void {
    const { messageId, isRelease, expirySeconds } = message;
    if (isRelease) {
      this.tables
        .prepare('UPDATE outbox SET is_release = 1 WHERE message_id = @messageId AND message IS NOT NULL')
        .run({ messageId });
      return;
    }
    const until = expirySeconds === null ? null : this.now() + expirySeconds * 1000;
    this.tables
      .prepare('INSERT OR REPLACE INTO outbox VALUES (NULL, @request, @messageId, 0, @until, @message)')
      .run({ request: requestOf(message), messageId, until, message: JSON.stringify(message) });
    this.tables
      .prepare('DELETE FROM outbox WHERE message IS NULL AND sequence <= (SELECT max(sequence) FROM outbox) - @most')
      .run({ most: MAX_REMEMBERED });
  }

  forget(messageId: number): void {
    this.tables.prepare('UPDATE outbox SET message = NULL WHERE message_id = @messageId').run({ messageId });
  }

  underWay(): readonly OutboxMessage[] {
    this.tables
      .prepare('UPDATE outbox SET message = NULL WHERE is_release = 0 AND until <= @now')
      .run({ now: this.now() });
    return this.tables
      .prepare(
        'SELECT request, message, is_release AS isRelease FROM outbox WHERE message IS NOT NULL ORDER BY sequence',
      )
      .all({})
      .map((row) => {
        const { message, isRelease } = row as Row & { readonly isRelease: number };
        return { ...(JSON.parse(message) as OutboxMessage), isRelease: isRelease === 1 };
      });
  }

  giveUp(): void {
    this.tables.prepare('UPDATE outbox SET message = NULL').run({});
  }
}
