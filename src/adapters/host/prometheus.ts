/** The daemon's figures for Prometheus. The only file that knows prom-client. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { StepCounts } from '../../core/tally';
import type { LedgerEntry } from '../../domain/ledger';
import { dropReasons } from '../../domain/drops';
import { daemonStates } from '../../domain/health';
import { recoveryStates } from '../../domain/recovery';
import type { ExplanationLog, Scorer } from '../../pipeline/ports';

/** What is read when somebody asks, rather than counted as it happens. */
export interface Readings {
  /** The model that judges; undefined without one. Another may take over while the daemon runs. */
  readonly model: string | undefined;
  /** `online`, `degraded`, `passive`, `offline`. */
  readonly state: string;
  /** Parts that do not work. */
  readonly impaired: readonly string[];
  readonly isConnected: boolean;
  /** Messages and orders that were taken from the broker and are not dealt with. */
  readonly inbox: number;
  /** How long the oldest of them has waited, seconds; 0 when none does. */
  readonly lagSeconds: number;
  /** Requests that the broker does not have yet. */
  readonly outbox: number;
  /** Publications that a queue of its size could not keep while the broker was away. */
  readonly lostPublications: number;
  /** How far the newest frame is behind the wall clock, seconds; undefined before the first. */
  readonly packetAgeSeconds: number | undefined;
  /** Changes of alarms that wait for a receiver of `notify:`, and those let go because too many waited. */
  readonly notifications: { readonly waiting: number; readonly dropped: number };
  /** Bytes of the log on disk, its write-ahead log included. */
  readonly logBytes: number;
  /** Wall clock of the last outcome, milliseconds. */
  readonly lastProgressAt: number;
  /** Those of a worker, each with series of its own; left out: they have none. */
  readonly spacecraft?: readonly SpacecraftReadings[];
}

/** What is read of one spacecraft of a fleet. */
export interface SpacecraftReadings {
  readonly spacecraft: string;
  readonly state: string;
  readonly frames: number;
  readonly openAnomalies: number;
  readonly openAlarms: number;
  /** How far its newest frame is behind the wall clock, seconds; undefined before the first. */
  readonly packetAgeSeconds: number | undefined;
}

export interface Metrics {
  /** One message of the broker, of whatever kind. */
  message(): void;
  /** What one step of the pipeline led to. */
  outcome(step: StepCounts & { readonly ledger: readonly LedgerEntry[] }): void;
  /** A receiver of `notify:` took changes of alarms, failed to, or refused one. */
  notified(receiver: string, result: 'taken' | 'failed' | 'refused', count: number): void;
  /** The same scorer, timed. */
  timedScorer(scorer: Scorer): Scorer;
  /** The same log, its commits timed. */
  timedLog(log: ExplanationLog): ExplanationLog;
  /** Text exposition format, version 0.0.4. */
  exposition(): Promise<string>;
  readonly contentType: string;
}

/** An inference of the bundled model takes some 0.2 ms; a tenth of a second is a machine in trouble. */
const INFERENCE_BUCKETS_S = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1];
/** A commit is one fsync: a good SSD needs 1 ms, an SD card a hundred. */
const COMMIT_BUCKETS_S = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5];
const PARTS = ['inference', 'log', 'telemetry', 'delivery', 'notify'];

export interface MetricLabels {
  readonly spacecraft: string;
  readonly version: string;
  /** Whether the spacecraft of a fleet have series of their own. */
  readonly hasEach?: boolean;
}

type ReadReadings = () => Readings;

/** What makes series of one registry. */
const seriesIn = (registry: Registry) => {
  const registers = [registry];
  return {
    counter: <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Counter({ name, help, labelNames, registers }),
    histogram: (name: string, help: string, buckets: number[]) => new Histogram({ name, help, buckets, registers }),
    gauge: (name: string, help: string, collect: () => number | undefined) => {
      const made = new Gauge({
        name,
        help,
        registers,
        collect: () => {
          const value = collect();
          if (value === undefined) made.remove();
          else made.set(value);
        },
      });
    },
    /** One series a word, 1 for what applies. */
    words: (name: string, help: string, { label, all, applying }: WordSeries) => {
      const made = new Gauge({
        name,
        help,
        labelNames: [label],
        registers,
        collect: () => {
          const now = applying();
          for (const word of all) made.set({ [label]: word }, now.includes(word) ? 1 : 0);
        },
      });
    },
  };
};

