/** A pass off the grid as `fit` and `evaluate` read it: every sample is in a frame, or is counted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPass } from '../../src/adapters/passes/pass-reader';
import { createRandom } from '../../src/core/random';
import { countDrops } from '../../src/core/telemetry/drop';
import { missionSchema } from '../../src/domain/mission';
import { isoTime } from '../../src/domain/units';
import { T0 } from '../support/tiny-mission';

const SEED = 520;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-grid-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const load = async (period: string, rows: readonly (readonly [timeMs: number, value: number])[]) => {
  const mission = missionSchema.parse({
    spacecraft: 'T1',
    sampling: { period, window: 4, stride: 1 },
    parameters: [{ id: 'batt_v' }],
  });
  const file = join(folder, 'pass.csv');
  writeFileSync(
    file,
    ['time,batt_v', ...rows.map(([time, value]) => `${isoTime(time)},${String(value)}`), ''].join('\n'),
  );
  const { frames, drops } = await loadPass(file, mission);
  return { values: frames.map(({ values }) => values[0]), dropped: countDrops({}, drops) };
};

test('a period of 10 s and samples at :15, :26, :34, :45 and :56: all five are fitted on', async () => {
  const seconds = [15, 26, 34, 45, 56];
  expect(
    await load(
      '10s',
      seconds.map((second) => [T0 + second * 1000, second === 34 ? 4 : 7.5]),
    ),
  ).toEqual({
    values: [7.5, 7.5, 4, 7.5, 7.5],
    dropped: {},
  });
});

test(`half a period off with 20 ms of jitter: no sample is lost (seed ${String(SEED)})`, async () => {
  const random = createRandom(SEED);
  const rows = Array.from({ length: 5400 }, (_, index): [number, number] => [
    Math.round(T0 + 4000 * index + 2000 + 40 * (random.uniform() - 0.5)),
    index % 100,
  ]);
  expect(await load('4s', rows)).toEqual({ values: rows.map(([, value]) => value), dropped: {} });
});

test(`at any times: each sample is in a frame or counted (seed ${String(SEED)})`, async () => {
  const random = createRandom(SEED + 1);
  for (let round = 0; round < 40; round += 1) {
    let time = T0;
    // Each value is its own, so that it is found again.
    const rows = Array.from({ length: 200 }, (_, index): [number, number] => {
      time += 1 + Math.floor(7000 * random.uniform());
      return [time, index];
    });
    const { values, dropped } = await load('4s', rows);
    const used = new Set(values).size - (values.some((value) => Number.isNaN(value)) ? 1 : 0);
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    expect({ seed: SEED, round, sum: used + lost }).toEqual({ seed: SEED, round, sum: rows.length });
  }
});
