/** Resident memory of the daemon, after its start and after a long pass sent through a real Mosquitto as fast as it goes. */
import { connectPublisher } from '../adapters/mqtt/mqtt-publisher';
import { checkEventSchema } from '../domain/events';
import { isoTime } from '../domain/units';
import { startDaemonProcess, type DaemonProcessOptions } from './daemon-process';
import { startBroker } from './mosquitto';
import { until } from './until';
import { BENCH_START, type Workshop } from './workshop';

interface TelemetryMessage {
  readonly time: string;
  readonly values: Readonly<Record<string, number>>;
}

const FRAMES = 43_200;
/** Mosquitto drops what exceeds a thousand queued messages of a client, so the whole pass has fewer. */
const FRAMES_PER_MESSAGE = 60;
/** Frames after which an incomplete one is closed for certain. */
const LATENESS = 4;
/** A motor current out of its warning limits, and of what is simulated. */
const MARK = 2.717;
const TIMEOUT_MS = 300_000;

/** What a daemon is started with besides its broker. */
export type MeasuredProfile = Pick<
  DaemonProcessOptions,
  'name' | 'model' | 'modelThread' | 'program' | 'flags' | 'environment'
>;

/** Starts a daemon, sends the pass, stops it. */
export const measureDaemon = async (workshop: Workshop, profile: MeasuredProfile) => {
  const { mission } = workshop.loaded;
  const { periodMs } = mission.sampling;
  let isJudged = false;
  const broker = await startBroker();
  const daemon = await startDaemonProcess(workshop, {
    broker,
    ...profile,
    onMessage: (topic, payload) => {
      if (topic === workshop.topics.check && checkEventSchema.parse(JSON.parse(payload)).value === MARK)
        isJudged = true;
    },
  });
  const afterStart = daemon.residentMemory();
  const publisher = await connectPublisher(broker.url, `${profile.name}-publisher`, workshop.report);
  workshop.report(`${profile.name}: sending ${String(FRAMES)} frames`);
  const started = performance.now();
  const send = (batch: readonly TelemetryMessage[]): Promise<void> =>
    publisher.publish(workshop.topics.telemetry, JSON.stringify(batch));
  let batch: TelemetryMessage[] = [];
  for (const { time, values } of workshop.frames(FRAMES, [])) {
    const named = mission.parameters.map(({ id }, index): [string, number] => [id, values[index] ?? NaN]);
    batch.push({ time: isoTime(time), values: Object.fromEntries(named) });
    if (batch.length < FRAMES_PER_MESSAGE) continue;
    await send(batch);
    batch = [];
  }
  // A value out of limits marks the end: when its check is heard, everything before it has been judged.
  const end = isoTime(BENCH_START + FRAMES * periodMs);
  await send([...batch, { time: end, values: { rw0_current_a: MARK } }]);
  await send([{ time: isoTime(BENCH_START + (FRAMES + LATENESS) * periodMs), values: { rw0_current_a: MARK } }]);
  await until('the last frame to be judged', () => isJudged, TIMEOUT_MS);
  const seconds = (performance.now() - started) / 1000;
  const afterPass = daemon.residentMemory();
  await publisher.close();
  const stopMs = await daemon.stop();
  await broker.stop();
  return {
    frames: FRAMES,
    framesPerSecondThroughBroker: Math.round(FRAMES / seconds),
    residentMiB: {
      afterStart: afterStart?.now ?? null,
      afterPass: afterPass?.now ?? null,
      peak: afterPass?.peak ?? null,
    },
    stopMs: Math.round(stopMs),
  };
};

export const benchMemory = (workshop: Workshop) => measureDaemon(workshop, { name: 'bench-memory' });
