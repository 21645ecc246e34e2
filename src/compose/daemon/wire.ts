/** Step 4 of the start-up: everything that arrives goes through the one flow, and what comes of it is told. */
import { EMPTY, filter, map, merge, Subject, tap, type Observable } from 'rxjs';
import type { NotifyAccess } from '../../adapters/notify/notify-access';
import { redactUrl } from '../../adapters/mqtt/mqtt-options';
import { requestAnswerer, queryLog } from '../answer-requests';
import { noteTimeBase } from '../broker-outages';
import { coverageTeller } from '../coverage';
import { composeConsole, type DaemonConsole } from '../console';
import { composeNotify, noNotifier, type Notifier, type NotifyOptions } from '../notify';
import { createReloader } from '../reload';
import type { NamedToken } from '../../console/port/messages';
import { pulseOf } from '../../console/port/pulse';
import { readReliability } from '../../domain/reliability';
import { daemonFlow, type FlowOutcome } from '../../pipeline/daemon-flow';
import { Inbox } from '../../pipeline/inbox';
import type { Arrival, Clock } from '../../pipeline/ports';
import { ReloadGate } from '../../pipeline/reload-gate';
import { Ticker } from '../../pipeline/ticker';
import { withDelivery } from '../../pipeline/with-delivery';
import { lastMessageAt, type ConnectedDaemon } from './connect';
import { modeIn } from './open-log';
import { healthReporter, type HealthReporter } from './report-health';

/** Secrets of what is beside the broker, read before anything is opened. */
export interface DeskAccess {
  readonly tokens: readonly NamedToken[];
  readonly notify: NotifyAccess | undefined;
}

/** A daemon whose parts are connected with each other, and of which nothing has begun. */
export interface WiredDaemon extends ConnectedDaemon {
  readonly people: DaemonConsole;
  readonly inbox: Inbox;
  readonly health: HealthReporter;
  readonly notifier: Notifier;
  /** Puts something into the flow. */
  put(arrival: Arrival): void;
}

/** Left open by the last run; more are in the log. */
const SHOWN_ANOMALIES = 100;
/** How late a deadline may be noticed while no telemetry comes. */
const TICK_PERIOD_MS = 1000;
/** Frames that may be under way while the model's thread computes: the windows of some end with another inference. */
const JUDGED_AT_ONCE = 8;

const ticks$ = (clock: Clock): Observable<Arrival> => {
  const ticker = new Ticker();
  return clock.every(TICK_PERIOD_MS).pipe(
    map(() => ticker.tick(clock.now())),
    filter((arrival) => arrival !== undefined),
  );
};

/** The console and what it is told; its status changes are told on `changed`. */
const makeConsole = (
  { loaded, options, status, vitals, link, listeners, log, kept, note, history }: ConnectedDaemon,
  tokens: readonly NamedToken[],
  changed: Subject<void>,
): DaemonConsole => {
  const { clock, logger, onConsole } = options;
  return composeConsole(loaded, {
    clock,
    logger,
    startedAt: status.startedAt,
    tokens,
    onListening: onConsole,
    kept,
    openAnomalies: log.openAnomalies(SHOWN_ANOMALIES),
    pulse: () =>
      pulseOf({
        now: clock.now(),
        startedAt: status.startedAt,
        state: status.state,
        mode: vitals.mode,
        impaired: vitals.impaired,
        isConnected: link.isConnected,
        tally: status.tally,
        lastMessageAt: lastMessageAt({ link, listeners }),
        lastPacketTime: status.packetTime,
      }),
    telemetry: () => history?.news(),
    onStatus: () => {
      changed.next();
    },
    recoveryOf: (id) => {
      try {
        return log.log.ledger.showRecovery(id)?.recovery;
      } catch {
        // A record that is damaged is not shown, and is no reason not to start.
        return undefined;
      }
    },
    isLogged: (id) => log.log.ledger.hasAnomaly(id),
    note: (message) => {
      note({ kind: 'console', detail: { message } });
    },
  });
};

/** Who is told of alarms besides the broker. */
const makeNotifier = (
  { loaded, log, options, diagnostics, note, composed, observation }: ConnectedDaemon,
  access: NotifyAccess | undefined,
  people: Pick<DaemonConsole, 'status'>,
): Notifier => {
  const { notify: config } = loaded.config;
  if (config === undefined || access === undefined) return noNotifier;
  const context = () => ({
    mission: loaded.mission,
    page: config.page ?? people.status.url ?? undefined,
    reliability: readReliability(composed.models?.live.manifest.quality),
  });
  const onResult: NotifyOptions['onResult'] = (...told) => observation.metrics?.notified(...told);
  return composeNotify({ config, access, context, log, clock: options.clock, diagnostics, note, onResult });
};

