/**
 * A fleet in one process with its log in SQLite: memory, processor and delay for 10, 100 and 1,000 spacecraft. Each sends a frame of 16
 * parameters every four seconds, as it would; one in ten has a wheel that loses torque. And fenced commits on PostgreSQL.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { MqttConnection } from '../adapters/mqtt/mqtt-connection';
import { connectPublisher } from '../adapters/mqtt/mqtt-publisher';
import { recoveryRequestSchema } from '../domain/events';
import { fleetHealthSchema } from '../domain/fleet-health';
import { isoTime } from '../domain/units';
import type { Fault } from '../simulate/faults';
import { benchFencedCommits } from './fenced-commits';
import { benchFleetLog } from './fleet-log';
import { startFleetProcess } from './fleet-process';
import { startBroker } from './mosquitto';
import { ofEvents } from './statistics';
import { until } from './until';
import { BENCH_START, type Workshop } from './workshop';

const SIZES = [10, 100, 1000] as const;
/** Frames that are sent as one message before the measurement: windows are full when it begins. */
const LEAD = 18;
/** Frames of each spacecraft that are measured. */
const MEASURED = 12;
/** Passes that differ; spacecraft share them. */
const PASSES = 20;
/** Spacecraft whose wheel is faulty. */
const ONE_IN = 10;
const SETTLE_MS = 2000;
/** So long nothing is sent, to see what the process costs by itself. */
const IDLE_MS = 10_000;

interface Sample {
  readonly time: string;
  readonly values: Readonly<Record<string, number | null>>;
}

/** A request as soon as an anomaly is confirmed: what is measured is the way of the last sample. */
const writeRules = (file: string): string => {
  const action = {
    command: 'REQUEST_GROUND_ASSESSMENT',
    arguments: { assembly: 'rwa', reason: 'bench', priority: 'routine' },
  };
  const eventActions = [
    { id: 'at-once', title: 'bench', level: 1, when: {}, cooldown: '1ms', action, because: 'bench' },
  ];
  writeFileSync(file, JSON.stringify({ eventActions }));
  return file;
};

const passesOf = (workshop: Workshop, isFaulty: boolean): readonly (readonly Sample[])[] => {
  const { mission } = workshop.loaded;
  const { periodMs } = mission.sampling;
  const faultAt = BENCH_START + (LEAD - 2) * periodMs;
  const fault: Fault = { kind: 'torque-loss', wheel: 1, start: faultAt, durationMs: 3_600_000, severity: 0.4 };
  return Array.from({ length: PASSES }, (_, seed) =>
    [...workshop.frames(LEAD + MEASURED, isFaulty ? [fault] : [], 1000 + seed)].map(({ time, values }) => ({
      time: isoTime(time),
      values: Object.fromEntries(mission.parameters.map(({ id }, index) => [id, values[index] ?? null])),
    })),
  );
};

const nameOf = (index: number): string => `SAT-${String(index + 1).padStart(4, '0')}`;

