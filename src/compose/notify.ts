/**
 * Tells the receivers of `notify:` of alarms. What they are to hear is committed with the change, and sent beside the pipeline, which
 * never waits for them. Of a receiver that does not take it people hear in the daemon's events, its state and its metrics.
 */
import { randomUUID } from 'node:crypto';
import { alertmanager } from '../adapters/notify/alertmanager';
import { NotificationSender, type SenderEvents, type SenderPauses } from '../adapters/notify/notification-sender';
import type { NotifyAccess } from '../adapters/notify/notify-access';
import type { Receiver } from '../adapters/notify/receiver';
import { webhook } from '../adapters/notify/webhook';
import type { LastingLog } from '../adapters/log/lasting-log';
import { ALERTMANAGER, webhookName, type NotifyConfig } from '../config/notify-config';
import { alertChange } from '../core/notify/alerts';
import { missedNews, newsIn, unrecordedNews, type NewsContext } from '../core/notify/news';
import type { AlarmStep } from '../domain/alarm';
import type { DaemonEvent } from '../domain/daemon-event';
import { describeError } from '../domain/errors';
import type { PipelineEvent } from '../domain/events';
import type { LedgerEntry } from '../domain/ledger';
import type { AnomalyNews, Notices } from '../domain/notification';
import { isoTime } from '../domain/units';
import type { Clock, Diagnostics } from '../pipeline/ports';

type Happenings = readonly { readonly events: readonly PipelineEvent[]; readonly ledger: readonly LedgerEntry[] }[];

export interface Notifier {
  /** What the receivers are to hear of what is about to be committed; undefined: nothing. */
  noticesOf(outcomes: Happenings): Notices | undefined;
  /** Something was committed. */
  wake(): void;
  /** The alarm of a log that cannot be written: told beside the log. */
  urge(step: AlarmStep): void;
  start(): void;
  stop(): Promise<void>;
  /** What waits, and what was let go because too much waited. */
  readonly backlog: { readonly waiting: number; readonly dropped: number };
}

export type NotifyResult = 'taken' | 'failed' | 'refused';

export interface NotifyOptions {
  readonly config: NotifyConfig;
  readonly access: NotifyAccess;
  readonly context: () => Omit<NewsContext, 'anomaly'>;
  readonly log: LastingLog;
  readonly clock: Clock;
  readonly diagnostics: Pick<Diagnostics, 'vital'>;
  readonly note: (event: DaemonEvent) => void;
  /** Pauses of the senders; left out: their own. */
  readonly pauses?: SenderPauses | undefined;
  readonly onResult?: ((receiver: string, result: NotifyResult, count: number) => void) | undefined;
}

/** Failures in a row after which people are told: the pauses in between add up to some seconds. */
const TOLD_FAILURES = 3;
/** What was told is forgotten by the log as late as this: after a crash it is told again, under the same id. */
const FLUSH_MS = 500;
/** How often alarms are looked through for changes that were only counted. */
const RECONCILE_MS = 60_000;

/** Of nobody. */
export const noNotifier: Notifier = {
  noticesOf: () => undefined,
  wake: () => undefined,
  urge: () => undefined,
  start: () => undefined,
  stop: () => Promise.resolve(),
  backlog: { waiting: 0, dropped: 0 },
};

const receiversOf = ({ config, access, log, clock }: NotifyOptions): readonly Receiver[] => {
  const now = (): number => clock.now();
  const hooks = config.webhooks.map((hook, index) => {
    const { ca, secret = '' } = access.webhooks[index] ?? {};
    return webhook({ name: webhookName(hook, index), url: hook.url, secret, ca, now });
  });
  if (config.alertmanager === undefined) return hooks;
  const { url } = config.alertmanager;
  const standing = () => log.notifications.standing();
  return [alertmanager({ name: ALERTMANAGER, url, ...access.alertmanager, standing, now }), ...hooks];
};

