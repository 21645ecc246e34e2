/**
 * `--only kills`: one recorded pass through a real Mosquitto. The daemon is killed with SIGKILL again and again, at random
 * moments of its start and of its work. The same pass also runs undisturbed. Log, alarms, requests and what was published must be
 * the same.
 */
import { mkdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { MqttConnection } from '../adapters/mqtt/mqtt-connection';
import { connectPublisher } from '../adapters/mqtt/mqtt-publisher';
import { createRandom, type Random } from '../core/random';
import { isoTime } from '../domain/units';
import { randomFaults } from '../simulate/random-faults';
import { CLI, writeConfig } from './daemon-process';
import { outcomeOf, differencesOf, type HeardMessage, type PassOutcome } from './pass-outcome';
import { KillableDaemon } from './killable-daemon';
import { keepingAll, startBroker, type Broker } from './mosquitto';
import { until } from './until';
import { BENCH_START, type Workshop } from './workshop';

export interface KillsOptions {
  readonly kills: number;
  readonly seed: number;
  readonly framesPerKill: number;
  /** The program; as it was built unless told otherwise. */
  readonly program?: string;
}

/** At a third of the deaths the daemon is still starting; the others come so long after it is ready, at most. */
const STARTING_SHARE = 1 / 3;
/** Before it dies it is stopped with SIGSTOP, and goes on. */
const STOPPED_SHARE = 1 / 4;
const LONGEST_START_MS = 800;
const LONGEST_WORK_MS = 300;
const MINUTES_PER_FAULT = 45;
const TIMEOUT_MS = 120_000;
/** A motor current out of its warning limits, and of what is simulated: when its check is heard, all before it was judged. */
const MARK = 2.717;

interface Message {
  readonly topic: string;
  readonly text: string;
}

const messagesOf = ({ loaded: { mission }, frames, topics }: Workshop, count: number, seed: number): Message[] => {
  const { periodMs } = mission.sampling;
  const durationMs = count * periodMs;
  const faults = randomFaults({
    count: Math.floor(durationMs / (MINUTES_PER_FAULT * 60_000)),
    passSeed: seed,
    passStart: BENCH_START,
    durationMs,
    periodMs,
  });
  const text = (time: number, values: Readonly<Record<string, number | null>>): Message => ({
    topic: topics.telemetry,
    text: JSON.stringify({ time: isoTime(time), values }),
  });
  return [...frames(count, faults)].map(({ time, values }) =>
    text(time, Object.fromEntries(mission.parameters.map(({ id }, index) => [id, values[index] ?? null]))),
  );
};

/** After the pass: one value that is told, and one that closes its frame. */
const endOf = ({ loaded: { mission }, topics }: Workshop, count: number): Message[] =>
  [count, count + 4].map((index) => ({
    topic: topics.telemetry,
    text: JSON.stringify({
      time: isoTime(BENCH_START + index * mission.sampling.periodMs),
      values: { rw0_current_a: MARK },
    }),
  }));

interface Pass {
  readonly program: string;
  readonly workshop: Workshop;
  readonly name: string;
  readonly messages: readonly Message[];
  readonly framesPerKill: number;
  /** None: undisturbed. */
  readonly kills: { readonly count: number; readonly random: Random } | undefined;
  /** What happens to the broker after so many frames each; none: nothing. */
  readonly breaks?: { readonly count: number; readonly framesEach: number; happen(index: number): Promise<void> };
  readonly keepalive?: string;
}

interface PassResult {
  readonly outcome: PassOutcome;
  readonly killed: { readonly starting: number; readonly working: number };
}

const carryOut = async (broker: Broker, pass: Pass): Promise<PassResult> => {
  const { workshop, program, name, keepalive } = pass;
  const config = { broker, name, ...(keepalive !== undefined && { keepalive }) };
  const daemon = new KillableDaemon(program, writeConfig(workshop, config));
  try {
    return await runPass(broker, pass, daemon);
  } finally {
    daemon.close();
  }
};

const runPass = async (
  broker: Broker,
  { workshop, name, messages, framesPerKill, kills, breaks }: Pass,
  daemon: KillableDaemon,
): Promise<PassResult> => {
  const { topics, report } = workshop;
  const heard: HeardMessage[] = [];
  let isOnline = false;
  let isConnected = false;
  const { state, action, anomaly, check, monitor, muted, alarm, advice } = topics;
  const listener = new MqttConnection({
    url: broker.url,
    clientId: `${name}-listener`,
    // What is said while the broker is away from it is heard afterwards.
    session: 'persistent',
    subscriptions: [state, action, anomaly, check, monitor, muted, alarm, advice],
    onConnect: () => (isConnected = true),
    onMessage: ({ topic, payload }, done) => {
      const text = Buffer.from(payload).toString();
      if (topic === state) isOnline = text === 'online';
      else heard.push({ topic, text });
      done();
    },
  });
  listener.start();
  await until('the listener to connect', () => isConnected);
  const ready = (): Promise<unknown> =>
    until(
      'the daemon to be ready',
      () => {
        daemon.check();
        return isOnline;
      },
      TIMEOUT_MS,
    );
  daemon.begin();
  // From now on the broker keeps what the daemon has not acknowledged.
  await ready();
  const publisher = await connectPublisher(broker.url, `${name}-publisher`, report);
  const killed = { starting: 0, working: 0 };
  let sent = 0;
  const sendUntil = async (end: number): Promise<void> => {
    for (; sent < Math.min(end, messages.length); sent += 1) {
      const message = messages[sent];
      if (message !== undefined) await publisher.publish(message.topic, message.text);
    }
  };
  for (let index = 0; index < (kills?.count ?? 0); index += 1) {
    const random = kills?.random.fork(String(index));
    await sendUntil((index + 1) * framesPerKill);
    const isStarting = (random?.uniform() ?? 0) < STARTING_SHARE;
    if (!isStarting) await ready();
    await wait((random?.uniform() ?? 0) * (isStarting ? LONGEST_START_MS : LONGEST_WORK_MS));
    // Some are stopped for a while, and go on for a moment before they end.
    if ((random?.uniform() ?? 1) < STOPPED_SHARE) await daemon.pause((random?.uniform() ?? 0) * LONGEST_WORK_MS);
    killed[isOnline ? 'working' : 'starting'] += 1;
    await daemon.stop('SIGKILL');
    // The last will says so too, a moment later.
    isOnline = false;
    daemon.begin();
    if ((index + 1) % 20 === 0) report(`${name}: ${String(index + 1)} kills`);
  }
  for (let index = 0; index < (breaks?.count ?? 0); index += 1) {
    await sendUntil((index + 1) * (breaks?.framesEach ?? 0));
    await breaks?.happen(index);
  }
  await sendUntil(messages.length);
  const isMarked = (): boolean =>
    heard.some(({ topic, text }) => topic === check && (JSON.parse(text) as { value: unknown }).value === MARK);
  await until('the last frame to be judged', () => (daemon.check(), isMarked()), TIMEOUT_MS);
  await daemon.stop('SIGTERM');
  await publisher.close();
  await listener.stop();
  return { outcome: outcomeOf(workshop.path(`${name}.db`), topics, heard), killed };
};

/** @returns what differed, and how often what happened. */
export const runKills = async (workshop: Workshop, { kills, seed, framesPerKill, program = CLI }: KillsOptions) => {
  const count = kills * framesPerKill;
  workshop.report(`kills: ${String(kills)} in ${String(count)} frames, seed ${String(seed)}`);
  const messages = [...messagesOf(workshop, count, seed), ...endOf(workshop, count)];
  // A daemon that is away for long must find everything it missed.
  const broker = await startBroker(undefined, keepingAll);
  const pass = { workshop, program, messages, framesPerKill };
  const random = createRandom(seed);
  const runBoth = async (): Promise<readonly [PassResult, PassResult]> => [
    await carryOut(broker, { ...pass, name: 'undisturbed', kills: undefined }),
    await carryOut(broker, { ...pass, name: 'killed', kills: { count: kills, random } }),
  ];
  const [undisturbed, disturbed] = await runBoth().finally(() => broker.stop());
  const { outcome } = disturbed;
  return {
    seed,
    frames: count,
    kills: disturbed.killed,
    anomalies: outcome.anomalies.length,
    published: outcome.published.length,
    publishedAgain: outcome.publishedAgain,
    requests: outcome.requests.length,
    duplicateRequests: outcome.duplicateRequests,
    differences: differencesOf(outcome, undisturbed.outcome),
  };
};

/** A broker that remembers its sessions when it is started again; Mosquitto gives up root for a user that may write nowhere here. */
const remembering = (folder: string) => (port: number) =>
  `${process.getuid?.() === 0 ? 'user root\n' : ''}${keepingAll(port)}persistence true\npersistence_location ${folder}/\n`;

/** Longer than a keep-alive of one second needs to be noticed, and shorter. */
const STALLS_MS = [2500, 300] as const;

/** Requests that left, as the log has it. */
const sentIn = ({ recoveries }: PassOutcome): number =>
  recoveries.reduce((sum, text) => sum + (JSON.parse(text) as { readonly sent: number }).sent, 0);

/** The same pass undisturbed, and while the broker is stopped and started again, or stands still and then goes on. */
export const runBreaks = async (
  workshop: Workshop,
  {
    breaks,
    seed,
    framesEach,
    program = CLI,
  }: Omit<KillsOptions, 'kills' | 'framesPerKill'> & {
    readonly breaks: number;
    readonly framesEach: number;
  },
) => {
  const count = breaks * framesEach;
  const messages = [...messagesOf(workshop, count, seed), ...endOf(workshop, count)];
  const folder = workshop.path('broker');
  mkdirSync(folder);
  const random = createRandom(seed);
  let broker = await startBroker(undefined, remembering(folder));
  const happened = { restarts: 0, stalls: 0 };
  const happen = async (index: number): Promise<void> => {
    const { port, pid } = broker;
    await wait(random.uniform() * LONGEST_WORK_MS);
    // Both happen in every run; which comes when is the seed's.
    const isRestart = index < 2 ? index === seed % 2 : random.uniform() < 1 / 2;
    if (isRestart || pid === undefined) {
      happened.restarts += 1;
      await broker.stop();
      await wait(random.uniform() * LONGEST_WORK_MS);
      broker = await startBroker(port, remembering(folder));
      return;
    }
    happened.stalls += 1;
    process.kill(pid, 'SIGSTOP');
    await wait(STALLS_MS[random.int(STALLS_MS.length)] ?? 0);
    process.kill(pid, 'SIGCONT');
  };
  const pass = { workshop, program, messages, framesPerKill: 0, kills: undefined, keepalive: '1s' };
  try {
    const undisturbed = await carryOut(broker, { ...pass, name: 'undisturbed' });
    const broken = { ...pass, name: 'broken', breaks: { count: breaks, framesEach, happen } };
    const { outcome } = await carryOut(broker, broken);
    return {
      ...{ seed, frames: count, ...happened },
      ...{ anomalies: outcome.anomalies.length, requests: outcome.requests.length },
      duplicateRequests: outcome.duplicateRequests,
      sentByTheLog: sentIn(outcome),
      // What is asked for while the broker is away waits, and is taken back when its anomaly is over by then: that may differ.
      differences: differencesOf(
        { ...outcome, recoveries: [], requests: [] },
        { ...undisturbed.outcome, recoveries: [], requests: [] },
      ),
    };
  } finally {
    await broker.stop();
  }
};

export const benchKills = (workshop: Workshop) => runKills(workshop, { kills: 200, seed: 1, framesPerKill: 60 });
