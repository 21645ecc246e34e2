/**
 * The console beside the daemon, in a thread of its own, so that neither slow clients nor slow reads hold up the pipeline. Over its
 * port go what changes and how fresh it is; back come the orders of people, which take the path of requests over MQTT. Without a
 * console the daemon goes on: a port that is taken is told of, and tried again.
 */
import { dirname, resolve } from 'node:path';
import { EMPTY, type Observable, type Subscription } from 'rxjs';
import type { Logger } from '../adapters/host/logger';
import { programFile } from '../adapters/host/package-root';
import { readSecret } from '../adapters/secret-file';
import { historySizeOf } from '../config/daemon-config';
import type { LoadedConfig } from '../config/load-config';
import { summaryOf } from '../console/server/account';
import { historyPath } from './history';
import type { AnomalySummary } from '../console/api/anomalies';
import type { Pulse } from '../console/api/overview';
import { PendingOrders } from '../console/daemon-side/pending-orders';
import { isLiveChange, type LiveChange } from '../console/port/live-state';
import type { ConsoleSetup, FromConsole, NamedToken, TelemetryNews, ToConsole } from '../console/port/messages';
import { Outbound } from '../console/daemon-side/outbound';
import { tickConsole } from '../console/daemon-side/ticks';
import { ConsoleThread } from '../console/daemon-side/thread';
import { FdirError } from '../domain/errors';
import type { PipelineEvent } from '../domain/events';
import type { StoredState, LedgerEntry } from '../domain/ledger';
import type { ConsoleStatus } from '../domain/health';
import type { Manifest } from '../domain/manifest';
import type { Recovery } from '../domain/recovery';
import type { OperatorRequest, Reply } from '../domain/requests';
import type { RuleSet } from '../domain/rules';
import type { RequestAnswerer, Arrival, Clock } from '../pipeline/ports';

export interface ConsoleOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly startedAt: number;
  readonly tokens: readonly NamedToken[];
  /** Told where it listens. */
  readonly onListening?: ((url: string) => void) | undefined;
  /** What the log kept of the last run. */
  readonly kept: StoredState;
  /** A recovery of the log, over or not. */
  readonly recoveryOf: (id: string) => Recovery | undefined;
  /** Anomalies that it did not see the end of. */
  readonly openAnomalies: readonly AnomalySummary[];
  readonly pulse: () => Pulse;
  /** What of the telemetry is new since the last call. */
  readonly telemetry: () => TelemetryNews | undefined;
  /** Whether the log has an anomaly of this id. */
  readonly isLogged: (id: string) => boolean;
  /** Something to be noted of the daemon: it serves, it cannot. */
  readonly note: (detail: string) => void;
  /** Told when it begins to serve, or cannot. */
  readonly onStatus: () => void;
}

export interface DaemonConsole {
  /** Orders of people. */
  readonly arrivals$: Observable<Arrival>;
  /** Answers what was asked here, and leaves the rest to `answerer`. */
  answering(answerer: RequestAnswerer, query: (request: OperatorRequest) => Reply): RequestAnswerer;
  /** What was recorded. */
  tell(events: readonly PipelineEvent[], ledger: readonly LedgerEntry[]): void;
  /** What was loaded anew; what stayed as it was is no news. */
  reloaded(next: Pick<LoadedConfig, 'rules' | 'manifest'>): void;
  /** Whether people can look. */
  readonly status: ConsoleStatus;
  start(): void;
  stop(): Promise<void>;
}

type ConsoleConfig = Exclude<LoadedConfig['config']['console'], false>;

const none: DaemonConsole = {
  arrivals$: EMPTY,
  answering: (answerer) => answerer,
  tell: () => undefined,
  reloaded: () => undefined,
  status: { state: 'off', url: null, reason: null },
  start: () => undefined,
  stop: () => Promise.resolve(),
};