interface WordSeries {
  readonly label: string;
  readonly all: readonly string[];
  applying(): readonly string[];
}

type Series = ReturnType<typeof seriesIn>;

const createCounters = ({ counter }: Series) => {
  const counters = {
    messages: counter('fdir_messages_total', 'MQTT messages taken from the broker'),
    frames: counter('fdir_frames_total', 'frames assembled from them'),
    windows: counter('fdir_windows_total', 'windows that were due'),
    unscored: counter('fdir_windows_unscored_total', 'windows that could not be scored'),
    dropped: counter('fdir_dropped_total', 'what came in and was not used', ['reason']),
    anomalies: counter('fdir_anomalies_total', 'anomalies opened', ['equipment']),
    checks: counter('fdir_checks_total', 'transitions of limits and monitors', ['severity']),
    muted: counter('fdir_muted_total', 'transitions and answers held back because their cause is known'),
    actions: counter('fdir_actions_total', 'steps of recoveries, by the state they led to', ['outcome']),
    alarms: counter('fdir_alarm_steps_total', 'changes of alarms', ['change']),
    notified: counter('fdir_notifications_total', 'attempts to tell a receiver of notify', ['receiver', 'result']),
  };
  // Series that exist from the start: a rate of something that has never happened is zero, not absent.
  for (const reason of dropReasons) counters.dropped.inc({ reason }, 0);
  for (const outcome of recoveryStates) counters.actions.inc({ outcome }, 0);
  return counters;
};

/** Counts what one step of the pipeline led to. */
const countStep = (counters: ReturnType<typeof createCounters>, step: Parameters<Metrics['outcome']>[0]): void => {
  const { anomalies, checks, muted, actions, alarms } = counters;
  counters.frames.inc(step.frames);
  counters.windows.inc(step.windows);
  counters.unscored.inc(step.unscored);
  for (const { reason, count = 1 } of step.drops) counters.dropped.inc({ reason }, count);
  for (const event of step.events) {
    if (event.type === 'anomaly' && event.revision === 1) anomalies.inc({ equipment: event.verdict.equipment });
    if (event.type === 'check' || event.type === 'monitor') checks.inc({ severity: event.severity ?? 'none' });
    if (event.type === 'muted' || ('mutedBy' in event && event.mutedBy !== undefined)) muted.inc();
  }
  for (const entry of step.ledger) {
    if (entry.kind === 'recovery-step') actions.inc({ outcome: entry.record.to });
    if (entry.kind === 'alarm-step') alarms.inc({ change: entry.record.change });
  }
};

const createGauges = ({ gauge, words }: Series, read: ReadReadings): void => {
  const states = { label: 'state', all: daemonStates, applying: () => [read().state] };
  words('fdir_state', 'what the daemon says of itself', states);
  const parts = { label: 'part', all: PARTS, applying: () => read().impaired };
  words('fdir_impaired', 'parts that do not work', parts);
  gauge('fdir_connected', '1 while the broker is there', () => (read().isConnected ? 1 : 0));
  gauge('fdir_inbox_messages', 'arrivals that wait to be judged', () => read().inbox);
  gauge('fdir_lag_seconds', 'how long the oldest of them has waited', () => read().lagSeconds);
  gauge('fdir_publications_lost', 'what could not be kept while the broker was away', () => read().lostPublications);
  gauge('fdir_outbox_messages', 'requests and publications that the broker does not have yet', () => read().outbox);
  gauge(
    'fdir_notifications_waiting',
    'changes that receivers of notify have not taken',
    () => read().notifications.waiting,
  );
  gauge('fdir_notifications_dropped', 'changes let go because too many waited', () => read().notifications.dropped);
  gauge('fdir_packet_age_seconds', 'how far the newest frame is behind the clock', () => read().packetAgeSeconds);
  gauge('fdir_log_bytes', 'explanation log on disk', () => read().logBytes);
  gauge('fdir_last_progress_timestamp_seconds', 'when the pipeline last got on', () => read().lastProgressAt / 1000);
};

