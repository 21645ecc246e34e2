/**
 * How long a recovery request takes: from handing the last sample that decides it to a real Mosquitto, to hearing the request
 * from there. Judgement, explanation, the log's fsync and two trips through the broker are in between. Three loads. The first has
 * four anomalies a second, and a request for each as soon as it has lasted four windows. No real rules make the other two: nearly
 * every anomalous window makes a request. One has short faults now and then. The other is a storm, in which a wheel is faulty
 * more than half of the time. A thousand frames a second are more than an hour of these wheels' telemetry a second. The first two
 * seconds of a process, in which its code is compiled, are told apart.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { connectPublisher } from '../adapters/mqtt/mqtt-publisher';
import { recoveryRequestSchema } from '../domain/events';
import { isoTime } from '../domain/units';
import type { Fault } from '../simulate/faults';
import { startDaemonProcess } from './daemon-process';
import { startBroker } from './mosquitto';
import { ofEvents } from './statistics';
import { BENCH_START, type Workshop } from './workshop';

const FRAMES_PER_SECOND = 1000;
const COLD_FRAMES = 2000;
/** Time for the last requests to arrive. */
const SETTLE_MS = 1000;
const MINUTE = 60_000;

interface Load {
  readonly frames: number;
  /** A wheel loses torque every so often, for so long; minutes of packet time. */
  readonly everyMin: number;
  readonly lastsMin: number;
  /** Rules that fire once an anomaly each, a window after the other; left out: as many as it has windows. */
  readonly rules?: number;
}
const LOADS = {
  requestAnAnomaly: { frames: 60_000, everyMin: 15, lastsMin: 5, rules: 1 },
  shortFaults: { frames: 20_000, everyMin: 45, lastsMin: 5 },
  storm: { frames: 20_000, everyMin: 45, lastsMin: 25 },
} as const satisfies Readonly<Record<string, Load>>;

const faultsOf = (periodMs: number, { frames, everyMin, lastsMin }: Load): readonly Fault[] =>
  Array.from({ length: Math.floor((frames * periodMs) / (everyMin * MINUTE)) }, (_, index): Fault => ({
    kind: 'torque-loss',
    wheel: index % 4,
    start: BENCH_START + (10 + everyMin * index) * MINUTE,
    durationMs: lastsMin * MINUTE,
    severity: 0.3,
  }));

/** A rule fires once an anomaly; one rule a window's time makes a request of nearly every window of it. */
const writeRules = (file: string, windowSeconds: number, { lastsMin, rules }: Load): string => {
  const length = rules ?? Math.floor((lastsMin * 60) / windowSeconds);
  const eventActions = Array.from({ length }, (_, index) => ({
    id: `after-${String(index)}`,
    title: 'bench',
    level: 1,
    when: { duration: `${String((index + 4) * windowSeconds)}s` },
    cooldown: '1ms',
    action: {
      command: 'REQUEST_GROUND_ASSESSMENT',
      arguments: { assembly: 'rwa', reason: 'bench', priority: 'routine' },
    },
    because: 'bench',
  }));
  writeFileSync(file, JSON.stringify({ eventActions }));
  return file;
};

const measure = async (workshop: Workshop, load: keyof typeof LOADS) => {
  const { mission } = workshop.loaded;
  const { periodMs, stride } = mission.sampling;
  const { frames } = LOADS[load];
  workshop.report(`latency: simulating ${String(frames)} frames, ${load}`);
  const messages = [...workshop.frames(frames, faultsOf(periodMs, LOADS[load]))].map(({ time, values }) => {
    const named = Object.fromEntries(mission.parameters.map(({ id }, index) => [id, values[index] ?? null]));
    return { time: isoTime(time), text: JSON.stringify({ time: isoTime(time), values: named }) };
  });
  const sentAt = new Map<string, number>();
  const delays: { readonly cold: number[]; readonly warm: number[] } = { cold: [], warm: [] };
  const coldUntil = messages[COLD_FRAMES]?.time ?? '';
  // As the example for a broker has it: unless told otherwise Mosquitto drops what is beyond a thousand messages.
  const broker = await startBroker(
    undefined,
    (port) =>
      `listener ${String(port)} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nmax_queued_messages 100000\nmax_inflight_messages 100\n`,
  );
  const daemon = await startDaemonProcess(workshop, {
    broker,
    name: `bench-latency-${load}`,
    rules: [writeRules(workshop.path(`${load}.yaml`), (stride * periodMs) / 1000, LOADS[load])],
    onMessage: (topic, payload) => {
      if (topic !== workshop.topics.action) return;
      const heardAt = performance.now();
      const { time } = recoveryRequestSchema.parse(JSON.parse(payload));
      delays[time < coldUntil ? 'cold' : 'warm'].push(heardAt - (sentAt.get(time) ?? NaN));
    },
  });
  const publisher = await connectPublisher(broker.url, 'bench-latency-publisher', workshop.report);
  workshop.report(
    `latency: sending at ${String(FRAMES_PER_SECOND)} frames/s for ${String(frames / FRAMES_PER_SECOND)} s`,
  );
  const begun = performance.now();
  for (const [index, { time, text }] of messages.entries()) {
    const due = begun + (index * 1000) / FRAMES_PER_SECOND - performance.now();
    if (due > 0) await wait(due);
    sentAt.set(time, performance.now());
    await publisher.publish(workshop.topics.telemetry, text);
  }
  const framesPerSecond = Math.round((frames / (performance.now() - begun)) * 1e5) / 100;
  await wait(SETTLE_MS);
  await publisher.close();
  const stopMs = await daemon.stop();
  await broker.stop();
  return {
    framesPerSecond,
    lastSampleToRequestMs: ofEvents(delays.warm),
    ofTheFirstSecondsMs: ofEvents(delays.cold),
    stopMs: Math.round(stopMs),
  };
};

export const benchLatency = async (workshop: Workshop) => {
  const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
  for (const load of Object.keys(LOADS) as (keyof typeof LOADS)[]) results[load] = await measure(workshop, load);
  return results;
};
