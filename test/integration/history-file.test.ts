/** The ring of telemetry on disk: what is kept comes back, also after a restart; what is damaged, full or foreign is begun anew. */
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { Subject } from 'rxjs';
import { decodeHeader, encodeHeader, headerLength } from '../../src/adapters/history/history-header';
import { HistoryReader } from '../../src/adapters/history/history-reader';
import { HistoryWriter, MAX_STAGED_BYTES } from '../../src/adapters/history/history-writer';
import { historyPath, historyShape, keepHistory } from '../../src/compose/history';
import { historyView } from '../../src/console/server/history-view';
import { OpenBucket } from '../../src/core/history/bucket';
import { LEVELS } from '../../src/core/history/layout';
import { historyQuery } from '../../src/console/api/history';
import { T0, tinyMission } from '../support/tiny-mission';
import { until } from '../support/until';

const mission = tinyMission();
const SIZE = 1_000_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-history-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A keeper on virtual time; `told` is what people are told of it. */
const keeping = (size = SIZE, of = mission) => {
  const ticks = new Subject<number>();
  const told: string[] = [];
  let now = T0;
  const logPath = join(folder, 'log.db');
  const keeper = keepHistory({ mission: of, logPath, config: { history: { size }, console: {} } } as never, {
    logger: { info: () => undefined, warn: () => undefined } as never,
    clock: { every: () => ticks, now: () => now },
    note: (message) => told.push(message),
  });
  if (keeper === undefined) throw new Error('no history is kept');
  return {
    keeper,
    told,
    path: historyPath(logPath),
    tick: (ms = 0) => {
      now += ms;
      ticks.next(0);
    },
    /** Frame `second` has the values second, 10, 20 and 30; every fourth is scored. */
    frames: (from: number, to: number) => {
      for (let second = from; second < to; second += 1) {
        keeper.frames([{ time: T0 + second * 1000, values: Float64Array.of(second, 10, 20, 30) }], []);
        if (second % 4 !== 3) continue;
        const values = Float32Array.from([
          second - 3,
          second - 2,
          second - 1,
          second,
          10,
          10,
          10,
          10,
          20,
          20,
          20,
          20,
          30,
          30,
          30,
          30,
        ]);
        const expected = values.map((value) => value + 2);
        const deviation = values.map(() => -1);
        keeper.scored({
          window: { start: T0 + (second - 3) * 1000, end: T0 + second * 1000, values, unusable: [] },
          inference: { score: second, expected, deviation } as never,
        });
      }
    },
  };
};

const view = (path: string, query: Record<string, unknown>, newestSecond: number) => {
  const reader = new HistoryReader(path);
  try {
    const asked = historyQuery.parse(query);
    return historyView(reader, asked, { newest: T0 + newestSecond * 1000, threshold: 9 });
  } finally {
    reader.close();
  }
};
const all = (path: string, to: number, more = {}) =>
  view(path, { parameters: 'rw0_speed,rw1_current', from: '900s', points: 2000, ...more }, to);
const meansOf = (path: string, to: number): readonly number[] =>
  all(path, to).series[0]?.mean.filter((value) => value !== null) ?? [];
const seconds = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

test('what was measured and judged is read as it came, with its band and score', () => {
  const { keeper, frames, path } = keeping();
  frames(0, 8);
  keeper.stop();
  const { series, score, stepSeconds, from } = view(path, { parameters: 'rw0_speed', from: '8s', points: 100 }, 7);
  expect({ stepSeconds, from }).toEqual({ stepSeconds: 1, from: '2026-02-28T23:59:59Z' });
  expect(series).toEqual([
    {
      parameter: 'rw0_speed',
      min: [null, 0, 1, 2, 3, 4, 5, 6, 7],
      max: [null, 0, 1, 2, 3, 4, 5, 6, 7],
      mean: [null, 0, 1, 2, 3, 4, 5, 6, 7],
      expected: [null, 2, 3, 4, 5, 6, 7, 8, 9],
      low: [null, -4, -3, -2, -1, 0, 1, 2, 3],
      high: [null, 8, 9, 10, 11, 12, 13, 14, 15],
    },
  ]);
  expect(score).toEqual([null, 3, 3, 3, 3, 7, 7, 7, 7]);
});

test('a long time is shown by fewer points that keep every extreme, and no more of a year than there is', () => {
  const { keeper, frames, path } = keeping();
  frames(0, 4000);
  keeper.stop();
  const { series, stepSeconds } = view(path, { parameters: 'rw0_speed', from: '4000s', points: 50 }, 3999);
  const { min = [], max = [] } = series[0] ?? {};
  expect(stepSeconds).toBeGreaterThanOrEqual(80);
  expect([Math.min(...min.map((v) => v ?? Infinity)), Math.max(...max.map((v) => v ?? -Infinity))]).toEqual([0, 3999]);
  const year = view(path, { parameters: 'rw0_speed', from: '365d', points: 600 }, 3999);
  expect(year.points).toBeLessThanOrEqual(600);
  expect(Math.max(...(year.series[0]?.max.map((v) => v ?? -Infinity) ?? []))).toBe(3999);
});

test('a restart goes on where the last run stopped, and a coarse bucket holds both halves', () => {
  const first = keeping();
  first.frames(0, 10);
  first.keeper.stop();
  const second = keeping();
  expect(second.told).toEqual([]);
  second.frames(10, 20);
  second.keeper.stop();
  expect(meansOf(second.path, 19)).toEqual(seconds(0, 20));
  const reader = new HistoryReader(second.path);
  const top = LEVELS - 1;
  const bucket = Math.floor(T0 / 1000 / 4 ** top);
  const [record] = [...reader.records('measured', top - 3, [Math.floor(T0 / 1000 / 16), Math.floor(T0 / 1000 / 16)])];
  expect([record?.values[0], record?.values[1]]).toEqual([0, 15]);
  expect([...reader.records('measured', top, [bucket, bucket])].length).toBeLessThanOrEqual(1);
  reader.close();
});

