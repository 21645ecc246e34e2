/**
 * A log that outlives its file. A damaged one is set aside under a name with the time, for people to look at. A new one begins in
 * its place: at the start with nothing, midway with everything that the judgement remembers.
 *
 * A log that is only full is waited for, because another one would have no room either.
 */
import { describeError } from '../../domain/errors';
import { ledgerOf } from '../../core/response/resume-response';
import type { AnomalyRow, LogHead } from '../../domain/log-query';
import type { DaemonEvent } from '../../domain/daemon-event';
import type { PipelineEvent } from '../../domain/events';
import type { StoredState, LedgerEntry } from '../../domain/ledger';
import type { ExplanationLog, Keeping } from '../../pipeline/ports';
import { identityOf, setAside } from './log-file';
import { lockLog, type LogLock } from './log-lock';
import type { CheckpointSubject, RestoredCheckpoint } from './checkpoint';
import type { PruneResult, Retention } from './log-retention';
import type { NotificationQueue } from './notification-queue';
import type { Outbox } from './outbox';
import type { PublicationQueue } from './outbox';
import { openLog, type OpenLogOptions, type SqliteLog } from './sqlite-log';
import { isDamage } from './sqlite-database';
import { readingRecords } from './sqlite-tables';

export interface LastingLogOptions extends OpenLogOptions {
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** @param aside where the damaged file is now. */
  readonly onSetAside: (aside: string, reason: string) => void;
  /** The file was moved or deleted while it was written; a new one was begun. */
  readonly onGone?: () => void;
}

const GONE = new Error('the file was moved or deleted while it was written');

/** What a new file has to know of recoveries, rules and alarms. */
const ledgerIn = (memory: Keeping['memory']): readonly LedgerEntry[] =>
  memory?.response === undefined ? [] : ledgerOf(memory.response);

export class LastingLog implements ExplanationLog {
  private current: SqliteLog;
  private readonly lock: LogLock;
  /** Which file it is, whatever its name. */
  private identity: string;
  private subject: CheckpointSubject | undefined;
  /** As of the last commit: what a new file begins with when the damage is noticed in between. */
  private memory: Keeping['memory'];
  /** Sequences of publications go on over files: whoever hands them on remembers how far it was. */
  private offset = 0;
  private highest = 0;

  /** @throws FdirError `runtime` when neither the file nor a new one in its place can be opened. */
  constructor(
    private readonly path: string,
    private readonly options: LastingLogOptions,
  ) {
    this.lock = lockLog(path, options.now());
    try {
      this.current = this.open();
    } catch (error) {
      this.lock.release();
      throw error;
    }
    this.identity = identityOf(path);
  }

  private open(): SqliteLog {
    try {
      return openLog(this.path, this.options.now(), this.options);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return this.begin(error);
    }
  }

  /**
   * Looks whether the file is still where it was opened. If it was moved or deleted, what is written would be gone with it. A new
   * one then begins, with what was committed last. @returns whether it was there.
   */
  checkFile(): boolean {
    if (this.path === ':memory:' || identityOf(this.path) === this.identity) return true;
    this.renew(GONE);
    this.options.onGone?.();
    return false;
  }

  get log(): SqliteLog {
    return this.current;
  }

  commit(events: readonly PipelineEvent[], ledger: readonly LedgerEntry[], keeping?: Keeping): void {
    try {
      this.current.commit(events, ledger, keeping);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.replace(error);
      this.current.commit(events, [...ledgerIn(keeping?.memory), ...ledger], keeping);
    }
    if (keeping?.memory !== undefined) this.memory = { ...this.memory, ...keeping.memory };
  }

  /** What the last daemon left, to go on with. */
  restore(): StoredState {
    return this.guarded(() => this.current.restore());
  }

  /** Anomalies that it left open, the newest first. */
  openAnomalies(limit: number): readonly AnomalyRow[] {
    const page = { sort: 'start' as const, order: 'desc' as const, limit };
    return this.guarded(() => readingRecords(() => this.current.list({ state: 'open' }, page).items));
  }