/** Where reloads are carried out. */
const makeGate = (connected: ConnectedDaemon, people: DaemonConsole): ReloadGate => {
  const { loaded, options, composed, subject, service, note, noteShadow, readAccess } = connected;
  const { logger } = options;
  return new ReloadGate(
    createReloader(loaded, {
      models: composed.models,
      beforeSwap: noteShadow,
      checkAccess: readAccess,
      onResult: ({ rules, ok }, message, by) => {
        subject.manifest = composed.models?.live.manifest;
        if (ok) logger.info({ by }, message);
        else logger.error({ by }, message);
        if (rules !== undefined) composed.nameRules(rules.sha256);
        if (ok) people.reloaded({ rules, manifest: composed.models?.live.manifest });
        note({ kind: ok ? 'reloaded' : 'reload-refused', detail: { by, message } });
        service.reloaded();
      },
    }),
  );
};

/** What follows from an outcome that is recorded and delivered. */
const tellOutcome = (
  connected: ConnectedDaemon,
  people: DaemonConsole,
  notifier: Notifier,
): ((outcome: FlowOutcome) => void) => {
  const { options, status, vitals, observation, note, progressed } = connected;
  const tellCoverage = coverageTeller(connected.loaded.mission, vitals);
  return (outcome) => {
    const { tally, ledger, events, packetTime, endsBase } = outcome;
    status.tally = tally;
    status.packetTime = packetTime ?? status.packetTime;
    const mode = modeIn(ledger);
    if (mode !== undefined) {
      vitals.switchTo(mode);
      // The word stays the same, and who has the word may not.
      if (status.state === 'degraded') connected.link.repeatState();
    }
    tellCoverage(outcome.memory?.absence);
    noteTimeBase(endsBase, options.logger, note);
    observation.metrics?.outcome(outcome);
    people.tell(events, ledger);
    if (outcome.alarms.length > 0) notifier.wake();
    outcome.acknowledge();
    progressed();
  };
};

/** What the link tells, and what has no record, is told on. */
const followLink = (connected: ConnectedDaemon, health: HealthReporter, notifier: Notifier): void => {
  const { link, linkEvents$, alarms, diagnostics, service, parts, loaded, options } = connected;
  const urgent = alarms.urgent$.subscribe((step) => {
    link.publishAlarm(step);
    notifier.urge(step);
  });
  const events = linkEvents$.subscribe(({ kind }) => {
    if (kind === 'subscribed') {
      diagnostics.vital('telemetry', true);
      service.ready();
      health.reportLine();
      return;
    }
    options.logger.info({ broker: redactUrl(loaded.config.mqtt.url), mqtt: link.protocol }, 'connected to the broker');
    health.report();
    // Nobody was there to hear of it when it was raised.
    const { unrecorded } = alarms;
    if (unrecorded !== undefined) link.publishAlarm(unrecorded);
  });
  parts.add('link events', () => {
    urgent.unsubscribe();
    events.unsubscribe();
  });
};

export const wire = (connected: ConnectedDaemon, { tokens, notify }: DeskAccess): WiredDaemon => {
  const { loaded, options, composed, observation, log, link, listeners, peers, alarms, diagnostics, parts } = connected;
  const { metrics } = observation;
  const { config } = loaded;
  const consoleChanged = new Subject<void>();
  const people = makeConsole(connected, tokens, consoleChanged);
  const health = healthReporter(connected, people);
  const notifier = makeNotifier(connected, notify, people);
  const inbox = new Inbox({
    overload: config.mqtt.overload ?? 'in-order',
    most: config.modelThread ? JUDGED_AT_ONCE : 1,
  });
  const outcomes$ = daemonFlow({
    inbox,
    judge: composed.parts,
    gate: makeGate(connected, people),
    record: {
      log: metrics?.timedLog(log) ?? log,
      diagnostics,
      onFailure: 'hold',
      grouped: link,
      notices: (outcomes) => notifier.noticesOf(outcomes),
      waiting: () => inbox.depth,
    },
    deliver: withDelivery(
      link,
      link,
      people.answering(
        requestAnswerer(link, () => log.log.ledger),
        (request) => queryLog(log.log.ledger, request),
      ),
    ),
  });
  followLink(connected, health, notifier);
  const outcomes = outcomes$.subscribe({ next: tellOutcome(connected, people, notifier), error: options.onBroken });
  const messages$ = merge(link.arrivals$, listeners?.arrivals$ ?? EMPTY).pipe(
    tap(() => {
      metrics?.message();
    }),
  );
  const put = (arrival: Arrival): void => {
    inbox.put(arrival);
  };
  const arrivals = merge(messages$, ticks$(options.clock), alarms.arrivals$, people.arrivals$).pipe(
    map((arrival) => peers.guarded(arrival)),
  );
  const arrived = merge(arrivals, peers.arrivals$).subscribe(put);
  const status = consoleChanged.subscribe(() => {
    if (link.isConnected) health.report();
  });
  parts.add('flow', () => {
    for (const subscription of [arrived, outcomes, status]) subscription.unsubscribe();
  });
  return { ...connected, people, inbox, health, notifier, put };
};
