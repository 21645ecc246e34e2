/**
 * What the history of telemetry costs the daemon: processor time and memory at a thousand frames a second. Every fourth of them
 * has a judged window of sixteen. Also what a day of it costs a reader. Processor time is of the whole process, writes of the
 * disk included.
 */
import { statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Subject } from 'rxjs';
import { HistoryReader } from '../adapters/history/history-reader';
import { historyPath, keepHistory } from '../compose/history';
import { levelFor, widthMs } from '../core/history/layout';
import { gridOf, ViewBuilder } from '../core/history/view';
import type { Mission } from '../domain/mission';
import type { Inference, ScoredWindow } from '../domain/scored-window';
import type { Workshop } from './workshop';

const FRAMES_PER_SECOND = 1000;
const SECONDS = 20;
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

/** Megabytes of the process that are not the heap's slack: what stays after a collection, and buffers outside of it. */
const held = (): number => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
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

const measure = async ({ loaded, path }: Workshop, parameters: number, seconds = SECONDS) => {
  const mission = missionOf(loaded.mission, parameters);
  const { periodMs } = mission.sampling;
  const ticks = new Subject<number>();
  const logPath = path(`history-${String(parameters)}.db`);
  const config = { ...loaded.config, history: { size: SIZE } };
  // Made before, so that only what the history does is measured.
  const frames = Array.from({ length: FRAMES_PER_SECOND }, (_, at) =>
    Float64Array.from({ length: parameters }, (_value, row) => Math.sin(at / 50 + row)),
  );
  const template = windowOf(START, periodMs, parameters);
  const before = held();
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
  const run = async (seconds: number): Promise<number> => {
    const began = process.cpuUsage();
    const until = performance.now();
    for (let tick = 0; tick < seconds * TICKS_PER_SECOND; tick += 1) {
      for (let at = 0; at < perTick; at += 1) step(index++);
      if (tick % TICKS_PER_SECOND === TICKS_PER_SECOND - 1) {
        ticks.next(0);
        keeper.news();
      }
      await wait(Math.max(0, until + ((tick + 1) * 1000) / TICKS_PER_SECOND - performance.now()));
    }
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1e6 / seconds;
  };
  await run(3);
  const cpu = await run(seconds);
  const heldMiB = held() - before;
  const idle = process.cpuUsage();
  const idleFrom = performance.now();
  for (let tick = 0; tick < 2 * TICKS_PER_SECOND; tick += 1) await wait(1000 / TICKS_PER_SECOND);
  const rest = process.cpuUsage(idle);
  const idleCpu = (rest.user + rest.system) / 1e3 / (performance.now() - idleFrom);
  keeper.stop();
  const reader = new HistoryReader(historyPath(logPath));
  const newest = START + (index - 1) * periodMs;
  const began = performance.now();
  const points = readDay(reader, newest);
  const readMs = performance.now() - began;
  reader.close();
  return {
    parameters,
    cpuPercent: Number((100 * (cpu - idleCpu)).toFixed(2)),
    heldMiB: Number(heldMiB.toFixed(2)),
    lostBuckets: keeper.lost,
    fileMB: Number((statSync(historyPath(logPath)).size / 1e6).toFixed(1)),
    readDayOf20: { points, milliseconds: Number(readMs.toFixed(1)) },
  };
};

export const benchHistory = async (workshop: Workshop) => {
  const results = [];
  workshop.report('history: warming up');
  await measure(workshop, 20, 2);
  for (const parameters of [workshop.loaded.mission.parameters.length, 200]) {
    workshop.report(`history: ${String(parameters)} parameters, ${String(FRAMES_PER_SECOND)} frames a second`);
    results.push(await measure(workshop, parameters));
  }
  return { framesPerSecond: FRAMES_PER_SECOND, seconds: SECONDS, results };
};