test('after a crash at most the last second is missing', async () => {
  const { frames, tick, path } = keeping();
  frames(0, 100);
  tick();
  await until('the write', () => meansOf(path, 99).length === 100);
  frames(100, 110);
  // Never stopped: what was not flushed is lost, and nothing else.
  expect(meansOf(path, 110)).toEqual(seconds(0, 100));
  const next = keeping();
  next.frames(110, 120);
  next.keeper.stop();
  expect([next.told, meansOf(path, 119)]).toEqual([[], [...seconds(0, 100), ...seconds(110, 120)]]);
});

test('the oldest is overwritten, and the file never grows', () => {
  const { keeper, frames, path } = keeping(60_000);
  const before = statSync(path).size;
  frames(0, 3000);
  keeper.stop();
  expect(statSync(path).size).toBe(before);
  expect(statSync(path).size).toBeLessThanOrEqual(60_000);
  const { series } = all(path, 2999, { from: '20s' });
  expect(series[0]?.mean.at(-1)).toBe(2999);
});

test.each([
  [
    'of zeros',
    (path: string) => {
      writeFileSync(path, Buffer.alloc(SIZE));
    },
    'it is damaged',
  ],
  [
    'cut short',
    (path: string) => {
      truncateSync(path, SIZE / 2);
    },
    'its end is missing',
  ],
  [
    'of text',
    (path: string) => {
      writeFileSync(path, 'not a history');
    },
    'it is damaged',
  ],
])('a file %s is begun anew, and that is told', (_what, damage, reason) => {
  const first = keeping();
  first.frames(0, 10);
  first.keeper.stop();
  damage(first.path);
  const second = keeping();
  expect(second.told).toEqual([`the history of telemetry in ${second.path} is begun anew: ${reason}`]);
  second.frames(10, 20);
  second.keeper.stop();
  expect(meansOf(second.path, 19)).toEqual(seconds(10, 20));
});

test('a history of another mission or size is begun anew', () => {
  keeping().keeper.stop();
  const other = { ...mission, spacecraft: 'TINY-2' };
  expect(keeping(SIZE, other).told[0]).toContain('it is about another mission');
  expect(keeping(SIZE * 2, other).told[0]).toContain('it has another size');
});

test('a size that is too small names the field and what is needed, and nothing else suffers', () => {
  const { told, frames } = keeping(5000);
  frames(0, 10);
  expect(told).toEqual([expect.stringContaining('history.size: 4 parameters need 1MB at least')]);
});

test('a disk that is full is told of once, and the flow goes on', async () => {
  symlinkSync('/dev/full', join(folder, 'log.db.history'));
  const { told, frames, tick } = keeping();
  frames(0, 10);
  tick();
  tick(120_000);
  frames(10, 20);
  await until('to be told', () => told.length > 0);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/is not kept: /);
});

test('buckets whose bytes are damaged are missing, counted, and the others shown', () => {
  const { keeper, frames, path } = keeping();
  frames(0, 20);
  keeper.stop();
  const bytes = readFileSync(path);
  const needle = Buffer.alloc(8);
  needle.writeDoubleLE(T0 / 1000 + 5);
  const at = bytes.indexOf(needle);
  bytes[at + 20] = (bytes[at + 20] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
  const { series, damaged } = all(path, 19);
  expect(series[0]?.mean.filter((value) => value !== null)).toEqual(seconds(0, 20).filter((second) => second !== 5));
  expect(damaged).toBe(1);
});

test('a disk that is slow holds a bounded amount, and what is let go is counted', () => {
  const shape = historyShape(mission);
  const { writer } = HistoryWriter.open(join(folder, 'slow'), { shape, size: 64_000_000, onTrouble: () => undefined });
  const bytes = 16 + 12 * 5 + 4;
  // No write ends before the loop does: one half of the memory is under way, the other one full.
  const kept = 2 * Math.floor(MAX_STAGED_BYTES / 2 / bytes);
  for (let index = 0; index < kept + 1000; index += 1) {
    const bucket = new OpenBucket(5).begin(index);
    bucket.add(Float64Array.of(1, 2, 3, 4, 5));
    writer.put('measured', 0, bucket);
  }
  expect(writer.lost).toBe(1000);
  expect([0, kept - 1].map((index) => writer.recall('measured', 0, index)?.bucket)).toEqual([0, kept - 1]);
  writer.close();
});

test('a recording that fills the memory within a second is kept whole', async () => {
  const { keeper, frames, path } = keeping();
  const large = Math.ceil(MAX_STAGED_BYTES / 80 / 500);
  for (let block = 0; block < large; block += 1) {
    frames(block * 500, (block + 1) * 500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(keeper.lost).toBe(0);
  keeper.stop();
  expect(all(path, large * 500 - 1).series[0]?.mean.at(-1)).toBe(large * 500 - 1);
});

test('whatever the bytes of a head are, it is read or refused', () => {
  const seed = 20_261_128;
  const header = encodeHeader(historyShape(mission), SIZE);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(header.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.nat(header.length),
      (changes, length) => {
        const damaged = Buffer.from(header.subarray(0, length));
        for (const [at, byte] of changes) if (at < damaged.length) damaged[at] = byte;
        headerLength(damaged);
        const layout = decodeHeader(damaged);
        if (layout !== undefined) expect(layout.shape).toEqual(historyShape(mission));
      },
    ),
    { seed, numRuns: 500 },
  );
});
