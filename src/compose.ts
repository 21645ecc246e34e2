/** The daemon: the judgement between a broker and a log. The only place where what decides meets what acts. */
import { dirname, resolve } from 'node:path';
import { concatMap, filter, map, merge, Subject, tap, type Observable, type Subscription } from 'rxjs';
import { readBrokerAccess } from './adapters/broker-access';
import { readChainKey } from './adapters/chain-key';
import { daemonDiagnostics } from './adapters/diagnostics';
import type { Logger } from './adapters/logger';
import { redactUrl } from './adapters/mqtt-connection';
import { MqttLink } from './adapters/mqtt-link';
import { unmanaged, type ServiceManager } from './adapters/service-manager';
import { openLog } from './adapters/sqlite-log';
import { composeConsole, readConsoleTokens } from './compose-console';
import { answerDesk, queryLog } from './compose-desk';
import { composeJudge } from './compose-judge';
import { logBytesOf, observeDaemon, statusLine } from './compose-observe';
import { createReloader } from './compose-reload';
import type { LoadedConfig } from './config/load-config';
import { pulseOf } from './console/pulse';
import { healthOf } from './core/health';
import { emptyTally, summaryOf, type Tally } from './core/tally';
import { topicsOf } from './core/topics';
import type { LedgerEntry } from './domain/ledger';
import { isFunctionState } from './domain/requests';
import type { ActionState } from './domain/rules';
import { Crossing } from './pipeline/crossing';
import { judge } from './pipeline/judge';
import type { Arrival, Clock, Diagnostics } from './pipeline/ports';
import { Vitals, type DaemonState } from './pipeline/vitals';
import { withDelivery } from './pipeline/with-delivery';
import { withRecord } from './pipeline/with-record';
import { withTally } from './pipeline/with-tally';

