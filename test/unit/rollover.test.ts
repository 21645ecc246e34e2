/** Where a parameter rolls over (359 to 0), no line crosses a plot. */
import { rollsOver } from '../../src/core/rollover';
import { plots } from '../../src/commands/report/anomaly-plots';
import type { Stretch } from '../../src/core/anomaly/surroundings';
import { drawStrip } from '../../src/console/page/charts/strip-drawing';
import type { LiveRange, LiveSeries } from '../../src/console/page/live-series';
import type { Explanation } from '../../src/domain/explanation';
import { missionSchema } from '../../src/domain/mission';
import { isoTime } from '../../src/domain/units';
import { T0 } from '../support/tiny-mission';

/** The page's theme is preact's; a strip is given its palette. */
jest.mock('../../src/console/page/theme', () => ({ colour: () => '' }));

const ANGLE = [350, 359, 3, 12];

test.each([
  [359, 0, 360, true],
  [0, 359, 360, true],
  [65535, 2, 65536, true],
  [10, 190, 360, false],
  [10, 190.5, 360, true],
  [359, 0, null, false],
  [359, 0, undefined, false],
  [NaN, 0, 360, false],
])('from %p to %p of %p rolls over: %p', (from, to, modulus, expected) => {
  expect(rollsOver(from, to, modulus)).toBe(expected);
});

/** Points that a strip begins a line at (M) and draws a line to (L), by their index. */
const strokes = (mean: number[], spread: number[], modulus: number | null): string => {
  const drawn: string[] = [];
  const note = (kind: string) => (x: number) => drawn.push(kind + String(x - 0.5));
  const nothing = (): void => undefined;
  const context = {
    canvas: { width: mean.length, height: 10 },
    ...{ clearRect: nothing, beginPath: nothing, rect: nothing, fill: nothing, stroke: nothing, setLineDash: nothing },
    ...{ moveTo: note('M'), lineTo: note('L') },
  };
  const canvas = { clientWidth: mean.length, clientHeight: 10, width: 0, height: 0, getContext: () => context };
  const row = (values: number[]): Float64Array => Float64Array.from(values);
  const by = (sign: number): Float64Array => row(mean.map((value, at) => value + sign * (spread[at] ?? 0)));
  const none = row(mean.map(() => NaN));
  const series: LiveSeries = { mean: row(mean), min: by(-1), max: by(1), expected: none, low: none, high: none };
  const palette = { measured: '', expected: '', band: '', warning: '', critical: '', grid: '' };
  Object.assign(globalThis, { devicePixelRatio: 1 });
  drawStrip(canvas as unknown as HTMLCanvasElement, {
    ...{ series, palette, modulus, bands: [], limits: { warning: [], critical: [] } },
    range: { points: mean.length } as LiveRange,
  });
  return drawn.join(' ');
};

test('a strip breaks its line where the parameter rolls over', () => {
  expect(strokes(ANGLE, [], 360)).toBe('M0 L1 M2 L3');
  expect(strokes(ANGLE, [], null)).toBe('M0 L1 L2 L3');
});

test('a point that it rolled over in has a mean that says nothing, and no line goes through it', () => {
  expect(strokes([355, 180, 5, 9], [0, 179, 0, 0], 360)).toBe('M0 M2 L3');
});

test.each([
  [360, 2],
  [undefined, 1],
])('the plot of a report with modulus %p has %p lines measured', (modulus, lines) => {
  const mission = missionSchema.parse({
    spacecraft: 'SC-1',
    sampling: { period: '1s', window: 4 },
    parameters: [{ id: 'angle', units: 'deg', ...(modulus !== undefined && { modulus }) }],
  });
  const at = (frame: number): string => isoTime(T0 + 1000 * frame);
  const record = {
    ...{ start: at(1), end: at(2), detectedAt: at(2), attribution: [{ parameter: 'angle', peakAt: at(1) }] },
  } as unknown as Explanation;
  const stretch = {
    times: ANGLE.map((_, frame) => T0 + 1000 * frame),
    parameters: { angle: ANGLE },
    expected: { angle: ANGLE },
  } as unknown as Stretch;
  const path = /<path class="a"[^>]* d="([^"]*)"/.exec(plots(mission, record, stretch).markup)?.[1] ?? '';
  expect(path.match(/M/g)).toHaveLength(lines);
});