/** Tells people of receivers that take nothing, and of those that do again. */
const tellerOf = ({ log, clock, diagnostics, note, onResult }: NotifyOptions): SenderEvents => {
  const failing = new Map<string, { readonly since: number; readonly reason: string }>();
  const vital = (): void => {
    const detail = [...failing].map(([name, { reason }]) => `${name}: ${reason}`).join('; ');
    diagnostics.vital('notify', failing.size === 0, detail);
  };
  const failed: SenderEvents['failed'] = (receiver, reason, times) => {
    onResult?.(receiver, 'failed', 1);
    if (times < TOLD_FAILURES || failing.has(receiver)) return;
    failing.set(receiver, { since: clock.now(), reason });
    const waiting = log.notifications.waiting(receiver);
    note({ kind: 'notify-failed', detail: { receiver, reason, waiting } });
    vital();
  };
  return {
    failed,
    taken: (receiver, count) => {
      if (count > 0) onResult?.(receiver, 'taken', count);
      const before = failing.get(receiver);
      if (before === undefined) return;
      failing.delete(receiver);
      const seconds = Math.round((clock.now() - before.since) / 1000);
      note({ kind: 'notify-restored', detail: { receiver, seconds } });
      vital();
    },
    refused: (receiver, alarm, reason) => {
      onResult?.(receiver, 'refused', 1);
      note({ kind: 'notify-refused', detail: { receiver, alarm, reason } });
    },
    trouble: (_receiver, reason) => {
      diagnostics.vital('log', false, reason);
    },
  };
};

export const composeNotify = (options: NotifyOptions): Notifier => {
  const { log, clock, note, diagnostics } = options;
  const receivers = receiversOf(options);
  const destinations = receivers.map(({ name }) => name);
  const events = tellerOf(options);
  const senders = receivers.map(
    (receiver) => new NotificationSender({ queue: log.notifications, receiver, events, ...options.pauses }),
  );
  const anomaly = (id: string): AnomalyNews | undefined => log.log.latestAnomaly(id);
  const context = (): NewsContext => ({ ...options.context(), anomaly });
  const wake = (): void => {
    for (const sender of senders) sender.wake();
  };
  const noticesFor = (news: Notices['news']): Notices | undefined =>
    news.length === 0 ? undefined : { at: isoTime(clock.now()), destinations, news };
  let dropped = 0;
  const reconcile = (): void => {
    try {
      const { ledger } = log.log;
      const alarms = { open: ledger.listAlarms(), find: (name: string) => ledger.showAlarm(name)?.alarm };
      const standing = log.notifications.standing().flatMap(({ labels: { alarm } }) => alarm ?? []);
      const notices = noticesFor(missedNews(alarms, new Set(standing), context()));
      if (notices !== undefined) log.commit([], [], { publications: [], notices, memory: undefined });
    } catch (error) {
      diagnostics.vital('log', false, describeError(error));
    }
    const more = log.notifications.dropped - dropped;
    if (more > 0) note({ kind: 'notify-dropped', detail: { count: more, reason: 'too many waited' } });
    dropped += Math.max(0, more);
    wake();
  };
  const flush = (): void => {
    try {
      log.notifications.flush();
    } catch (error) {
      diagnostics.vital('log', false, describeError(error));
    }
  };
  const timers: { unsubscribe(): void }[] = [];
  return {
    noticesOf: (outcomes) => {
      // Most outcomes change no alarm, and none of them costs more than a look.
      const changed = outcomes.filter(({ ledger }) => ledger.some(({ kind }) => kind === 'alarm-step'));
      if (changed.length === 0) return undefined;
      const happened = {
        events: changed.flatMap((outcome) => outcome.events),
        ledger: changed.flatMap((outcome) => outcome.ledger),
      };
      return noticesFor(newsIn(happened, context()));
    },
    wake,
    urge: (step) => {
      const news = unrecordedNews(step, context());
      const { alerts } = alertChange(news, undefined, isoTime(clock.now()));
      for (const sender of senders) sender.urge({ sequence: 0, id: randomUUID(), news, alerts });
    },
    start: () => {
      const forgotten = log.notifications.keepOnly(destinations);
      if (forgotten > 0)
        note({
          kind: 'notify-dropped',
          detail: { count: forgotten, reason: 'their receiver is configured no longer' },
        });
      for (const sender of senders) sender.start();
      reconcile();
      timers.push(clock.every(FLUSH_MS).subscribe(flush), clock.every(RECONCILE_MS).subscribe(reconcile));
    },
    stop: async () => {
      for (const timer of timers) timer.unsubscribe();
      await Promise.all(senders.map((sender) => sender.stop()));
      flush();
    },
    get backlog() {
      const queue = log.notifications;
      const waiting = destinations.reduce((sum, name) => sum + queue.waiting(name), 0);
      return { waiting, dropped: queue.dropped };
    },
  };
};
