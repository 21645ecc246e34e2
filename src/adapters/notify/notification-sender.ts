/**
 * Tells one receiver what waits for it: in order, one request at a time. What failed is tried again with a growing pause, and what
 * was taken is forgotten at once. Nobody waits for this: the log holds what is to be told.
 */
import { describeError } from '../../domain/errors';
import type { NotificationQueue, WaitingNotification } from '../log/notification-queue';
import type { NotifyAttempt, Receiver } from './receiver';

/** What is told of the sending itself. */
export interface SenderEvents {
  taken(receiver: string, count: number): void;
  /** @param times failures in a row, from 1. */
  failed(receiver: string, reason: string, times: number): void;
  /** The receiver will never take it. */
  refused(receiver: string, alarm: string, reason: string): void;
  /** What waits could not be read, or what was told not be forgotten. */
  trouble(receiver: string, reason: string): void;
}

export interface SenderPauses {
  /** First and longest pause after a failure, milliseconds. */
  readonly pauseMs?: readonly [number, number];
  /** How often what stands is told again, milliseconds. */
  readonly remindMs?: number;
}

export interface NotificationSenderOptions extends SenderPauses {
  readonly queue: NotificationQueue;
  readonly receiver: Receiver;
  readonly events: SenderEvents;
}

/** A log has one alarm; more of them is a log that fails again and again. */
const MAX_URGENT = 10;
const PAUSE_MS = [1000, 60_000] as const;
/** Prometheus repeats its alerts as often. */
const REMIND_MS = 60_000;
/** A receiver may not ask to be left alone for longer. */
const LONGEST_RETRY_AFTER_MS = 600_000;

export class NotificationSender {
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private reminder: NodeJS.Timeout | undefined;
  private isBusy = false;
  /** Something may wait that was not looked for yet. */
  private isWoken = false;
  private isReminderDue = false;
  private failures = 0;
  /** Told, and not forgotten yet by the log. */
  private unsettled: number | undefined;
  /** What the log cannot hold; goes before everything that waits there. */
  private readonly urgent: WaitingNotification[] = [];
  private idle: Promise<void> = Promise.resolve();

  constructor(private readonly options: NotificationSenderOptions) {}

  start(): void {
    const { receiver, remindMs = REMIND_MS } = this.options;
    // The receiver may have restarted while this daemon was away.
    this.isReminderDue = receiver.remind !== undefined;
    if (receiver.remind !== undefined) {
      this.reminder = setInterval(() => {
        this.isReminderDue = true;
        this.wake();
      }, remindMs).unref();
    }
    this.wake();
  }

  /** Something may wait. Cheap when nothing does. */
  wake(): void {
    this.isWoken = true;
    if (this.isBusy || this.timer !== undefined || this.stopping.signal.aborted) return;
    this.isBusy = true;
    this.idle = this.drain().finally(() => {
      this.isBusy = false;
    });
  }

  /** Tells what has no record. It is forgotten with the process. */
  urge(notification: WaitingNotification): void {
    if (this.urgent.length < MAX_URGENT) this.urgent.push(notification);
    this.wake();
  }

  /** Lets a request that is under way end early; what it was about is told again by the next daemon. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('the daemon stops'));
    clearTimeout(this.timer);
    clearInterval(this.reminder);
    await this.idle;
  }

  private async drain(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      this.isWoken = false;
      const pause = await this.once();
      if (signal.aborted) return;
      if (pause === 'done') {
        if (this.isWoken) continue;
        return;
      }
      if (pause > 0) {
        this.again(pause);
        return;
      }
    }
  }

  /** @returns the pause before the next, or that nothing waits. */
  private async once(): Promise<number | 'done'> {
    const { queue, receiver, events } = this.options;
    const { signal } = this.stopping;
    try {
      if (this.urgent.length > 0) return await this.onceUrgent(this.urgent);
      this.settle();
      const waiting = queue.next(receiver.name, receiver.most);
      const first = waiting[0];
      if (first === undefined) {
        if (!this.isReminderDue || receiver.remind === undefined) return 'done';
        const reminded = await receiver.remind(signal);
        return signal.aborted ? 'done' : this.reminded(reminded);
      }
      const attempt = await receiver.tell(waiting, signal);
      if (signal.aborted && attempt.kind === 'failed') return 'done';
      switch (attempt.kind) {
        case 'taken':
          this.unsettled = waiting[attempt.count - 1]?.sequence;
          this.succeeded(attempt.count);
          this.settle();
          return 0;
        case 'refused':
          this.unsettled = first.sequence;
          events.refused(receiver.name, first.news.alarm, attempt.reason);
          this.settle();
          return 0;
        case 'failed':
          return this.failed(attempt);
      }
    } catch (error) {
      events.trouble(receiver.name, describeError(error));
      this.failures += 1;
      return this.pause();
    }
  }

  private async onceUrgent(urgent: WaitingNotification[]): Promise<number | 'done'> {
    const { signal } = this.stopping;
    const attempt = await this.options.receiver.tell(urgent.slice(0, 1), signal);
    if (attempt.kind === 'failed') return signal.aborted ? 'done' : this.failed(attempt);
    urgent.shift();
    if (attempt.kind === 'taken') this.succeeded(1);
    return 0;
  }

  private reminded(attempt: NotifyAttempt): number | 'done' {
    if (attempt.kind === 'failed') return this.failed(attempt);
    this.isReminderDue = false;
    // A reminder that is refused is refused again: each change was taken by itself.
    if (attempt.kind === 'taken') this.succeeded(0);
    return 'done';
  }

  private succeeded(count: number): void {
    // It was away, and may have forgotten what stood.
    if (this.failures > 0 && this.options.receiver.remind !== undefined) this.isReminderDue = true;
    this.failures = 0;
    this.options.events.taken(this.options.receiver.name, count);
  }

  private failed({ reason, afterMs }: Extract<NotifyAttempt, { kind: 'failed' }>): number {
    if (afterMs === 0) return 0;
    this.failures += 1;
    this.options.events.failed(this.options.receiver.name, reason, this.failures);
    return Math.max(Math.min(afterMs ?? 0, LONGEST_RETRY_AFTER_MS), this.pause());
  }

  private pause(): number {
    const [first, longest] = this.options.pauseMs ?? PAUSE_MS;
    return Math.min(longest, first * 2 ** Math.min(this.failures - 1, 20));
  }

  private settle(): void {
    if (this.unsettled === undefined) return;
    this.options.queue.settle(this.options.receiver.name, this.unsettled);
    this.unsettled = undefined;
  }

  private again(pauseMs: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.wake();
    }, pauseMs);
  }
}
