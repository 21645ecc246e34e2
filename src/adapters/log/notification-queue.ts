/** What the log keeps for the receivers of `notify:`, as their senders see it. */
import type { AlarmNews, Alert } from '../../domain/notification';

/** What waits for one receiver. */
export interface WaitingNotification {
  /** Rises with every notification. */
  readonly sequence: number;
  /** The same at every attempt: the receiver can tell a repetition by it. */
  readonly id: string;
  readonly news: AlarmNews;
  /** What it means for a receiver that keeps alerts; empty when it means nothing. */
  readonly alerts: readonly Alert[];
}

/** What waits, durable. */
export interface NotificationQueue {
  /** The oldest, in order. */
  next(destination: string, most: number): readonly WaitingNotification[];
  waiting(destination: string): number;
  /** The receiver has taken all up to this one. It is forgotten with the next commit, or with `flush`. */
  settle(destination: string, upTo: number): void;
  /** Forgets what was settled; durable when it returns. */
  flush(): void;
  /** Forgets what waits for receivers that are configured no longer. @returns how many. */
  keepOnly(destinations: readonly string[]): number;
  /** Alerts that stand now. */
  standing(): readonly Alert[];
  /** How many were let go because too many waited. */
  readonly dropped: number;
}
