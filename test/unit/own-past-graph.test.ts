/** What the graph says of a parameter's own past: as the fit does, bounded by what was recorded, and nothing before it can know. */
import { createRandom } from '../../src/core/random';
import { initialSummaries, summarise, SPANS, SUMMARIES, SUMMARY } from '../../src/core/telemetry/summaries';
import { buildForecastSignature, buildOwnPast, buildOwnPastViews } from '../../src/fit/graph/own-past';
import type { Layout } from '../../src/fit/layout';
import { MOST_UNITS } from '../../src/fit/own-past/frozen';
import { fitBehaviour } from '../../src/fit/own-past/behaviour';
import type { OwnPastHeads } from '../../src/fit/own-past/fit-own-past';
import { fitForecast, forecastShape, forecastSignals } from '../../src/fit/own-past/forecast';
import { pastRow } from '../../src/fit/own-past/fit-own-past';
import { runGraph } from '../support/graph-run';

const SEED = 20261130;
const FRAMES = 16;
const WARM = 64;
const STRIDE = 4;
const LAYOUT: Layout = { parameters: 1, frames: FRAMES, groups: [[0]], equipment: [], alike: true, conditions: [] };
const SCALING = { mean: Float64Array.of(0), std: Float64Array.of(1) };

interface Past {
  readonly window: readonly number[];
  readonly memory: Float64Array;
}

/** Windows of a value that returns to its running mean. */
const record = (): Past[] => {
  const random = createRandom(SEED);
  let [state, value] = [initialSummaries(1), 0];
  const values: number[] = [];
  const out: Past[] = [];
  for (let t = 0; t < 4000; t += 1) {
    value += -0.4 * (value - (state.values[0] ?? 0)) - 0.05 * value + 0.2 * random.normal();
    values.push(value);
    state = summarise(state, [value]);
    if (t >= 2 * SPANS[1] && t % STRIDE === 0)
      out.push({ window: values.slice(-FRAMES), memory: state.values.slice() });
  }
  return out;
};

const past = record();
const rows = past.map(({ window, memory }) => pastRow(window, memory, SCALING));
const folds = rows.map((_, index) => Math.floor(index / 40) % 4);

const headsWith = (wander: number): OwnPastHeads => {
  const shape = forecastShape(LAYOUT, [0], [0, 1], { stride: STRIDE, wander: Float64Array.of(wander) });
  const memories = past.map(({ memory }) => memory);
  const { head: behaviour } = fitBehaviour({
    ...{ scored: [0], others: [[]], scaling: SCALING, memories, stretches: memories.map(() => 0), stride: STRIDE },
    ...{ folds, wander: Float64Array.of(wander), report: () => undefined },
  });
  const line = { knots: [0], slopes: [0], base: 0 };
  const heads = ['forecast', 'behaviour', 'frozen'].map((name) => ({ name, rate: 1, line, median: [0], unit: [1] }));
  const spec = { heads, parameters: [0], units: ['0'], unitOf: [0], warm: WARM, silence: 1, block: 1 };
  return { spec, scored: [0], forecast: fitForecast(shape, rows, folds).head, behaviour, scores: [] };
};

const judge = (heads: OwnPastHeads, items: readonly Past[]) =>
  runGraph(
    (g) => {
      const [standardised = '', memory = ''] = g.split(g.input('past', ['n', FRAMES + SUMMARIES]), 1, [
        FRAMES,
        SUMMARIES,
      ]);
      const nodes = buildOwnPast(g, { standardised, memory }, heads, { layout: LAYOUT, scaling: SCALING });
      g.output('size', nodes.size, ['n', 1]);
      g.output('signature', buildForecastSignature(g, nodes, heads, { memory, layout: LAYOUT }), ['n', 2]);
      const [forecast = '', behaviour = '', frozen = ''] = buildOwnPastViews(g, nodes, heads, {
        memory,
        layout: LAYOUT,
      });
      g.output('forecast', forecast, ['n', 1]);
      g.output('behaviour', behaviour, ['n', 1]);
      g.output('frozen', frozen, ['n', 1]);
    },
    {
      name: 'past',
      data: Float32Array.from(items.flatMap(({ window, memory }) => [...window, ...memory])),
      dims: [items.length, FRAMES + SUMMARIES],
    },
  );

/** The same window, whose running means hold what a fault left there. */
const afterFault = ({ window, memory }: Past, level: number): Past => {
  const left = memory.slice();
  for (const at of SUMMARY.mean) left[at] = level;
  return { window, memory: left };
};

describe(`own past in the graph (seed ${String(SEED)})`, () => {
  const heads = headsWith(0);
  const calm = past.slice(100, 110);

  test('the forecast is that of the fit', async () => {
    const { size = [] } = await judge(heads, calm);
    const wanted = forecastSignals(heads.forecast, rows.slice(100, 110)).map(([value]) => value ?? NaN);
    size.forEach((value, at) => {
      expect(value).toBeCloseTo(wanted[at] ?? NaN, 4);
    });
  });

  test('what a fault left in the running means forecasts no more than the recordings held', async () => {
    const [item] = calm as [Past];
    const { size = [] } = await judge(heads, [afterFault(item, 20), afterFault(item, 200)]);
    expect(size[1]).toBe(size[0]);
  });

  test('unless its level goes one way, and so goes on', async () => {
    const [item] = calm as [Past];
    const { size = [] } = await judge(headsWith(3), [afterFault(item, 20), afterFault(item, 200)]);
    expect(size[1]).toBeGreaterThan((size[0] ?? NaN) * 2);
  });

  test('says nothing until the memory holds enough, and a push is a signed part of the corevector', async () => {
    const [item] = calm as [Past];
    const young = { ...item, memory: item.memory.map((value, at) => (at === SUMMARY.count ? WARM - 1 : value)) };
    const pushed = { ...item, window: item.window.map((value, at) => (at === FRAMES - 1 ? value - 8 : value)) };
    const { signature = [], forecast = [], behaviour = [] } = await judge(heads, [young, item, pushed]);
    expect([signature[0], signature[1], forecast[0], behaviour[0]].every((value) => value === 0)).toBe(true);
    expect(signature[4]).toBeLessThan((signature[2] ?? NaN) - 0.5);
    expect(forecast[2]).toBeGreaterThan((forecast[1] ?? NaN) + 0.3);
  });

  test('a value that repeats for longer than nominal ones is seen, once the memory holds enough', async () => {
    const [item] = calm as [Past];
    const stuckFor = (samples: number, { window, memory }: Past = item): Past => ({
      window,
      memory: memory.map((value, at) => (at === SUMMARY.run ? samples : value)),
    });
    const young = { ...item, memory: item.memory.map((value, at) => (at === SUMMARY.count ? WARM - 1 : value)) };
    const { frozen = [] } = await judge(heads, [stuckFor(10, young), stuckFor(0), stuckFor(10), stuckFor(999)]);
    expect([frozen[0], frozen[1]]).toEqual([0, 0]);
    expect(frozen[2]).toBeCloseTo(Math.log(11), 4);
    expect(frozen[3]).toBeCloseTo(Math.log(1 + MOST_UNITS), 4);
  });
});
