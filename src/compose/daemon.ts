/** The daemon: the judgement between a broker and a log. The only place where what decides meets what acts. */
import { describeError } from '../domain/errors';
import { dirname, resolve } from 'node:path';
import { concatMap, filter, map, merge, Subject, tap, type Observable, type Subscription } from 'rxjs';
import { readBrokerAccess } from '../adapters/mqtt/broker-access';
import { readChainKey } from '../adapters/log/chain-key';
import { daemonDiagnostics } from '../adapters/host/diagnostics';
import type { Logger } from '../adapters/host/logger';
import { LastingLog } from '../adapters/log/lasting-log';
import { redactUrl } from '../adapters/mqtt/mqtt-connection';
import { MqttLink, subscriptionsOf } from '../adapters/mqtt/mqtt-link';
import { unmanaged, type ServiceManager } from '../adapters/host/service-manager';
import { composeConsole, readConsoleTokens } from './console';
import { requestAnswerer, queryLog } from './answer-requests';
import { composeJudge } from './judgement';
import { logBytesOf, observeDaemon, statusLine } from './metrics';
import { noteTimeBase, watchOutages, watchSteps, watchTelemetry } from './broker-outages';
import { createReloader } from './reload';
import { raiseVitals } from './self-alarms';
import type { LoadedConfig } from '../config/load-config';
import { pulseOf } from '../console/port/pulse';
import { healthOf } from '../core/health';
import { emptyTally, summaryOf, type Tally } from '../core/tally';
import { topicsOf } from '../core/topics';
import type { LedgerEntry } from '../domain/ledger';
import { isFunctionState } from '../domain/requests';
import type { ActionState } from '../domain/rules';
import { InFlightGate } from '../pipeline/in-flight-gate';
import { Inbox } from '../pipeline/inbox';
import { DEFAULT_GUARD, guardScorer } from '../pipeline/guard-scorer';
import { judge } from '../pipeline/judge';
import type { Arrival, Clock, Diagnostics } from '../pipeline/ports';
import { Vitals, type DaemonState } from '../pipeline/vitals';
import { withDelivery } from '../pipeline/with-delivery';
import { withRecord } from '../pipeline/with-record';
import { withTally } from '../pipeline/with-tally';

export interface DaemonOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who started this process and watches over it; left out: nobody. */
  readonly service?: ServiceManager;
  /** Whether a spacecraft acknowledges; one that is played from a recording does not. Default: it does. */
  readonly isAnswered?: boolean;
  /** Told where the console listens, once it does. */
  readonly onConsole?: (url: string) => void;
  /** Begin anew: nothing of the last run's judgement is gone on with, only recoveries, alarms and what people set. */
  readonly isFresh?: boolean;
  /** The flow broke, which is a defect of the program: the daemon must be started again. */
  readonly onBroken: (error: unknown) => void;
}

export interface Daemon {
  /** Loads the rules anew; invalid ones are refused, and said so. */
  reload(by: string): void;
  /** Stops part after part; a part that cannot stop does not keep the others. */
  stop(): Promise<void>;
}

/** Left open by the last run; more are in the log. */
const SHOWN_ANOMALIES = 100;
/** CONTRACTS section 8. */
const HEALTH_PERIOD_MS = 10_000;
/** The log grows by megabytes a day at most. */
const PRUNING_PERIOD_MS = 3_600_000;
/** Between two parts of one pruning. */
const PRUNING_PAUSE_MS = 1000;
/** How late a deadline may be noticed while no telemetry comes. */
const TICK_PERIOD_MS = 1000;

/** Frames that may be under way while the model's thread computes: the windows of some end with another inference. */
const JUDGED_AT_ONCE = 8;

/** The clock as arrivals, one under way at a time: a log that holds everything up must not let them pile up. */
const ticks$ = (clock: Clock): Observable<Arrival> => {
  let isUnderWay = false;
  return clock.every(TICK_PERIOD_MS).pipe(
    filter(() => !isUnderWay),
    map(() => {
      isUnderWay = true;
      const acknowledge = (): void => {
        isUnderWay = false;
      };
      return {
        frames: [],
        drops: [],
        controls: [{ kind: 'tick' as const }],
        receivedAt: clock.now(),
        isLast: false,
        acknowledge,
      };
    }),
  );
};