/** Shorter ones can be guessed; 16 bytes at random, in hexadecimal, have 32 characters. */
const MIN_TOKEN_CHARACTERS = 16;

/** @throws FdirError `config` when it cannot be read. */
const readToken = ({ name, ...source }: ConsoleConfig['tokens'][number], baseDir: string): NamedToken => {
  const token = readSecret(source, { baseDir });
  if (token.length >= MIN_TOKEN_CHARACTERS && /^[\x21-\x7e]+$/.test(token)) return { name, token };
  throw new FdirError(
    'config',
    `console.tokens: the token of ${name} must have ${String(MIN_TOKEN_CHARACTERS)} visible characters at least: openssl rand -hex 16`,
  );
};

const rulesChange = (rules: RuleSet | undefined): LiveChange => ({
  kind: 'rules',
  sha256: rules?.sha256 ?? '',
  rules: rules?.eventActions ?? [],
});

/** The golden vector is for the runtime. */
const modelChange = (manifest: Manifest | undefined): readonly LiveChange[] => {
  if (manifest === undefined) return [];
  const { golden: _golden, ...shown } = manifest;
  return [{ kind: 'model', manifest: shown }];
};

/** What stands when the daemon starts. */
const initialChanges = (
  { rules, manifest }: LoadedConfig,
  { kept, openAnomalies, recoveryOf }: Pick<ConsoleOptions, 'kept' | 'openAnomalies' | 'recoveryOf'>,
): readonly LiveChange[] => [
  rulesChange(rules),
  ...modelChange(manifest),
  ...kept.overrides.map((record) => ({ kind: 'override' as const, record })),
  ...kept.rules.map((record) => ({ kind: 'rule' as const, record })),
  ...kept.equipments.map((record) => ({ kind: 'equipment' as const, record })),
  ...kept.equipments.flatMap(({ by, note }): LiveChange[] => {
    const record = by === 'rule' && note !== '' ? recoveryOf(note) : undefined;
    return record?.isOver === true ? [{ kind: 'recovery', record }] : [];
  }),
  ...kept.recoveries.map((record) => ({ kind: 'recovery' as const, record })),
  ...kept.alarms.map((record) => ({ kind: 'alarm' as const, record })),
  ...openAnomalies.map((record) => ({ kind: 'anomaly' as const, record })),
];

/** Read when the daemon starts, before anything else does: the console is never without the tokens it was told to ask for. */
export const readConsoleTokens = ({ config, file }: Pick<LoadedConfig, 'config' | 'file'>): readonly NamedToken[] =>
  config.console === false ? [] : config.console.tokens.map((token) => readToken(token, dirname(resolve(file))));

const openmctOf = (wanted: LoadedConfig['config']['openmct']): ConsoleSetup['openmct'] =>
  wanted === false
    ? undefined
    : { file: programFile('console/openmct/fdir.js'), origins: wanted === true ? [] : wanted.origins };

const setupOf = (
  { mission, file, logPath, config }: LoadedConfig,
  wanted: ConsoleConfig,
  tokens: readonly NamedToken[],
  startedAt: number,
): ConsoleSetup => {
  const here = dirname(resolve(file));
  const { host, port, allowedHosts, passes } = wanted;
  return {
    host,
    port,
    allowedHosts,
    tokens,
    configFile: resolve(file),
    logPath,
    historyPath: historySizeOf(config) === undefined ? undefined : historyPath(logPath),
    openmct: openmctOf(config.openmct),
    passes: passes === undefined ? undefined : resolve(here, passes),
    page: programFile('console/page'),
    mission,
    startedAt,
    yamcs: config.yamcsApi,
  };
};

interface MessageHandling {
  readonly outbound: Outbound;
  readonly logger: Logger;
  onListening(url: string): void;
  onOrder(order: Extract<FromConsole, { kind: 'order' }>): void;
}

