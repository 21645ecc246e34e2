/** What the daemon's keepers see of it: metrics for Prometheus, a line for systemd, and whether it gets on. */
import { statSync } from 'node:fs';
import type { Logger } from '../adapters/host/logger';
import { startMetricsServer, type MetricsServer } from '../adapters/host/metrics-server';
import { createMetrics, type Metrics, type Readings } from '../adapters/host/prometheus';
import type { DaemonConfig } from '../config/daemon-config';
import type { Tally } from '../core/tally';
import { FdirError } from '../domain/errors';
import { VERSION } from '../domain/version';

export interface Observation {
  /** Undefined when nobody wants them. */
  readonly metrics: Metrics | undefined;
  /**
   * Serves what `read` says. A metrics address that is taken is no reason to leave a spacecraft unwatched: it is reported, and the
   * daemon runs.
   */
  start(read: () => Readings): Promise<void>;
  stop(): Promise<void>;
}

export interface ObservationOptions {
  readonly config: DaemonConfig;
  readonly spacecraft: string;
  readonly logger: Logger;
}

export const observeDaemon = ({ config, spacecraft, logger }: ObservationOptions): Observation => {
  const wanted = config.metrics;
  if (wanted === undefined || wanted === false) {
    return { metrics: undefined, start: () => Promise.resolve(), stop: () => Promise.resolve() };
  }
  let readings: (() => Readings) | undefined;
  const metrics = createMetrics({ spacecraft, version: VERSION, hasEach: wanted.perSpacecraft }, () => {
    if (readings === undefined) throw new Error('nothing is measured before the daemon runs');
    return readings();
  });
  let server: MetricsServer | undefined;
  return {
    metrics,
    start: async (read) => {
      readings = read;
      const { contentType, exposition } = metrics;
      try {
        server = await startMetricsServer({ ...wanted, contentType, exposition });
        logger.info({ url: `http://${wanted.host}:${String(server.port)}/metrics` }, 'metrics');
      } catch (error) {
        if (!(error instanceof FdirError)) throw error;
        logger.error(error.message);
      }
    },
    stop: async () => server?.stop(),
  };
};

/** Bytes of the log and of its write-ahead log; 0 for what is not there. */
export const logBytesOf = (path: string): number =>
  [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);

const plural = (count: number, word: string, many = `${word}s`): string =>
  `${String(count)} ${count === 1 ? word : many}`;

/** The line of `systemctl status`: what it does, in words. */
export const statusLine = (state: string, isConnected: boolean, { frames, anomalies, actions }: Tally): string =>
  [
    state,
    ...(isConnected ? [] : ['waiting for the broker']),
    plural(frames, 'frame'),
    plural(anomalies, 'anomaly', 'anomalies'),
    plural(actions, 'request'),
  ].join(', ');
