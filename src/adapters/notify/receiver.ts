/** A receiver of notifications, and what becomes of an attempt to tell it something. */
import type { WaitingNotification } from '../log/notification-queue';

export type NotifyAttempt =
  /** It has so many of them, from the first. */
  | { readonly kind: 'taken'; readonly count: number }
  /** It will never take the first one: it goes, and is counted. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Try again, and not before `afterMs` when that is given. */
  | { readonly kind: 'failed'; readonly reason: string; readonly afterMs?: number | undefined };

export interface Receiver {
  /** As events, metrics and the log call it. */
  readonly name: string;
  /** How many it takes at once. */
  readonly most: number;
  /** Never rejects. `waiting` is in order, and holds one at least. */
  tell(waiting: readonly WaitingNotification[], signal: AbortSignal): Promise<NotifyAttempt>;
  /** Tells again what stands, without a change; left out: it needs no reminder. Never rejects. */
  readonly remind?: (signal: AbortSignal) => Promise<NotifyAttempt>;
}