/** What the daemon does with each message of the console's thread. */
const takeMessages =
  ({ outbound, logger, onListening, onOrder }: MessageHandling) =>
  (message: FromConsole): void => {
    switch (message.kind) {
      case 'listening':
        logger.info({ url: message.url }, 'console');
        onListening(message.url);
        return;
      case 'acknowledge':
        outbound.acknowledge(message.sequence);
        return;
      case 'pulse-taken':
        outbound.pulseTaken();
        return;
      case 'telemetry-taken':
        outbound.telemetryTaken();
        return;
      case 'order':
        onOrder(message);
        return;
      case 'trouble':
        logger.warn(`console: ${message.message}`);
        return;
      case 'failed':
        return;
    }
  };

/** What the page is told of that was recorded: anomalies, and entries that it shows. A verdict on nothing is kept nowhere, and is no news. */
const changesOf = (
  events: readonly PipelineEvent[],
  ledger: readonly LedgerEntry[],
  isLogged: ConsoleOptions['isLogged'],
): readonly LiveChange[] => {
  const anomalies = events.flatMap((event): LiveChange[] =>
    event.type === 'anomaly' ? [{ kind: 'anomaly', record: summaryOf(event) }] : [],
  );
  const isNews = (entry: LedgerEntry): boolean => entry.kind !== 'verdict' || isLogged(entry.record.anomaly);
  return [...anomalies, ...ledger.filter(isLiveChange).filter(isNews)];
};

export const composeConsole = (loaded: LoadedConfig, options: ConsoleOptions): DaemonConsole => {
  const { clock, logger, pulse, note, isLogged, onStatus, startedAt, tokens, onListening } = options;
  const wanted = loaded.config.console;
  if (wanted === false) return none;
  const outbound = new Outbound(initialChanges(loaded, options));
  const pending = new PendingOrders(() => clock.now());
  let post: ((message: ToConsole) => void) | undefined;
  let modelSha256 = loaded.manifest?.sha256;
  let status: ConsoleStatus = { state: 'starting', url: null, reason: null };
  let isStopping = false;
  const becomes = (next: ConsoleStatus): void => {
    status = next;
    onStatus();
  };
  let ticks: Subscription | undefined;

  const take = takeMessages({
    outbound,
    logger,
    onListening: (url) => {
      becomes({ state: 'serving', url, reason: null });
      onListening?.(url);
    },
    onOrder: ({ order: number, request }) => {
      pending.request(request, (reply) => post?.({ kind: 'reply', order: number, reply }));
    },
  });
  const thread = new ConsoleThread({
    file: programFile('compose/console-worker.js'),
    setup: setupOf(loaded, wanted, tokens, startedAt),
    onStarted: (to) => {
      post = to;
      outbound.open(to);
      outbound.pulse(pulse);
    },
    onGone: () => {
      post = undefined;
      if (status.state === 'serving' && !isStopping)
        becomes({ state: 'retrying', url: null, reason: 'the console ended' });
      outbound.close();
      pending.forget();
    },
    onTrouble: (message) => {
      logger.error(`${message}; the daemon goes on without a console, which is tried again`);
      note(message);
      becomes({ state: 'retrying', url: null, reason: message });
    },
    onMessage: (message) => {
      take(message);
    },
  });
  return {
    arrivals$: pending.arrivals$,
    answering: (answerer, query) => pending.answering(answerer, query),
    tell: (events, ledger) => {
      outbound.publish(changesOf(events, ledger, isLogged));
    },
    reloaded: ({ rules, manifest }) => {
      const model = manifest?.sha256 === modelSha256 ? [] : modelChange(manifest);
      modelSha256 = manifest?.sha256;
      outbound.publish([...(rules === undefined ? [] : [rulesChange(rules)]), ...model]);
    },
    get status() {
      return status;
    },
    start: () => {
      ticks = tickConsole(outbound, options);
      thread.start();
    },
    stop: async () => {
      isStopping = true;
      ticks?.unsubscribe();
      await thread.stop();
    },
  };
};