export interface DaemonOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who started this process and watches over it; left out: nobody. */
  readonly service?: ServiceManager;
  /** Whether a spacecraft acknowledges; one that is played from a recording does not. Default: it does. */
  readonly isAnswered?: boolean;
  /** Told where the console listens, once it does. */
  readonly onConsole?: (url: string) => void;
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
  const { clock, logger, service = unmanaged, onBroken, isAnswered = true } = options;
  const startedAt = clock.now();
  const tokens = readConsoleTokens(loaded);
  const access = readBrokerAccess(config.mqtt, { baseDir: dirname(loaded.file) });
  const vitals = new Vitals(config.mode);
  let lastProgressAt = startedAt;
  const progressed = (): void => {
    lastProgressAt = clock.now();
    service.progressed();
  };
  const told = daemonDiagnostics(logger, vitals);
  const diagnostics: Diagnostics = {
    ...told,
    vital: (part, ok, detail) => {
      told.vital(part, ok, detail);
      // A log that is tried again and again is a known wait, which a restart would not mend.
      if (part === 'log' && !ok) progressed();
    },
  };
  const log = openLog(logPath, startedAt, {
    chainKey: readChainKey(config.log.key, dirname(resolve(loaded.file))),
    onMigrated: (copy) => {
      logger.info({ copy }, 'the log was brought up to date; a copy of it as it was is kept');
    },
  });
  const kept = log.restore();
  const outbox = log.outbox(() => clock.now());
  let inbox = 0;
  const observation = observeDaemon({
    config,
    spacecraft: mission.spacecraft,
    model: manifest?.id,
    logger,
    read: () => ({
      state,
      impaired: vitals.impaired,
      isConnected: link.isConnected,
      inbox,
      outbox: outbox.underWay().length,
      packetAgeSeconds: lastPacketTime === undefined ? undefined : (clock.now() - lastPacketTime) / 1000,
      logBytes: logBytesOf(logPath),
      lastProgressAt,
    }),
  });
  const { metrics } = observation;
  const composed = await composeJudge(loaded, diagnostics, { isAnswered, kept }, metrics?.timedScorer).catch(
    (error: unknown) => {
      log.close();
      throw error;
    },
  );
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
      diagnostics.vital('log', false, error instanceof Error ? error.message : String(error));
    }
  };
  let again: NodeJS.Timeout | undefined;

  let state: DaemonState = 'offline';
  let tally: Tally = emptyTally;
  let lastPacketTime: number | undefined;
  const link = new MqttLink({
    url: config.mqtt.url,
    access,
    clientId: config.mqtt.clientId ?? `fdir-${mission.spacecraft}`,
    topics: topicsOf(config.mqtt.baseTopic, mission.spacecraft),
    parameters: new Set(mission.parameters.map(({ id }) => id)),
    now: () => clock.now(),
    maxLeadMs: config.maxLead,
    outbox,
    onConnect: () => {
      logger.info({ broker: redactUrl(config.mqtt.url), mqtt: link.protocol }, 'connected to the broker');
      sayHealth();
    },
    onSubscribed: () => {
      service.ready();
      service.status(statusLine(state, true, tally));
    },
    onTrouble: (message) => {
      logger.warn(message);
    },
  });
  const sayHealth = (): void => {
    const { impaired } = vitals;
    const { lastMessageAt, protocol } = link;
    service.status(statusLine(state, link.isConnected, tally));
    const known = { now: clock.now(), startedAt, state, mode: vitals.mode, model: composed.models?.live.manifest.id };
    link.publishLogHead(log.headAt(clock.now()));
    const health = healthOf({ ...known, impaired, tally, lastMessageAt, lastPacketTime, protocol });
    link.publishHealth({ ...health, shadow: composed.models?.report });
  };
  const people = composeConsole(loaded, {
    clock,
    logger,
    startedAt,
    tokens,
    onListening: options.onConsole,
    kept,
    openAnomalies: log.list({ state: 'open' }, { sort: 'start', order: 'desc', limit: SHOWN_ANOMALIES }).items,
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
    note: (detail) => {
      log.noteDaemonEvent(clock.now(), 'console', detail);
    },
  });
  const noteShadow = (): void => {
    if (composed.models?.report !== undefined)
      log.noteDaemonEvent(clock.now(), 'shadow', JSON.stringify(composed.models.report));
  };
  const crossing = new Crossing();
  const reloader = createReloader(loaded, {
    models: composed.models,
    whenEmpty: () => crossing.whenEmpty(),
    beforeSwap: noteShadow,
    onResult: ({ rules, ok }, message, by) => {
      if (ok) logger.info({ by }, message);
      else logger.error({ by }, message);
      if (rules !== undefined) {
        composed.nameRules(rules.sha256);
        people.reloaded(rules);
      }
      log.noteDaemonEvent(clock.now(), ok ? 'reloaded' : 'reload-refused', `${by}: ${message}`);
      service.reloaded();
    },
  });
  const reloads = new Subject<Arrival>();
  const subscriptions: Subscription[] = [
    merge(
      link.arrivals$.pipe(
        tap(() => {
          inbox += 1;
          metrics?.message();
        }),
        map((arrival) => ({
          ...arrival,
          acknowledge: () => {
            inbox -= 1;
            arrival.acknowledge();
          },
        })),
      ),
      ticks$(clock),
      reloads,
      people.arrivals$,
    )
      .pipe(
        concatMap((arrival) => reloader.takeUp(arrival)),
        crossing.entering(),
        judge(composed.parts),
        crossing.leaving(),
        withRecord(metrics?.timedLog(log) ?? log, diagnostics, { onFailure: 'hold' }),
        withDelivery(
          link,
          link,
          people.answering(answerDesk(link, log.ledger), (request) => queryLog(log.ledger, request)),
        ),
        withTally(),
      )
      .subscribe({
        next: (outcome) => {
          ({ tally } = outcome);
          const mode = modeIn(outcome.ledger);
          if (mode !== undefined) vitals.switchTo(mode);
          lastPacketTime = outcome.packetTime ?? lastPacketTime;
          metrics?.outcome(outcome);
          people.tell(outcome.events, outcome.ledger);
          outcome.acknowledge();
          progressed();
        },
        error: onBroken,
      }),
    vitals.state$.subscribe((next) => {
      if (state !== 'offline') log.noteDaemonEvent(clock.now(), 'state', next);
      state = next;
      link.publishState(next);
      service.status(statusLine(next, link.isConnected, tally));
    }),
    clock.every(HEALTH_PERIOD_MS).subscribe(sayHealth),
    clock.every(PRUNING_PERIOD_MS).subscribe(prune),
    clock.every(PRUNING_PERIOD_MS).subscribe(noteShadow),
  ];
  prune();
  link.start();
  log.noteDaemonEvent(startedAt, 'started', JSON.stringify({ mode: config.mode, model: manifest?.id ?? null }));
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
        subscriptions.forEach((subscription) => {
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