  resume(subject: CheckpointSubject, isFresh = false): RestoredCheckpoint {
    this.subject = subject;
    return this.guarded(() => this.current.resume(subject, isFresh));
  }

  note(time: number, event: DaemonEvent): void {
    this.guarded(() => {
      this.current.note(time, event);
    });
  }

  prune(retention: Retention, now: number): PruneResult {
    return this.guarded(() => this.current.prune(retention, now));
  }

  headAt(now: number): LogHead {
    return this.guarded(() => this.current.headAt(now));
  }

  outbox(now: () => number): Outbox {
    // That of the file which is written now; it changes when a damaged one is replaced.
    let [log, outbox] = [this.current, this.current.outbox(now)];
    const present = (): Outbox => {
      if (log !== this.current) [log, outbox] = [this.current, this.current.outbox(now)];
      return outbox;
    };
    return {
      write: (changes) => {
        this.guarded(() => {
          present().write(changes);
        });
      },
      find: (messageId) => this.guarded(() => present().find(messageId)),
      underWay: () => this.guarded(() => present().underWay()),
      giveUp: () => {
        this.guarded(() => {
          present().giveUp();
        });
      },
    };
  }

  get publications(): PublicationQueue & { readonly size: number; readonly lost: number } {
    return {
      next: (after, most) =>
        this.guarded(() =>
          this.current.publications.next(Math.max(0, after - this.offset), most).map((item) => {
            const sequence = item.sequence + this.offset;
            this.highest = Math.max(this.highest, sequence);
            return { ...item, sequence };
          }),
        ),
      settle: (sequence) => {
        // What an earlier file was to have forgotten went with it.
        if (sequence > this.offset) this.current.publications.settle(sequence - this.offset);
      },
      size: this.current.publications.size,
      lost: this.current.publications.lost,
    };
  }

  /** What waits for the receivers of `notify:`; of a new file nothing does. */
  get notifications(): NotificationQueue {
    return {
      next: (destination, most) => this.guarded(() => this.current.notifications.next(destination, most)),
      waiting: (destination) => this.guarded(() => this.current.notifications.waiting(destination)),
      settle: (destination, upTo) => {
        this.guarded(() => {
          this.current.notifications.settle(destination, upTo);
        });
      },
      flush: () => {
        this.guarded(() => {
          this.current.notifications.flush();
        });
      },
      keepOnly: (destinations) => this.guarded(() => this.current.notifications.keepOnly(destinations)),
      standing: () => this.guarded(() => this.current.notifications.standing()),
      dropped: this.current.notifications.dropped,
    };
  }

  close(): void {
    this.current.close();
    this.lock.release();
  }

  /** Damage that something else than a commit meets: the new file begins with what was committed last, and it is tried again there. */
  private guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.renew(error);
      return work();
    }
  }

  private renew(error: unknown): void {
    this.replace(error);
    const { memory } = this;
    if (memory !== undefined) this.current.commit([], ledgerIn(memory), { publications: [], memory });
  }

  private replace(error: unknown): void {
    try {
      this.current.close();
    } catch {
      // It is damaged: what matters is that its file is let go.
    }
    this.offset = this.highest;
    this.current = this.begin(error);
    this.identity = identityOf(this.path);
    if (this.subject !== undefined) this.current.resume(this.subject);
  }

  private begin(error: unknown): SqliteLog {
    const { now, onSetAside } = this.options;
    const reason = describeError(error);
    const aside = setAside(this.path, now());
    const log = openLog(this.path, now(), this.options);
    if (error === GONE) {
      log.note(now(), { kind: 'log-gone', detail: {} });
      return log;
    }
    log.note(now(), { kind: 'log-set-aside', detail: { aside, reason } });
    onSetAside(aside, reason);
    return log;
  }
}
