/** `--only soak`: thirty days of telemetry through a real Mosquitto and one daemon. Its memory must be flat, and no handle be leaked. */
import { readdirSync } from 'node:fs';
import { connectPublisher } from '../adapters/mqtt/mqtt-publisher';
import { checkEventSchema } from '../domain/events';
import { isoTime } from '../domain/units';
import { randomFaults } from '../simulate/random-faults';
import { startDaemonProcess } from './daemon-process';
import { startBroker } from './mosquitto';
import { until } from './until';
import { BENCH_START, type Workshop } from './workshop';

const DAYS = 30;
const SEED = 30;
const FAULTS_PER_DAY = 12;
const FRAMES_PER_MESSAGE = 60;
/** Looked at so often; a sample is taken when everything before it is judged. */
const SAMPLES = 120;
const TIMEOUT_MS = 300_000;
/** A motor current out of its warning limits, and of what is simulated; the sequence number is in the decimals. */
const MARK = 2.717;
const MARK_STEP = 1e-6;

interface Sample {
  readonly mebibytes: number;
  readonly handles: number;
  readonly threads: number;
}

const entries = (pid: number | undefined, what: 'fd' | 'task'): number => {
  try {
    return readdirSync(`/proc/${String(pid)}/${what}`).length;
  } catch {
    return 0;
  }
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

export const benchSoak = async (workshop: Workshop) => {
  const { loaded, topics, report } = workshop;
  const { mission } = loaded;
  const { periodMs } = mission.sampling;
  const durationMs = DAYS * 86_400_000;
  const count = durationMs / periodMs;
  const faults = randomFaults({
    count: DAYS * FAULTS_PER_DAY,
    passSeed: SEED,
    passStart: BENCH_START,
    durationMs,
    periodMs,
  });
  let judged = -1;
  let anomalies = 0;
  const broker = await startBroker();
  const daemon = await startDaemonProcess(workshop, {
    broker,
    name: 'bench-soak',
    onMessage: (topic, payload) => {
      if (topic === topics.anomaly) anomalies += 1;
      if (topic !== topics.check) return;
      const { value } = checkEventSchema.parse(JSON.parse(payload));
      const index = Math.round(((value ?? 0) - MARK) / MARK_STEP);
      if (index >= 0 && index < SAMPLES && Math.abs((value ?? 0) - MARK - index * MARK_STEP) < MARK_STEP / 10)
        judged = Math.max(judged, index);
    },
  });
  const publisher = await connectPublisher(broker.url, 'bench-soak-publisher', report);
  const begun = performance.now();
  const samples: Sample[] = [];
  let batch: object[] = [];
  const send = async (): Promise<void> => {
    if (batch.length > 0) await publisher.publish(topics.telemetry, JSON.stringify(batch));
    batch = [];
  };
  const every = Math.floor(count / SAMPLES);
  let frame = 0;
  for (const { time, values } of workshop.frames(count, faults)) {
    const named = Object.fromEntries(mission.parameters.map(({ id }, index) => [id, values[index] ?? NaN]));
    const isMark = (frame + 1) % every === 0 && samples.length < SAMPLES;
    const mark = { rw0_current_a: MARK + samples.length * MARK_STEP };
    batch.push({ time: isoTime(time), values: isMark ? { ...named, ...mark } : named });
    frame += 1;
    if (batch.length >= FRAMES_PER_MESSAGE || isMark) await send();
    if (!isMark) continue;
    await until('the telemetry so far to be judged', () => judged >= samples.length, TIMEOUT_MS);
    const memory = daemon.residentMemory();
    const handles = entries(daemon.pid, 'fd');
    samples.push({ mebibytes: memory?.now ?? NaN, handles, threads: entries(daemon.pid, 'task') });
    if (samples.length % 12 === 0)
      report(
        `soak: day ${String(Math.round((frame * periodMs) / 86_400_000))}, ${String(memory?.now)} MiB, ${String(handles)} handles`,
      );
  }
  const seconds = (performance.now() - begun) / 1000;
  await publisher.close();
  const stopMs = await daemon.stop();
  await broker.stop();
  const quarter = (index: number) => samples.slice((index * samples.length) / 4, ((index + 1) * samples.length) / 4);
  const ofQuarter = (index: number) => ({
    residentMiB: median(quarter(index).map(({ mebibytes }) => mebibytes)),
    handles: Math.max(...quarter(index).map(({ handles }) => handles)),
    threads: Math.max(...quarter(index).map(({ threads }) => threads)),
  });
  const [second, last] = [ofQuarter(1), ofQuarter(3)];
  const growth = last.residentMiB / second.residentMiB - 1;
  return {
    days: DAYS,
    seed: SEED,
    frames: count,
    anomalyRevisions: anomalies,
    framesPerSecond: Math.round(count / seconds),
    quarters: [0, 1, 2, 3].map(ofQuarter),
    growthLastToSecondQuarter: Math.round(growth * 1e4) / 1e4,
    isFlat: Math.abs(growth) <= 0.05 && last.handles <= second.handles && last.threads <= second.threads,
    stopMs: Math.round(stopMs),
  };
};
