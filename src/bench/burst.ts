/** `--only burst`: a hundred thousand messages as fast as a real Mosquitto takes them. What of memory, and how long until none waits? */
import { setTimeout as wait } from 'node:timers/promises';
import { connectPublisher } from '../adapters/mqtt/mqtt-publisher';
import { checkEventSchema } from '../domain/events';
import { healthSchema } from '../domain/health';
import { isoTime } from '../domain/units';
import { startDaemonProcess } from './daemon-process';
import { keepingAll, startBroker } from './mosquitto';
import { until } from './until';
import { BENCH_START, type Workshop } from './workshop';

const MESSAGES = 100_000;
const TIMEOUT_MS = 900_000;
/** A frame that is not complete is closed by one so far ahead. */
const LATENESS = 4;
/** A motor current out of its warning limits, and of what is simulated. */
const MARK = 2.717;
/** Afterwards the daemon is left alone so long, to see what it gives back. */
const REST_MS = 12_000;

export const benchBurst = async (workshop: Workshop) => {
  const { loaded, topics, report } = workshop;
  const { mission } = loaded;
  const { periodMs } = mission.sampling;
  let isJudged = false;
  let health: unknown;
  // Mosquitto drops what exceeds a thousand queued messages of a client unless it is told otherwise: then it is the broker that loses.
  const broker = await startBroker(undefined, keepingAll);
  const daemon = await startDaemonProcess(workshop, {
    broker,
    name: 'bench-burst',
    onMessage: (topic, payload) => {
      if (topic === topics.health) health = JSON.parse(payload);
      if (topic === topics.check && checkEventSchema.parse(JSON.parse(payload)).value === MARK) isJudged = true;
    },
  });
  const afterStart = daemon.residentMemory();
  const publisher = await connectPublisher(broker.url, 'bench-burst-publisher', report);
  report(`burst: sending ${String(MESSAGES)} messages`);
  const begun = performance.now();
  const send = (time: number, values: Readonly<Record<string, number>>): Promise<void> =>
    publisher.publish(topics.telemetry, JSON.stringify({ time: isoTime(time), values }));
  for (const { time, values } of workshop.frames(MESSAGES, []))
    await send(time, Object.fromEntries(mission.parameters.map(({ id }, index) => [id, values[index] ?? NaN])));
  for (const index of [MESSAGES, MESSAGES + LATENESS])
    await send(BENCH_START + index * periodMs, { rw0_current_a: MARK });
  const sentAt = performance.now();
  report('burst: sent; waiting for the last one to be judged');
  await until('the last message to be judged', () => isJudged, TIMEOUT_MS);
  const judgedAt = performance.now();
  const afterBurst = daemon.residentMemory();
  await wait(REST_MS);
  const rested = daemon.residentMemory();
  await publisher.close();
  const stopMs = await daemon.stop();
  await broker.stop();
  const counted = healthSchema.safeParse(health);
  return {
    messages: MESSAGES,
    sentPerSecond: Math.round((MESSAGES / (sentAt - begun)) * 1000),
    judgedPerSecond: Math.round((MESSAGES / (judgedAt - begun)) * 1000),
    secondsFromLastSentToLastJudged: Math.round((judgedAt - sentAt) / 100) / 10,
    residentMiB: {
      afterStart: afterStart?.now ?? null,
      afterBurst: afterBurst?.now ?? null,
      afterRest: rested?.now ?? null,
      peak: afterBurst?.peak ?? null,
    },
    dropped: counted.success ? counted.data.dropped : null,
    stopMs: Math.round(stopMs),
  };
};