/** Series of those that there are now: a spacecraft that left has none. */
const createSpacecraftSeries = (registry: Registry, read: ReadReadings): void => {
  type Of = (one: SpacecraftReadings) => number | undefined;
  const registers = [registry];
  const each = (name: string, help: string, value: Of): void => {
    const made = new Gauge({
      name: `fdir_spacecraft_${name}`,
      help,
      labelNames: ['spacecraft'],
      registers,
      collect: () => {
        made.reset();
        for (const one of read().spacecraft ?? []) {
          const now = value(one);
          if (now !== undefined) made.set({ spacecraft: one.spacecraft }, now);
        }
      },
    });
  };
  each('frames', 'frames of this spacecraft that were judged', ({ frames }) => frames);
  each('open_anomalies', 'its anomalies that are open', ({ openAnomalies }) => openAnomalies);
  each('open_alarms', 'its alarms that are not cleared', ({ openAlarms }) => openAlarms);
  each('packet_age_seconds', 'how far its newest frame is behind the clock', (one) => one.packetAgeSeconds);
  const states = new Gauge({
    name: 'fdir_spacecraft_state',
    help: 'what it says of itself',
    labelNames: ['spacecraft', 'state'],
    registers,
    collect: () => {
      states.reset();
      for (const { spacecraft, state: now } of read().spacecraft ?? [])
        for (const state of daemonStates) states.set({ spacecraft, state }, state === now ? 1 : 0);
    },
  });
};

const createBuildInfo = (registry: Registry, version: string, read: ReadReadings): void => {
  const build = new Gauge({
    name: 'fdir_build_info',
    help: 'which program and model run',
    labelNames: ['version', 'model'],
    registers: [registry],
    collect: () => {
      build.reset();
      build.set({ version, model: read().model ?? 'none' }, 1);
    },
  });
};

/** The same scorer; each inference is observed in `inference`. */
const timeScorer = (scorer: Scorer, inference: Histogram): Scorer => {
  const timed = async <T>(work: Promise<T>): Promise<T> => {
    const done = inference.startTimer();
    try {
      return await work;
    } finally {
      done();
    }
  };
  return {
    manifest: scorer.manifest,
    score: (values, n) => timed(scorer.score(values, n)),
    implied: (values, n) => timed(scorer.implied(values, n)),
    // Many inferences at once, and no time of one.
    smallestSet: scorer.smallestSet,
    close: () => scorer.close(),
  };
};

/** The same log; each commit is observed in `commits`. */
const timeLog = (log: ExplanationLog, commits: Histogram): ExplanationLog => ({
  commit: (...args) => {
    const done = commits.startTimer();
    try {
      log.commit(...args);
    } finally {
      done();
    }
  },
});

/** @param read called on every scrape. */
export const createMetrics = (labels: MetricLabels, read: ReadReadings): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ spacecraft: labels.spacecraft });
  collectDefaultMetrics({ register: registry });
  const series = seriesIn(registry);
  const counters = createCounters(series);
  const inference = series.histogram(
    'fdir_inference_seconds',
    'one inference of the model package',
    INFERENCE_BUCKETS_S,
  );
  const commits = series.histogram(
    'fdir_commit_seconds',
    'one transaction of the explanation log, durable',
    COMMIT_BUCKETS_S,
  );
  createBuildInfo(registry, labels.version, read);
  createGauges(series, read);
  if (labels.hasEach === true) createSpacecraftSeries(registry, read);
  return {
    message: () => {
      counters.messages.inc();
    },
    outcome: (step) => {
      countStep(counters, step);
    },
    notified: (receiver, result, count) => {
      counters.notified.inc({ receiver, result }, count);
    },
    timedScorer: (scorer) => timeScorer(scorer, inference),
    timedLog: (log) => timeLog(log, commits),
    exposition: () => registry.metrics(),
    contentType: registry.contentType,
  };
};