const measure = async (workshop: Workshop, size: number) => {
  const { periodMs } = workshop.loaded.mission.sampling;
  const [nominal, faulty] = [passesOf(workshop, false), passesOf(workshop, true)];
  const passOf = (index: number): readonly Sample[] => (index % ONE_IN === 0 ? faulty : nominal)[index % PASSES] ?? [];
  const broker = await startBroker();
  const sentAt = new Map<string, number>();
  const delays: number[] = [];
  let frames = 0;
  let isReady = false;
  const listener = new MqttConnection({
    url: broker.url,
    clientId: 'bench-fleet-listener',
    session: 'clean',
    subscriptions: ['fdir/+/action', 'fdir/fleet/+/health', `fdir/${nameOf(size - 1)}/state`],
    onMessage: ({ topic, payload }, done) => {
      const heardAt = performance.now();
      const text = Buffer.from(payload).toString();
      if (topic.endsWith('/state')) isReady ||= text === 'online';
      else if (topic.endsWith('/health')) frames = fleetHealthSchema.parse(JSON.parse(text)).frames;
      else {
        const { spacecraft, time } = recoveryRequestSchema.parse(JSON.parse(text));
        const at = sentAt.get(`${spacecraft} ${time}`);
        if (at !== undefined) delays.push(heardAt - at);
      }
      done();
    },
  });
  listener.start();
  const fleet = startFleetProcess({
    brokerUrl: broker.url,
    name: `fleet-${String(size)}`,
    folder: workshop.path,
    worker: 'bench',
    pattern: `SAT-{0001..${String(size).padStart(4, '0')}}`,
    rules: [writeRules(workshop.path('fleet-rules.yaml'))],
  });
  // Only what is published after the subscriptions comes.
  await until('the last spacecraft to be online', () => isReady, 180_000);
  await wait(SETTLE_MS);
  const publisher = await connectPublisher(broker.url, 'bench-fleet-publisher', workshop.report);
  workshop.report(`fleet: ${String(size)} spacecraft, filling their windows`);
  for (let index = 0; index < size; index += 1)
    await publisher.publish(`fdir/${nameOf(index)}/tm`, JSON.stringify(passOf(index).slice(0, LEAD)));
  await until('the windows to be full', () => frames >= size * (LEAD - 6), 180_000);
  await wait(SETTLE_MS);
  const cpuIdle = fleet.cpuSeconds() ?? NaN;
  await wait(IDLE_MS);
  const cpuBefore = fleet.cpuSeconds() ?? NaN;
  const idleCores = ((cpuBefore - cpuIdle) * 1000) / IDLE_MS;
  const begun = performance.now();
  const stepMs = periodMs / size;
  workshop.report(`fleet: sending ${String(Math.round(1000 / stepMs))} frames/s`);
  for (let step = 0; step < size * MEASURED; step += 1) {
    const index = step % size;
    const sample = passOf(index)[LEAD + Math.floor(step / size)];
    if (sample === undefined) continue;
    const due = begun + step * stepMs - performance.now();
    if (due > 1) await wait(due);
    sentAt.set(`${nameOf(index)} ${sample.time}`, performance.now());
    await publisher.publish(`fdir/${nameOf(index)}/tm`, JSON.stringify(sample));
  }
  const seconds = (performance.now() - begun) / 1000;
  await wait(SETTLE_MS);
  const cpu = (fleet.cpuSeconds() ?? NaN) - cpuBefore;
  const elapsed = (performance.now() - begun) / 1000;
  const memory = fleet.residentMemory();
  await publisher.close();
  await fleet.stop();
  await listener.stop();
  await broker.stop();
  return {
    spacecraft: size,
    framesPerSecond: Math.round((size * MEASURED) / seconds),
    residentMiB: memory?.now ?? NaN,
    peakMiB: memory?.peak ?? NaN,
    cores: Number((cpu / seconds).toFixed(3)),
    /** What timers, health and the connection cost while no telemetry comes. */
    idleCores: Number(idleCores.toFixed(4)),
    cpuMsPerFrame: Number(((cpu * 1000) / (size * MEASURED)).toFixed(3)),
    /** Without what the process costs by itself. */
    ownCpuMsPerFrame: Number((((cpu - idleCores * elapsed) * 1000) / (size * MEASURED)).toFixed(3)),
    lastSampleToRequestMs: ofEvents(delays),
  };
};

export const benchFleet = async (workshop: Workshop) => {
  const sizes: Awaited<ReturnType<typeof measure>>[] = [];
  for (const size of SIZES) sizes.push(await measure(workshop, size));
  const [least, most] = [sizes[0], sizes.at(-1)];
  const kibPerFurther =
    least === undefined || most === undefined
      ? NaN
      : ((most.residentMiB - least.residentMiB) * 1024) / (most.spacecraft - least.spacecraft);
  return {
    sizes,
    kibPerFurtherSpacecraft: Math.round(kibPerFurther),
    fencedCommits: await benchFencedCommits(workshop),
    log: await benchFleetLog(workshop),
  };
};
