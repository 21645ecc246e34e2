/** Step 5 of the start-up: the link, the console and the timers begin. */
import { watchTelemetry } from '../broker-outages';
import { logBytesOf } from '../metrics';
import { describeError } from '../../domain/errors';
import { summaryOf } from '../../core/tally';
import type { Readings } from '../../adapters/host/prometheus';
import { arrivalOf } from '../../pipeline/arrival';
import { ReloadGate } from '../../pipeline/reload-gate';
import type { Daemon } from './daemon-options';
import type { WiredDaemon } from './wire';

/** CONTRACTS section 8. */
const HEALTH_PERIOD_MS = 10_000;
/** The log grows by megabytes a day at most. */
const PRUNING_PERIOD_MS = 3_600_000;
/** How late a log file that was moved or deleted may be noticed. */
const LOG_LOOK_MS = 2000;
/** Between two parts of one pruning. */
const PRUNING_PAUSE_MS = 1000;

/** What the metrics read. */
const readingsOf = (wired: WiredDaemon) => (): Readings => {
  const { loaded, options, status, vitals, link, inbox, log, outbox, composed } = wired;
  const now = options.clock.now();
  const secondsSince = (then: number): number => (now - then) / 1000;
  return {
    model: composed.models?.live.manifest.id,
    state: status.state,
    impaired: vitals.impaired,
    isConnected: link.isConnected,
    inbox: inbox.depth,
    lagSeconds: inbox.oldestAt === undefined ? 0 : Math.max(0, secondsSince(inbox.oldestAt)),
    lostPublications: log.publications.lost,
    notifications: wired.notifier.backlog,
    outbox: outbox.underWay().length + log.publications.size,
    packetAgeSeconds: status.packetTime === undefined ? undefined : secondsSince(status.packetTime),
    logBytes: logBytesOf(loaded.logPath),
    lastProgressAt: status.lastProgressAt,
  };
};

/** Forgets the oldest records, a little at a time: telemetry is judged in between. */
const startPruning = ({ loaded, options, log, diagnostics, parts }: WiredDaemon): void => {
  const { clock, logger } = options;
  const { retention } = loaded.config.log;
  let again: NodeJS.Timeout | undefined;
  const prune = (): void => {
    clearTimeout(again);
    try {
      const { removed, isDone } = log.prune({ ageMs: retention?.age, sizeBytes: retention?.size }, clock.now());
      if (removed > 0) logger.info({ removed }, 'the log forgot its oldest entries');
      if (!isDone) again = setTimeout(prune, PRUNING_PAUSE_MS).unref();
    } catch (error) {
      diagnostics.vital('log', false, describeError(error));
    }
  };
  const timer = clock.every(PRUNING_PERIOD_MS).subscribe(prune);
  parts.add('pruning', () => {
    timer.unsubscribe();
    clearTimeout(again);
  });
  prune();
};

/** The state as it changes, health, and telemetry that does not come. */
const startTimers = (wired: WiredDaemon): void => {
  const { options, status, vitals, link, health, diagnostics, log, note, noteShadow, parts } = wired;
  const { clock } = options;
  const timers = [
    vitals.state$.subscribe((next) => {
      if (status.state !== 'offline') note({ kind: 'state', detail: { state: next } });
      status.state = next;
      link.publishState(next);
      // Who reads why reads it at once.
      if (link.isConnected) health.report();
      health.reportLine();
    }),
    clock.every(HEALTH_PERIOD_MS).subscribe(() => {
      health.report();
    }),
    watchTelemetry(
      clock,
      () => link.isTelemetryLost,
      () => {
        diagnostics.vital('telemetry', false, link.telemetryTrouble ?? 'the connection that it comes on is lost');
        link.goOnWithoutTelemetry();
      },
    ),
    clock.every(PRUNING_PERIOD_MS).subscribe(noteShadow),
    clock.every(LOG_LOOK_MS).subscribe(() => {
      try {
        log.checkFile();
      } catch (error) {
        diagnostics.vital('log', false, describeError(error));
      }
    }),
  ];
  parts.add('timers', () => {
    for (const timer of timers) timer.unsubscribe();
  });
};

/** How long a stop waits for what is open to be judged; a log that cannot be written holds it up. */
const SETTLE_MS = 2000;

/** What is open is judged with what has arrived of it: nobody knows when this runs again. */
const settle = ({ put, options, vitals }: WiredDaemon): Promise<void> =>
  new Promise((resolve) => {
    if (vitals.impaired.includes('log')) {
      resolve();
      return;
    }
    const timer = setTimeout(resolve, SETTLE_MS);
    const acknowledge = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const controls = [{ kind: 'tick' as const }];
    const receivedAt = options.clock.now();
    put(arrivalOf({ controls, closing: 'all', receivedAt, acknowledge }));
  });

export const run = async (wired: WiredDaemon): Promise<Daemon> => {
  const {
    loaded,
    options,
    parts,
    status,
    link,
    listeners,
    people,
    health,
    observation,
    service,
    log,
    note,
    noteShadow,
  } = wired;
  const { config, mission, manifest, logPath } = loaded;
  const { clock, logger } = options;
  startTimers(wired);
  parts.add('last notes', () => {
    noteShadow();
    log.note(clock.now(), { kind: 'stopped', detail: { ...summaryOf(status.tally) } });
  });
  startPruning(wired);
  parts.add('link', () => link.stop());
  link.start();
  parts.add('peers', async () => {
    wired.peers.stop();
    await wired.watch.stop();
  });
  wired.watch.start();
  if (listeners !== undefined) {
    // Stopped before the link, which publishes what they brought.
    parts.add('packets', () => listeners.stop());
    await listeners.start();
  }
  const model = manifest?.id ?? null;
  note({ kind: 'started', detail: { mode: config.mode, model } });
  health.reportLine();
  parts.add('metrics', () => observation.stop());
  await observation.start(readingsOf(wired));
  parts.add('notify', () => wired.notifier.stop());
  wired.notifier.start();
  parts.add('console', () => people.stop());
  people.start();
  logger.info({ spacecraft: mission.spacecraft, mode: config.mode, model, log: logPath }, 'started');
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    service.stopping();
    await settle(wired);
    await parts.stop();
    logger.info({ summary: summaryOf(status.tally) }, 'stopped');
  };
  return {
    reload: (by) => {
      service.reloading();
      wired.put(arrivalOf({ controls: [ReloadGate.order(by)], receivedAt: clock.now() }));
    },
    stop: () => (stopping ??= stop()),
  };
};
