/**
 * What the history of telemetry costs the daemon: processor time and memory at a thousand frames a second. Every fourth of them
 * has a judged window of sixteen. Once the frames are a millisecond apart, as a spacecraft sends them. Once they are as far apart as the
 * mission says: a recording at thousands of times its speed, of which every frame is a bucket. Also what a day costs a reader.
 * Processor time is of the whole process, writes of the disk included: the median second, less the median second of an idle one.
 */
import { statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Subject } from 'rxjs';
import { HistoryReader } from '../adapters/history/history-reader';
import { historyPath, keepHistory } from '../compose/history';
import { levelFor, widthMs } from '../core/history/layout';
import { gridOf, ViewBuilder } from '../core/history/view';
import type { Mission } from '../domain/mission';
import type { Inference, ScoredWindow } from '../domain/scored-window';
import { quantile } from './statistics';
import type { Workshop } from './workshop';

const FRAMES_PER_SECOND = 1000;
const SECONDS = 15;
const IDLE_SECONDS = 5;
const TICKS_PER_SECOND = 50;
const WINDOW = 16;
const STRIDE = 4;
const SIZE = 64_000_000;
const START = Date.UTC(2026, 2, 1);
const MIB = 2 ** 20;

const missionOf = (mission: Mission, parameters: number): Mission => ({
  ...mission,
  parameters: Array.from({ length: parameters }, (_, at) => ({
    ...mission.parameters[at % mission.parameters.length],
    id: `p${String(at)}`,
  })) as Mission['parameters'],
});

const windowOf = (end: number, periodMs: number, parameters: number): ScoredWindow => {
  const values = Float32Array.from({ length: parameters * WINDOW }, (_, at) => Math.sin(end / 1e6 + at));
  const inference = {
    score: 1 + Math.sin(end / 1e5),
    expected: values.map((value) => value + 0.1),
    deviation: values.map(() => -1),
  };
  return {
    window: { start: end - (WINDOW - 1) * periodMs, end, values, unusable: [] },
    inference: inference as unknown as Inference,
  };
};

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Mebibytes of the process that are not the heap's slack: what stays after collections, and buffers outside of it. */
const held = async (): Promise<number> => {
  for (let round = 0; round < 3; round += 1) {
    collect();
    // Buffers outside of the heap go after the collection that found them unused.
    await wait(100);
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
};

/** Works in ticks. @returns the share of one processor that the median second took. */
const cpuShare = async (seconds: number, work: (tick: number) => void): Promise<number> => {
  const shares: number[] = [];
  const began = performance.now();
  let [before, at] = [process.cpuUsage(), began];
  for (let tick = 1; tick <= seconds * TICKS_PER_SECOND; tick += 1) {
    work(tick);
    await wait(Math.max(0, began + (tick * 1000) / TICKS_PER_SECOND - performance.now()));
    if (tick % TICKS_PER_SECOND !== 0) continue;
    const { user, system } = process.cpuUsage(before);
    shares.push((user + system) / 1000 / (performance.now() - at));
    [before, at] = [process.cpuUsage(), performance.now()];
  }
  return quantile(shares, 0.5);
};

/** Twenty parameters of the last day, measured, as a page asks for them. @returns how many points there are. */
const readDay = (reader: HistoryReader, newest: number): number => {
  const { layout } = reader;
  if (layout === undefined) throw new Error('the history cannot be read');
  const range = { from: newest - 24 * 3_600_000, to: newest, points: 600 };
  const level = levelFor(layout, { ...range, newest });
  const grid = gridOf(range, widthMs(layout, level), layout.slots);
  const builder = new ViewBuilder(
    grid,
    Array.from({ length: 20 }, (_, at) => at),
  );
  const last = grid.first + grid.count * grid.merged - 1;
  for (const record of reader.records('measured', level, [grid.first, last])) builder.take(record);
  return builder.build()[0]?.mean.filter((value) => value !== null).length ?? 0;
};

interface Load {
  readonly parameters: number;
  /** Between two frames, in packet time. */
  readonly periodMs: number;
  readonly seconds?: number;
}

const measure = async ({ loaded, path }: Workshop, { parameters, periodMs, seconds = SECONDS }: Load) => {
  const made = missionOf(loaded.mission, parameters);
  const mission = { ...made, sampling: { ...made.sampling, periodMs } };
  const ticks = new Subject<number>();
  const logPath = path(`history-${String(parameters)}-${String(periodMs)}.db`);
  const config = { ...loaded.config, history: { size: SIZE } };
  // Made before, so that only what the history does is measured.
  const frames = Array.from({ length: FRAMES_PER_SECOND }, (_, at) =>
    Float64Array.from({ length: parameters }, (_value, row) => Math.sin(at / 50 + row)),
  );
  const template = windowOf(START, periodMs, parameters);
  const before = await held();
  const keeper = keepHistory(
    { config, mission, logPath },
    {
      logger: { info: () => undefined, warn: () => undefined },
      clock: { every: () => ticks, now: Date.now },
      note: (message) => {
        throw new Error(message);
      },
    },
  );
  if (keeper === undefined) throw new Error('the configuration has no console');
  const step = (index: number): void => {
    const time = START + index * periodMs;
    keeper.frames([{ time, values: frames[index % frames.length] ?? new Float64Array(parameters) }], []);
    if (index % STRIDE !== 0) return;
    const window = { ...template.window, start: time - (WINDOW - 1) * periodMs, end: time };
    keeper.scored({ window, inference: template.inference });
  };
  const perTick = FRAMES_PER_SECOND / TICKS_PER_SECOND;
  let index = 0;
  const feed = (tick: number): void => {
    for (let at = 0; at < perTick; at += 1) step(index++);
    if (tick % TICKS_PER_SECOND !== 0) return;
    ticks.next(0);
    keeper.news();
  };
  await cpuShare(3, feed);
  const cpu = await cpuShare(seconds, feed);
  const heldMiB = (await held()) - before;
  const idle = await cpuShare(IDLE_SECONDS, () => undefined);
  keeper.stop();
  const reader = new HistoryReader(historyPath(logPath));
  const newest = START + (index - 1) * periodMs;
  const began = performance.now();
  const points = readDay(reader, newest);
  const readMs = performance.now() - began;
  reader.close();
  return {
    parameters,
    periodMs,
    cpuPercent: Number((100 * (cpu - idle)).toFixed(2)),
    heldMiB: Number(heldMiB.toFixed(2)),
    lostBuckets: keeper.lost,
    fileMB: Number((statSync(historyPath(logPath)).size / 1e6).toFixed(1)),
    readDayOf20: { points, milliseconds: Number(readMs.toFixed(1)) },
  };
};

export const benchHistory = async (workshop: Workshop) => {
  const { parameters, sampling } = workshop.loaded.mission;
  const results = [];
  workshop.report('history: warming up');
  await measure(workshop, { parameters: 20, periodMs: 1, seconds: 2 });
  for (const amount of [parameters.length, 200])
    for (const periodMs of [1000 / FRAMES_PER_SECOND, sampling.periodMs]) {
      workshop.report(`history: ${String(amount)} parameters, a frame each ${String(periodMs)} ms of packet time`);
      results.push(await measure(workshop, { parameters: amount, periodMs }));
    }
  return { framesPerSecond: FRAMES_PER_SECOND, seconds: SECONDS, results };
};