/** The action state that was kept last, when one was. */
const modeIn = (ledger: readonly LedgerEntry[]): ActionState | undefined => {
  const entry = ledger.findLast((item) => item.kind === 'memory' && item.name === 'mode');
  const value = entry?.kind === 'memory' ? entry.value : undefined;
  return typeof value === 'string' && isFunctionState(value) ? value : undefined;
};

/** Makes and starts everything, in this order. @throws FdirError `model` or `runtime` when it cannot. */
export const startDaemon = async (loaded: LoadedConfig, options: DaemonOptions): Promise<Daemon> => {
  const { config, mission, manifest, logPath } = loaded;
  const { clock, logger, service = unmanaged, onBroken, isAnswered = true, isFresh = false } = options;
  const startedAt = clock.now();
  const tokens = readConsoleTokens(loaded);
  const readAccess = () => readBrokerAccess(config.mqtt, { baseDir: dirname(loaded.file) });
  const access = readAccess();
  const vitals = new Vitals(config.mode);
  let lastProgressAt = startedAt;
  const progressed = (): void => {
    lastProgressAt = clock.now();
    service.progressed();
  };
  const told = daemonDiagnostics(logger, vitals);
  const alarms = raiseVitals(told, vitals, clock, (step) => {
    link.publishAlarm(step);
  });
  const diagnostics: Diagnostics = {
    ...alarms.diagnostics,
    vital: (part, ok, detail) => {
      alarms.diagnostics.vital(part, ok, detail);
      // A log that is tried again and again is a known wait, which a restart would not mend.
      if (part === 'log' && !ok) progressed();
    },
  };
  const log = new LastingLog(logPath, {
    now: () => clock.now(),
    onSetAside: (aside, reason) => {
      logger.error({ aside, reason }, 'the log is damaged and was set aside; a new one was begun');
      const file = { part: 'log file', detail: `damaged, and set aside as ${aside}` };
      for (const works of [false, true]) alarms.raise({ ...file, works });
    },
    chainKey: readChainKey(config.log.key, dirname(resolve(loaded.file))),
    onMigrated: (copy) => {
      logger.info({ copy }, 'the log was brought up to date; a copy of it as it was is kept');
    },
  });
  const kept = log.restore();
  const outbox = log.outbox(() => clock.now());
  // What the checkpoint is about; a swap of the model changes it.
  const subject = { mission, manifest, program: loaded.program };
  const { resumed, refused } = log.resume(subject, isFresh);
  const inbox = new Inbox({
    overload: config.mqtt.overload ?? 'in-order',
    most: config.modelThread ? JUDGED_AT_ONCE : 1,
  });
  const observation = observeDaemon({
    config,
    spacecraft: mission.spacecraft,
    logger,
    read: () => ({
      model: composed.models?.live.manifest.id,
      state,
      impaired: vitals.impaired,
      isConnected: link.isConnected,
      inbox: inbox.depth,
      lagSeconds: inbox.oldestAt === undefined ? 0 : Math.max(0, clock.now() - inbox.oldestAt) / 1000,
      lostPublications: log.publications.lost,
      outbox: outbox.underWay().length + log.publications.size,
      packetAgeSeconds: lastPacketTime === undefined ? undefined : (clock.now() - lastPacketTime) / 1000,
      logBytes: logBytesOf(logPath),
      lastProgressAt,
    }),
  });
  const { metrics } = observation;
  const composed = await composeJudge(
    loaded,
    diagnostics,
    { isAnswered, kept },
    {
      wrap: (scorer) => guardScorer(metrics?.timedScorer(scorer) ?? scorer, DEFAULT_GUARD),
      resumed,
      inThread: config.modelThread,
    },
  ).catch((error: unknown) => {
    log.close();
    throw error;
  });
  // What a person switched off stays off over a restart; what a person switched on begins as the configuration says.
  const keptMode = kept.memory['mode'];
  if (keptMode === 'passive' || keptMode === 'disabled') vitals.switchTo(keptMode);
  const prune = (): void => {
    const { retention } = config.log;
    try {
      const { removed, isDone } = log.prune({ ageMs: retention?.age, sizeBytes: retention?.size }, clock.now());
      if (removed > 0) logger.info({ removed }, 'the log forgot its oldest entries');
      // A little at a time: telemetry is judged in between.
      if (!isDone) again = setTimeout(prune, PRUNING_PAUSE_MS).unref();
    } catch (error) {
      diagnostics.vital('log', false, describeError(error));
    }
  };
  let again: NodeJS.Timeout | undefined;

  const note = (kind: string, detail: string): void => {
    try {
      log.noteDaemonEvent(clock.now(), kind, detail);
    } catch (error) {
      diagnostics.vital('log', false, describeError(error));
    }
  };
  for (const { part, reason } of refused) {
    logger.warn({ part }, `not gone on with after the restart: ${reason}`);
    note('checkpoint-refused', JSON.stringify({ part, reason }));
  }
  const outages = watchOutages({ log, clock, note }, kept);

  let state: DaemonState = 'offline';
  let tally: Tally = resumed.tally ?? emptyTally;
  let lastPacketTime = resumed.observer?.situation.time;
  const topics = topicsOf(config.mqtt.baseTopic, mission.spacecraft);
  const subscriptions = Object.values(subscriptionsOf(topics)).flat();
  const link = new MqttLink({
    url: config.mqtt.url,
    access,
    renewAccess: readAccess,
    clientId: config.mqtt.clientId ?? `fdir-${mission.spacecraft}`,
    topics,
    parameters: new Set(mission.parameters.map(({ id }) => id)),
    now: () => clock.now(),
    maxLeadMs: config.maxLead,
    outbox,
    publications: log.publications,
    formerly: outages.formerly(kept),
    ...(config.mqtt.keepalive !== undefined && { keepaliveMs: config.mqtt.keepalive }),
    onTelemetry: (isResumed) => {
      outages.connected(isResumed, lastPacketTime);
    },
    onTelemetryLost: () => {
      outages.lost();
    },
    onDisconnect: () => {
      outages.control(false);
    },
    onConnect: () => {
      outages.control(true);
      logger.info({ broker: redactUrl(config.mqtt.url), mqtt: link.protocol }, 'connected to the broker');
      publishHealth();
    },
    onSubscribed: () => {
      diagnostics.vital('telemetry', true);
      outages.subscribed(subscriptions);
      service.ready();
      service.status(statusLine(state, true, tally));
    },
    onTrouble: (message) => {
      logger.warn(message);
    },
  });
  const watchClock = watchSteps(clock, logger, note);
  const publishHealth = (): void => {
    watchClock();
    const { impaired, reasons } = vitals;
    const { lastMessageAt, protocol } = link;
    service.status(statusLine(state, link.isConnected, tally));
    const known = { now: clock.now(), startedAt, state, mode: vitals.mode, model: composed.models?.live.manifest.id };
    link.publishLogHead(log.headAt(clock.now()));
    const health = healthOf({ ...known, impaired, reasons, tally, lastMessageAt, lastPacketTime, protocol });
    link.publishHealth({ ...health, shadow: composed.models?.report, console: people.status });
  };
  const people = composeConsole(loaded, {
    clock,
    logger,
    startedAt,
    tokens,
    onListening: options.onConsole,
    kept,
    openAnomalies: log.openAnomalies(SHOWN_ANOMALIES),
    pulse: () => {
      const { mode, impaired } = vitals;
      const { isConnected, lastMessageAt } = link;
      return pulseOf({
        now: clock.now(),
        startedAt,
        state,
        mode,
        impaired,
        isConnected,
        tally,
        lastMessageAt,
        lastPacketTime,
      });
    },
    onStatus: () => {
      if (link.isConnected) publishHealth();
    },
    isLogged: (id) => log.log.ledger.hasAnomaly(id),
    note: (detail) => {
      log.noteDaemonEvent(clock.now(), 'console', detail);
    },
  });
  const noteShadow = (): void => {
    if (composed.models?.report !== undefined) note('shadow', JSON.stringify(composed.models.report));
  };
  const crossing = new InFlightGate();
  const reloader = createReloader(loaded, {
    models: composed.models,
    whenEmpty: () => crossing.whenEmpty(),
    beforeSwap: noteShadow,
    checkAccess: readAccess,
    onResult: ({ rules, ok }, message, by) => {
      subject.manifest = composed.models?.live.manifest;
      if (ok) logger.info({ by }, message);
      else logger.error({ by }, message);
      if (rules !== undefined) {
        composed.nameRules(rules.sha256);
      }
      if (ok) people.reloaded({ rules, manifest: composed.models?.live.manifest });
      note(ok ? 'reloaded' : 'reload-refused', `${by}: ${message}`);
      service.reloaded();
    },
  });
  const reloads = new Subject<Arrival>();
  const running: Subscription[] = [
    merge(
      link.arrivals$.pipe(
        tap(() => {
          metrics?.message();
        }),
      ),
      ticks$(clock),
      alarms.arrivals$,
      reloads,
      people.arrivals$,
    ).subscribe((arrival) => {
      inbox.put(arrival);
    }),
    inbox.arrivals$
      .pipe(
        concatMap((arrival) => reloader.takeUp(arrival)),
        crossing.entering(),
        judge(composed.parts),
        crossing.leaving(({ endsBase }) => endsBase === undefined),
        withTally(resumed.tally),
        tap(({ endsBase }) => {
          if (endsBase === undefined) inbox.release();
        }),
        withRecord(metrics?.timedLog(log) ?? log, diagnostics, {
          onFailure: 'hold',
          grouped: link,
          waiting: () => inbox.depth,
        }),
        withDelivery(
          link,
          link,
          people.answering(
            requestAnswerer(link, () => log.log.ledger),
            (request) => queryLog(log.log.ledger, request),
          ),
        ),
      )
      .subscribe({
        next: (outcome) => {
          ({ tally } = outcome);
          const mode = modeIn(outcome.ledger);
          if (mode !== undefined) vitals.switchTo(mode);
          lastPacketTime = outcome.packetTime ?? lastPacketTime;
          noteTimeBase(outcome.endsBase, logger, note);
          metrics?.outcome(outcome);
          people.tell(outcome.events, outcome.ledger);
          outcome.acknowledge();
          progressed();
        },
        error: onBroken,
      }),
    vitals.state$.subscribe((next) => {
      if (state !== 'offline') note('state', next);
      state = next;
      link.publishState(next);
      // Who reads why reads it at once.
      if (link.isConnected) publishHealth();
      service.status(statusLine(next, link.isConnected, tally));
    }),
    clock.every(HEALTH_PERIOD_MS).subscribe(() => {
      publishHealth();
    }),
    watchTelemetry(
      clock,
      () => link.isTelemetryLost,
      () => {
        diagnostics.vital('telemetry', false, link.telemetryTrouble ?? 'the connection that it comes on is lost');
        link.goOnWithoutTelemetry();
      },
    ),
    clock.every(PRUNING_PERIOD_MS).subscribe(prune),
    clock.every(PRUNING_PERIOD_MS).subscribe(noteShadow),
  ];
  prune();
  link.start();
  note('started', JSON.stringify({ mode: config.mode, model: manifest?.id ?? null }));
  service.status(statusLine(state, false, tally));
  await observation.start();
  people.start();
  logger.info(
    { spacecraft: mission.spacecraft, mode: config.mode, model: manifest?.id ?? null, log: logPath },
    'started',
  );

  const stopAll = async (): Promise<void> => {
    service.stopping();
    clearTimeout(again);
    const parts = [
      () => people.stop(),
      () => link.stop(),
      () =>
        running.forEach((subscription) => {
          subscription.unsubscribe();
        }),
      noteShadow,
      () => {
        log.noteDaemonEvent(clock.now(), 'stopped', JSON.stringify(summaryOf(tally)));
      },
      () => {
        log.close();
      },
      () => composed.close(),
      () => observation.stop(),
    ];
    for (const stop of parts) {
      try {
        await stop();
      } catch (error) {
        logger.error({ err: error }, 'while stopping');
      }
    }
    logger.info({ summary: summaryOf(tally) }, 'stopped');
  };
  let stopping: Promise<void> | undefined;
  return {
    reload: (by) => {
      service.reloading();
      const nothing = { frames: [], drops: [], isLast: false, acknowledge: () => undefined };
      reloads.next({ ...nothing, controls: [reloader.order(by)], receivedAt: clock.now() });
    },
    stop: () => (stopping ??= stopAll()),
  };
};
