/**
 * How long a recovery request takes: from handing the last sample that decides it to a real Mosquitto, to hearing the request
 * from there. Judgement, explanation, the log's fsync and two trips through the broker are in between. Twice: with short faults now and
 * then, and as a storm, in which a wheel is faulty more than half of the time. Nearly every anomalous window makes a request, which no
 * real rules do. A thousand frames a second are more than an hour of these wheels' telemetry a second. The first two seconds of a process,
 * in which its code is compiled, are told apart.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { connectPublisher } from '../adapters/mqtt-publisher';
import { recoveryRequestSchema } from '../domain/events';
import { isoTime } from '../domain/units';
import type { Fault } from '../simulate/faults';
import { startDaemonProcess } from './daemon-process';
import { startBroker } from './mosquitto';
import { ofEvents } from './statistics';
import { BENCH_START, type Workshop } from './workshop';

const FRAMES = 20_000;
const FRAMES_PER_SECOND = 1000;
const COLD_FRAMES = 2000;
/** Time for the last requests to arrive. */
const SETTLE_MS = 1000;
const MINUTE = 60_000;

/** Every three quarters of an hour of packet time a wheel loses torque for so long. */
const EVERY_MIN = 45;
const LOADS = { shortFaults: 5, storm: 25 } as const;

const faultsOf = (periodMs: number, minutes: number): readonly Fault[] =>
  Array.from({ length: Math.floor((FRAMES * periodMs) / (EVERY_MIN * MINUTE)) }, (_, index): Fault => ({
    kind: 'torque-loss',
    wheel: index % 4,
    start: BENCH_START + (10 + EVERY_MIN * index) * MINUTE,
    durationMs: minutes * MINUTE,
    severity: 0.3,
  }));

/** A rule fires once an anomaly; one rule a window's time makes a request of nearly every window of it. */
const writeRules = (file: string, windowSeconds: number, minutes: number): string => {
  const eventActions = Array.from({ length: Math.floor((minutes * 60) / windowSeconds) }, (_, index) => ({
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
  const minutes = LOADS[load];
  workshop.say(`latency: simulating ${String(FRAMES)} frames, ${load}`);
  const messages = [...workshop.frames(FRAMES, faultsOf(periodMs, minutes))].map(({ time, values }) => {
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
    rules: [writeRules(workshop.path(`${load}.yaml`), (stride * periodMs) / 1000, minutes)],
    onMessage: (topic, payload) => {
      if (topic !== workshop.topics.action) return;
      const heardAt = performance.now();
      const { time } = recoveryRequestSchema.parse(JSON.parse(payload));
      delays[time < coldUntil ? 'cold' : 'warm'].push(heardAt - (sentAt.get(time) ?? NaN));
    },
  });
  const publisher = await connectPublisher(broker.url, 'bench-latency-publisher', workshop.say);
  workshop.say(`latency: sending at ${String(FRAMES_PER_SECOND)} frames/s for ${String(FRAMES / FRAMES_PER_SECOND)} s`);
  const begun = performance.now();
  for (const [index, { time, text }] of messages.entries()) {
    const due = begun + (index * 1000) / FRAMES_PER_SECOND - performance.now();
    if (due > 0) await wait(due);
    sentAt.set(time, performance.now());
    await publisher.publish(workshop.topics.telemetry, text);
  }
  const framesPerSecond = Math.round((FRAMES / (performance.now() - begun)) * 1e5) / 100;
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
