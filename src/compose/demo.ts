/**
 * The demonstration: the daemon, as `fdir run` starts it, between a broker of its own and a log of its own. A recorded pass is
 * published as fast as the daemon deals with it, and what a subscriber hears of it is the result.
 */
import { dirname } from 'node:path';
import { startEmbeddedBroker } from '../adapters/mqtt/embedded-broker';
import { recordedFrames } from '../adapters/passes/file-source';
import type { Logger } from '../adapters/host/logger';
import { MqttConnection } from '../adapters/mqtt/mqtt-connection';
import { telemetryClientId } from '../adapters/mqtt/mqtt-link';
import { connectPublisher } from '../adapters/mqtt/mqtt-publisher';
import { readLog } from '../adapters/log/sqlite-log';
import { startDaemon } from './daemon';
import type { LoadedConfig } from '../config/load-config';
import { topicsOf, type Topics } from '../core/topics';
import { recoveryRequestSchema, type RecoveryRequest } from '../domain/events';
import { FdirError, type Problem } from '../domain/errors';
import { explanationSchema, type Explanation } from '../domain/explanation';
import { isoTime } from '../domain/units';
import type { Clock } from '../pipeline/ports';

export interface DemoOptions {
  readonly pass: string;
  readonly logPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onStarted: (url: string) => void;
  /** Told where the console is. */
  readonly onConsole: (url: string) => void;
  /** Called when the pass is over: the daemon and its console go on until it is settled. */
  readonly stay: () => Promise<void>;
  /** Told of every frame the daemon has dealt with. */
  readonly onProgress: (frames: number) => void;
  readonly onAnomaly: (explanation: Explanation) => void;
  readonly onAction: (request: RecoveryRequest) => void;
  readonly onProblems: (problems: readonly Problem[]) => void;
}

export interface DemoOutcome {
  readonly frames: number;
  /** The last revision of every anomaly as it was heard on the broker, in order of their start. */
  readonly anomalies: readonly Explanation[];
  /** Requests that were heard, and those that were only recorded because their rule is on trial. */
  readonly actions: readonly RecoveryRequest[];
}

/** Frames published and not yet dealt with: enough to keep the daemon busy, and little for the broker to hold. */
const FRAMES_AHEAD = 256;
/** A computer on which nothing happens for so long is not slow but stuck. */
const PATIENCE_MS = 30_000;

/** Something others bring about; waiting for it ends in an error when nothing happens for too long. */
const milestone = (what: string) => {
  let reached = (): void => undefined;
  const promise = new Promise<void>((resolve) => (reached = resolve));
  return {
    reached,
    wait: async (): Promise<void> => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(new FdirError('runtime', `the demonstration is stuck: ${what} did not come`));
        }, PATIENCE_MS);
      });
      await Promise.race([promise, late]).finally(() => {
        clearTimeout(timer);
      });
    },
  };
};

/** A subscriber as any ground system would be. */
const listen = (url: string, topics: Topics, { onAnomaly, onAction }: DemoOptions) => {
  const anomalies = new Map<string, Explanation>();
  const actions: RecoveryRequest[] = [];
  const online = milestone('the first word of the daemon');
  const offline = milestone("the daemon's farewell");
  const connection = new MqttConnection({
    url,
    clientId: 'fdir-demo-listener',
    session: 'clean',
    subscriptions: [topics.anomaly, topics.action, topics.state],
    onMessage: ({ topic, payload }, done) => {
      const text = Buffer.from(payload).toString();
      if (topic === topics.state) (text === 'offline' ? offline : online).reached();
      else if (topic === topics.action) {
        const request = recoveryRequestSchema.parse(JSON.parse(text));
        actions.push(request);
        onAction(request);
      } else {
        const explanation = explanationSchema.parse(JSON.parse(text));
        anomalies.set(explanation.id, explanation);
        onAnomaly(explanation);
      }
      done();
    },
  });
  connection.start();
  return { connection, anomalies, actions, online, offline };
};

/** Requests of rules on trial, which are recorded and never sent. */
const passiveActions = (logPath: string, ids: readonly string[]): readonly RecoveryRequest[] => {
  const log = readLog(logPath);
  try {
    const actions = ids.flatMap((id) => log.showAnomaly(id)?.actions ?? []);
    return actions.filter(({ disposition }) => disposition === 'passive');
  } finally {
    log.close();
  }
};

/** Runs it from start to stop. @throws FdirError `input` when the pass is unusable, `runtime` when nothing moves. */
export const composeDemo = async (loaded: LoadedConfig, options: DemoOptions): Promise<DemoOutcome> => {
  const { pass, logPath, clock, logger, onStarted, onConsole, onProgress, onProblems, stay } = options;
  const { mission } = loaded;
  const clientId = 'fdir-demo-daemon';
  let published = 0;
  let dealtWith = 0;
  let roomForMore = (): void => undefined;
  const broker = await startEmbeddedBroker((client, topic) => {
    if (client !== telemetryClientId(clientId) || topic !== topics.telemetry) return;
    dealtWith += 1;
    onProgress(dealtWith);
    roomForMore();
  });
  const mqtt = { url: broker.url, clientId, baseTopic: 'fdir' };
  const topics = topicsOf(mqtt.baseTopic, mission.spacecraft);
  const listener = listen(broker.url, topics, options);
  // Active, against this broker alone: requests are published, and nobody but the listener hears them.
  const console = { host: '127.0.0.1', port: 0, allowedHosts: [], tokens: [], passes: dirname(pass) };
  const config = { ...loaded.config, mqtt, mode: 'active' as const, console, openmct: true as const };
  let broken: (error: unknown) => void = () => undefined;
  const breaking = new Promise<never>((_, reject) => (broken = reject));
  breaking.catch(() => undefined);
  const untilAtMost = async (ahead: number): Promise<void> => {
    while (published - dealtWith > ahead) {
      const moved = milestone('the acknowledgement of a frame');
      roomForMore = moved.reached;
      await Promise.race([moved.wait(), breaking]);
    }
  };
  try {
    const daemon = await startDaemon(
      { ...loaded, config, logPath },
      { clock, logger, isAnswered: false, onConsole, onBroken: broken },
    );
    try {
      await listener.online.wait();
      onStarted(broker.url);
      const publisher = await connectPublisher(broker.url, 'fdir-demo-spacecraft', (line) => {
        logger.warn(line);
      });
      for await (const { time, values } of recordedFrames({ files: [pass], mission, onProblems })) {
        await publisher.publish(topics.telemetry, JSON.stringify({ time: isoTime(time), values }));
        published += 1;
        await untilAtMost(FRAMES_AHEAD);
      }
      await untilAtMost(0);
      await publisher.close();
      await Promise.race([stay(), breaking]);
    } finally {
      await daemon.stop();
    }
    // The farewell is the last thing the daemon says: whoever has heard it has heard everything.
    await listener.offline.wait();
  } finally {
    await listener.connection.stop();
    await broker.close();
  }
  const actions = [...listener.actions, ...passiveActions(logPath, [...listener.anomalies.keys()])];
  actions.sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  return { frames: dealtWith, anomalies: [...listener.anomalies.values()], actions };
};
