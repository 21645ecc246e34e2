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
  /** Bytes of the log on disk, its write-ahead log included. */
  readonly logBytes: number;
  /** Wall clock of the last outcome, milliseconds. */
  readonly lastProgressAt: number;
}

export interface Metrics {
  /** One message of the broker, of whatever kind. */
  message(): void;
  /** What one step of the pipeline led to. */
  outcome(step: StepCounts & { readonly ledger: readonly LedgerEntry[] }): void;
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
const PARTS = ['inference', 'log', 'telemetry'];

export interface MetricLabels {
  readonly spacecraft: string;
  readonly version: string;
}

/** @param read called on every scrape. */
export const createMetrics = (labels: MetricLabels, read: () => Readings): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ spacecraft: labels.spacecraft });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string, collect: () => number | undefined) => {
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
  };
  /** One series a word, 1 for what applies. */
  const words = ({
    name,
    help,
    label,
    all,
    applying,
  }: {
    readonly name: string;
    readonly help: string;
    readonly label: string;
    readonly all: readonly string[];
    readonly applying: () => readonly string[];
  }) => {
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
  };

  const messages = counter('fdir_messages_total', 'MQTT messages taken from the broker');
  const frames = counter('fdir_frames_total', 'frames assembled from them');
  const windows = counter('fdir_windows_total', 'windows that were due');
  const unscored = counter('fdir_windows_unscored_total', 'windows that could not be scored');
  const dropped = counter('fdir_dropped_total', 'what came in and was not used', ['reason']);
  const anomalies = counter('fdir_anomalies_total', 'anomalies opened', ['equipment']);
  const checks = counter('fdir_checks_total', 'transitions of limits and monitors', ['severity']);
  const muted = counter('fdir_muted_total', 'transitions and answers held back because their cause is known');
  const actions = counter('fdir_actions_total', 'steps of recoveries, by the state they led to', ['outcome']);
  const alarms = counter('fdir_alarm_steps_total', 'changes of alarms', ['change']);
  const inference = new Histogram({
    name: 'fdir_inference_seconds',
    help: 'one inference of the model package',
    buckets: INFERENCE_BUCKETS_S,
    registers,
  });
  const commits = new Histogram({
    name: 'fdir_commit_seconds',
    help: 'one transaction of the explanation log, durable',
    buckets: COMMIT_BUCKETS_S,
    registers,
  });
  // Series that exist from the start: a rate of something that has never happened is zero, not absent.
  for (const reason of dropReasons) dropped.inc({ reason }, 0);
  for (const outcome of recoveryStates) actions.inc({ outcome }, 0);

  const build = new Gauge({
    name: 'fdir_build_info',
    help: 'which program and model run',
    labelNames: ['version', 'model'],
    registers,
    collect: () => {
      build.reset();
      build.set({ version: labels.version, model: read().model ?? 'none' }, 1);
    },
  });
  words({
    name: 'fdir_state',
    help: 'what the daemon says of itself',
    label: 'state',
    all: daemonStates,
    applying: () => [read().state],
  });
  words({
    name: 'fdir_impaired',
    help: 'parts that do not work',
    label: 'part',
    all: PARTS,
    applying: () => read().impaired,
  });
  gauge('fdir_connected', '1 while the broker is there', () => (read().isConnected ? 1 : 0));
  gauge('fdir_inbox_messages', 'arrivals that wait to be judged', () => read().inbox);
  gauge('fdir_lag_seconds', 'how long the oldest of them has waited', () => read().lagSeconds);
  gauge('fdir_publications_lost', 'what could not be kept while the broker was away', () => read().lostPublications);
  gauge('fdir_outbox_messages', 'requests and publications that the broker does not have yet', () => read().outbox);
  gauge('fdir_packet_age_seconds', 'how far the newest frame is behind the clock', () => read().packetAgeSeconds);
  gauge('fdir_log_bytes', 'explanation log on disk', () => read().logBytes);
  gauge('fdir_last_progress_timestamp_seconds', 'when the pipeline last got on', () => read().lastProgressAt / 1000);

  return {
    message: () => {
      messages.inc();
    },
    outcome: (step) => {
      frames.inc(step.frames);
      windows.inc(step.windows);
      unscored.inc(step.unscored);
      for (const { reason, count = 1 } of step.drops) dropped.inc({ reason }, count);
      for (const event of step.events) {
        if (event.type === 'anomaly' && event.revision === 1) anomalies.inc({ equipment: event.verdict.equipment });
        if (event.type === 'check' || event.type === 'monitor') checks.inc({ severity: event.severity ?? 'none' });
        if (event.type === 'muted' || ('mutedBy' in event && event.mutedBy !== undefined)) muted.inc();
      }
      for (const entry of step.ledger) {
        if (entry.kind === 'recovery-step') actions.inc({ outcome: entry.record.to });
        if (entry.kind === 'alarm-step') alarms.inc({ change: entry.record.change });
      }
    },
    timedScorer: (scorer) => {
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
    },
    timedLog: (log) => ({
      commit: (...args) => {
        const done = commits.startTimer();
        try {
          log.commit(...args);
        } finally {
          done();
        }
      },
    }),
    exposition: () => registry.metrics(),
    contentType: registry.contentType,
  };
};
