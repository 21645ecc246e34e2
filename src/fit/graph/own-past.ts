/** Nodes of what judges a parameter by its own past: residuals of the forecast, and the distance to the nearest nominal behaviour. */
import { FROZEN } from '../../core/anomaly/own-past';
import { SPANS, SUMMARIES, SUMMARY } from '../../core/telemetry/summaries';
import type { Layout } from '../layout';
import { dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';
import { BEHAVIOURS } from '../own-past/behaviour';
import type { OwnPastHeads } from '../own-past/fit-own-past';
import { MOST_UNITS } from '../own-past/frozen';
import { buildWholeReady } from './context';
import type { Scaling } from './front';
import { compress } from './signature';

interface Sources {
  /** [n, parameters * frames]. */
  readonly standardised: string;
  /** [n, parameters * SUMMARIES], engineering values. */
  readonly memory: string;
}

/** Columns of the memory, standardised: [n, indices]. */
const gathered = (
  g: GraphBuilder,
  memory: string,
  parts: readonly { readonly parameter: number; readonly index: number; readonly isCentred: boolean }[],
  { mean, std, hint }: Scaling & { readonly hint: string },
): string => {
  const taken = g.gather(
    memory,
    1,
    parts.map(({ parameter, index }) => parameter * SUMMARIES + index),
  );
  const centre = parts.map(({ parameter, isCentred }) => (isCentred ? (mean[parameter] as number) : 0));
  const per = parts.map(({ parameter }) => 1 / (std[parameter] as number));
  return g.mul(
    g.sub(taken, g.constant(`${hint}/mean`, centre, [1, parts.length])),
    g.constant(`${hint}/per-std`, per, [1, parts.length]),
  );
};

/** Residual of the last frames: [n, positions * scored]. */
const buildForecast = (
  g: GraphBuilder,
  { standardised, memory }: Sources,
  { forecast }: OwnPastHeads,
  { layout, scaling }: { readonly layout: Layout; readonly scaling: Scaling },
): string => {
  const means = Array.from({ length: layout.parameters }, (_, parameter) =>
    SPANS.map((_span, span) => ({ parameter, index: SUMMARY.mean[span] ?? 0, isCentred: true })),
  ).flat();
  const remembered = gathered(g, memory, means, { ...scaling, hint: 'forecast' });
  const limit = (hint: string, values: Float64Array): string =>
    g.constant(`forecast/${hint}`, values, [1, means.length]);
  const bounded = g.node('Min', [
    g.node('Max', [remembered, limit('low', forecast.low)]),
    limit('high', forecast.high),
  ]);
  const row = g.concat([standardised, bounded], 1);
  const { columns, bias } = forecast;
  return g.gemm(
    row,
    g.constant('forecast/columns', columns.data, [columns.rows, columns.columns]),
    g.constant('forecast/bias', bias, [columns.columns]),
  );
};

/** Sums over the positions, each parameter by a factor of its own: [n, positions * scored] to [n, scored]. */
const overPositions = (g: GraphBuilder, residual: string, positions: number, factors: readonly number[]): string => {
  const sums = dense(positions * factors.length, factors.length);
  for (let j = 0; j < sums.rows; j += 1) {
    const column = j % factors.length;
    sums.data[j * sums.columns + column] = factors[column] as number;
  }
  return g.matmul(residual, g.constant('forecast/sums', sums.data, [sums.rows, sums.columns]));
};

/** Behaviours of the scored parameters, divided: [scored, n, BEHAVIOURS]. */
const buildBehaviours = (
  g: GraphBuilder,
  memory: string,
  { behaviour, scored }: OwnPastHeads,
  scaling: Scaling,
): string => {
  const count = scored.length;
  const { weights, bias } = behaviour.implied;
  const levels = Array.from({ length: weights.rows }, (_, parameter) => ({
    ...{ parameter, index: SUMMARY.level, isCentred: true },
  }));
  const implied = g.gemm(
    gathered(g, memory, levels, { ...scaling, hint: 'levels' }),
    g.constant('behaviour/implied', weights.data, [weights.rows, count]),
    g.constant('behaviour/implied-bias', bias, [count]),
  );
  const besides = (level: string): string => g.sub(level, implied);
  const part = (index: number, isCentred: boolean) => scored.map((parameter) => ({ parameter, index, isCentred }));
  const hint = 'behaviour';
  const take = (index: number, isCentred: boolean): string =>
    gathered(g, memory, part(index, isCentred), { ...scaling, hint });
  const repeated = g.gather(
    memory,
    1,
    scored.map((parameter) => parameter * SUMMARIES + SUMMARY.repeated),
  );
  const variance = g.gather(
    memory,
    1,
    scored.map((parameter) => parameter * SUMMARIES + SUMMARY.variance),
  );
  const perStd = g.constant(
    'behaviour/per-std',
    scored.map((parameter) => 1 / (scaling.std[parameter] as number)),
    [1, count],
  );
  const [lowNow, lowBefore] = SUMMARY.low;
  const [highNow, highBefore] = SUMMARY.high;
  const all = [
    besides(take(SUMMARY.level, true)),
    g.mul(g.node('Sqrt', [g.node('Relu', [variance])]), perStd),
    besides(g.node('Min', [take(lowNow, true), take(lowBefore, true)])),
    besides(g.node('Max', [take(highNow, true), take(highBefore, true)])),
    take(SUMMARY.step, false),
    repeated,
  ];
  const cube = g.concat(
    all.map((tensor) => g.reshape(tensor, [-1, count, 1])),
    2,
  );
  const per = behaviour.scale.flatMap((row) => [...row].map((value) => 1 / value));
  return g.transpose(g.mul(cube, g.constant('behaviour/per-scale', per, [1, count, BEHAVIOURS])), [1, 0, 2]);
};

/** Distance to the nearest nominal behaviour: [n, scored]. */
const buildBehaviour = (g: GraphBuilder, memory: string, heads: OwnPastHeads, scaling: Scaling): string => {
  const rows = buildBehaviours(g, memory, heads, scaling);
  const { nominal } = heads.behaviour;
  const count = nominal.length;
  const many = nominal[0]?.length ?? 0;
  // |a - b|^2 = |a|^2 - 2 a.b + |b|^2.
  const twice = new Float64Array(count * BEHAVIOURS * many);
  const squares = new Float64Array(count * many);
  nominal.forEach((own, at) => {
    own.forEach((row, index) => {
      row.forEach((value, i) => {
        twice[(at * BEHAVIOURS + i) * many + index] = -2 * value;
        squares[at * many + index] = (squares[at * many + index] ?? 0) + value * value;
      });
    });
  });
  const cross = g.matmul(rows, g.constant('behaviour/nominal', twice, [count, BEHAVIOURS, many]));
  const nearest = g.node('Neg', [
    g.reduceMax(g.node('Neg', [g.add(cross, g.constant('behaviour/squares', squares, [count, 1, many]))]), [2]),
  ]);
  const own = g.reduceSum(g.mul(rows, rows), [2], false);
  return g.transpose(g.node('Sqrt', [g.node('Relu', [g.add(own, nearest)])]), [1, 0]);
};

/** Samples in a row that repeat the one before, up to what counts: [n, scored]. */
const buildRuns = (g: GraphBuilder, memory: string, { spec, scored }: OwnPastHeads): string => {
  const runs = g.gather(
    memory,
    1,
    scored.map((parameter) => parameter * SUMMARIES + SUMMARY.run),
  );
  const unit = spec.heads.find(({ name }) => name === FROZEN)?.unit ?? [];
  const most = unit.map((value) => MOST_UNITS * value);
  return g.node('Min', [runs, g.constant('frozen/most', most, [1, most.length])]);
};

/** What parameters do against their own past. */
export interface OwnPastNodes {
  /** Signals of the heads, one after the other: [n, heads * scored]. */
  readonly signals: string;
  /** [n, positions * scored]: residual of the forecast, signed. */
  readonly residual: string;
  /** [n, scored]: its mean size. */
  readonly size: string;
}

export const buildOwnPast = (
  g: GraphBuilder,
  sources: Sources,
  heads: OwnPastHeads,
  at: { readonly layout: Layout; readonly scaling: Scaling },
): OwnPastNodes => {
  const { positions } = heads.forecast;
  const residual = buildForecast(g, sources, heads, at);
  const mean = heads.scored.map(() => 1 / positions);
  const size = overPositions(g, g.node('Abs', [residual]), positions, mean);
  const behaviour = buildBehaviour(g, sources.memory, heads, at.scaling);
  return { residual, size, signals: g.concat([size, behaviour, buildRuns(g, sources.memory, heads)], 1) };
};

/** Numbers a parameter in the corevector of the forecast. */
export const FORECAST_FEATURES = 2;

/**
 * Corevector of the forecast: for each parameter the mean of the signed residual and the mean of its size, in units of what is usual.
 * Zero as long as the memory holds too little. @param memory [n, parameters * SUMMARIES]; @returns [n, scored * FORECAST_FEATURES].
 */
export const buildForecastSignature = (
  g: GraphBuilder,
  { residual, size }: OwnPastNodes,
  { spec, forecast: { positions } }: OwnPastHeads,
  { memory, layout }: { readonly memory: string; readonly layout: Layout },
): string => {
  const { median, unit } = spec.heads[0] ?? { median: [], unit: [] };
  const row = (hint: string, values: readonly number[]): string =>
    g.constant(`forecast/${hint}`, values, [1, values.length]);
  const level = g.mul(
    g.sub(size, row('median', median)),
    row(
      'per-unit',
      unit.map((value) => 1 / value),
    ),
  );
  const sign = overPositions(
    g,
    residual,
    positions,
    unit.map((value) => 1 / (positions * value)),
  );
  const ready = buildWholeReady(g, memory, layout, [spec.warm]);
  return compress(g, g.mul(g.concat([sign, level], 1), ready));
};

/**
 * Views of the isolation: how far each unit is above what is usual of its own past, as a logarithm. Zero as long as the memory holds too
 * little. @param memory [n, parameters * SUMMARIES]; @returns [n, units] for each head.
 */
export const buildOwnPastViews = (
  g: GraphBuilder,
  { signals }: OwnPastNodes,
  { spec: { heads, units, unitOf, warm } }: OwnPastHeads,
  { memory, layout }: { readonly memory: string; readonly layout: Layout },
): string[] => {
  const row = (hint: string, values: readonly number[]): string =>
    g.constant(`own-past/${hint}`, values, [1, values.length]);
  const median = heads.flatMap((head) => head.median);
  const perUnit = heads.flatMap(({ unit }) => unit.map((value) => 1 / value));
  const above = g.node('Relu', [g.mul(g.sub(signals, row('median', median)), row('per-unit', perUnit))]);
  const sums = dense(median.length, heads.length * units.length);
  const each = unitOf.length;
  median.forEach((_, at) => {
    const unit = unitOf[at % each] ?? 0;
    const among = unitOf.filter((other) => other === unit).length;
    sums.data[at * sums.columns + Math.floor(at / each) * units.length + unit] = 1 / among;
  });
  const level = g.node('Sqrt', [
    g.matmul(g.mul(above, above), g.constant('own-past/units', sums.data, [sums.rows, sums.columns])),
  ]);
  const views = g.mul(g.log(g.add(level, g.constant('one', [1], [1]))), buildWholeReady(g, memory, layout, [warm]));
  return heads.length === 1
    ? [views]
    : g.split(
        views,
        1,
        heads.map(() => units.length),
      );
};
