/**
 * Nodes of the heads: slow deviations from the memory, and all evidence on one scale. The scale counts nominal deviations of the
 * logarithm above what is usual in the context.
 */
import { LEAST_EVIDENCE } from '../../core/anomaly/surprise';
import { SUMMARIES } from '../../core/telemetry/summaries';
import type { SlowHead } from '../heads/fit-head';
import { GATE, type Heads } from '../heads/fit-heads';
import type { TaughtHead } from '../heads/taught-head';
import { unitsOf, type Layout } from '../layout';
import { dense, multiply, type Dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';
import { concatColumns } from '../precision';
import { buildReady, buildWholeReady } from './context';
import { project, type Samples, type Scaling } from './front';

export interface SlowEvidence {
  readonly name: string;
  /** [n, parameters], signed nominal deviations; zero for conditions, and too soon after a gap. */
  readonly deviation: string;
  /** [n, units], logarithms. */
  readonly logs: string;
}

/** The columns of a head by the flattened, standardised summaries: [parameters * SUMMARIES, columns], and their bias. */
const scatter = ({ shape, head }: SlowHead, { std }: Scaling, size: number, columns: Dense) => {
  const out = dense(size, columns.columns);
  const bias = new Float64Array(columns.columns);
  shape.sources.forEach((source, index) => {
    const parameter = shape.parameters[index] ?? 0;
    const factor = 1 / (std[parameter] as number);
    for (let j = 0; j < columns.columns; j += 1) {
      const weight = columns.data[index * columns.columns + j] as number;
      const at = source * columns.columns + j;
      out.data[at] = (out.data[at] as number) + weight * factor;
      bias[j] = (bias[j] as number) - weight * (head.mean[index] as number);
    }
  });
  return { out, bias };
};

/** Numbers of a row to the parameters of the mission: [row, parameters]. */
const toParameters = ({ shape }: SlowHead, { parameters }: Layout): Dense => {
  const out = dense(shape.parameters.length, parameters);
  for (const index of shape.units.flat()) out.data[index * parameters + (shape.parameters[index] ?? 0)] = 1;
  return out;
};

/** @param memory [n, parameters * SUMMARIES], engineering values. */
export const buildSlow = (
  g: GraphBuilder,
  memory: string,
  heads: readonly SlowHead[],
  { layout, scaling }: { readonly layout: Layout; readonly scaling: Scaling },
): SlowEvidence[] => {
  if (heads.length === 0) return [];
  const size = layout.parameters * SUMMARIES;
  // Engineering values may be large beside their deviations: their means are taken away before float32 rounds them.
  const means = Float64Array.from({ length: size }, (_, i) => scaling.mean[Math.floor(i / SUMMARIES)] as number);
  const centred = g.sub(memory, g.constant('slow/mean', means, [1, size]));
  const blocks = heads.map((slow) => {
    const whitened = concatColumns(slow.shape.sources.length, slow.head.whitened);
    const plain = multiply(slow.head.deviation, toParameters(slow, layout));
    return scatter(slow, scaling, size, concatColumns(slow.shape.sources.length, [whitened, plain]));
  });
  const columns = concatColumns(
    size,
    blocks.map(({ out }) => out),
  );
  const all = g.gemm(
    centred,
    g.constant('slow/columns', columns.data, [size, columns.columns]),
    g.constant(
      'slow/bias',
      blocks.flatMap(({ bias }) => [...bias]),
      [columns.columns],
    ),
  );
  const ready = g.split(
    buildReady(
      g,
      memory,
      layout,
      heads.map(({ warm }) => warm),
    ),
    1,
    heads.map(() => 1),
  );
  const sizes = heads.flatMap(({ shape }) => [shape.units.flat().length, layout.parameters]);
  const parts = g.split(all, 1, sizes);
  return heads.map(({ name, shape }, index) => {
    const logs = logEnergies(g, parts[2 * index] ?? '', shape.units, name);
    return { name, deviation: g.mul(parts[2 * index + 1] ?? '', ready[index] ?? ''), logs };
  });
};

/** Sums of squares of each unit's numbers, a number, in logarithms: [n, units]. */
const logEnergies = (
  g: GraphBuilder,
  whitened: string,
  units: readonly (readonly number[])[],
  hint: string,
): string => {
  const weights = dense(units.flat().length, units.length);
  let row = 0;
  units.forEach((unit, at) => {
    for (let i = 0; i < unit.length; i += 1) weights.data[(row + i) * units.length + at] = 1 / unit.length;
    row += unit.length;
  });
  const energy = g.gemm(
    g.mul(whitened, whitened),
    g.constant(`${hint}/units`, weights.data, [weights.rows, weights.columns]),
    g.constant(`${hint}/floor`, new Float64Array(units.length).fill(LEAST_EVIDENCE), [units.length]),
  );
  return g.log(energy);
};

/** Log evidence [n, units] of a head whose rows have the shape of a window. */
export const buildAlike = (g: GraphBuilder, samples: Samples, { name, head }: Heads['alike'][number]): string => {
  const matrix = concatColumns(head.mean.length, head.whitened);
  return logEnergies(g, project(g, samples, `${name}/columns`, { mean: head.mean, matrix }), head.units, name);
};

/** The strongest filter of each unit, [n, units]; zero against a unit that nothing was taught of. @param signature [n, features]. */
export const buildTaught = (
  g: GraphBuilder,
  signature: string,
  { mean, filters, unitOf }: TaughtHead,
  units: number,
): string => {
  const classes = filters.columns;
  // A column of zeros stands in where a unit has no class.
  const columns = concatColumns(mean.length, [filters, dense(mean.length, 1)]);
  const bias = Float64Array.from({ length: classes + 1 }, (_, k) =>
    mean.reduce((sum, value, i) => sum - value * (columns.data[i * columns.columns + k] as number), 0),
  );
  const all = g.gemm(
    signature,
    g.constant('taught/filters', columns.data, [columns.rows, columns.columns]),
    g.constant('taught/bias', bias, [columns.columns]),
  );
  const own = Array.from({ length: units }, (_, unit) => unitOf.flatMap((of, k) => (of === unit ? [k] : [])));
  const most = Math.max(...own.map(({ length }) => length));
  const places = own.flatMap((of) => Array.from({ length: most }, (_, at) => of[at] ?? of[0] ?? classes));
  return g.reduceMax(g.reshape(g.gather(all, 1, places), [-1, units, most]), [2]);
};

/** [n, features * (1 + knots)]: features within their fitted range, and what they exceed each knot by. */
const buildBasis = (g: GraphBuilder, context: string, { low, high, knots }: Heads['level']): string => {
  const count = low.length;
  const limit = (values: Float64Array, hint: string): string => g.constant(hint, values, [1, count]);
  const clipped = g.node('Min', [g.node('Max', [context, limit(low, 'context/low')]), limit(high, 'context/high')]);
  const above = Array.from({ length: knots.rows }, (_, k) =>
    g.node('Relu', [g.sub(clipped, limit(knots.data.slice(k * count, (k + 1) * count), 'context/knot'))]),
  );
  return g.concat([clipped, ...above], 1);
};

/**
 * @param logs [n, units] of each head, in the order of `heads.names`. @param memory [n, parameters * SUMMARIES].
 * @returns [n, heads * units].
 */
export const buildEvidence = (
  g: GraphBuilder,
  logs: readonly string[],
  { context, memory, heads }: { readonly context: string; readonly memory: string; readonly heads: Heads },
  layout: Layout,
): string => {
  const units = unitsOf(layout).length;
  const width = heads.names.length * units;
  const { weights, bias } = heads.level;
  const usual = g.gemm(
    buildBasis(g, context, heads.level),
    g.constant('level/weights', weights.data, [weights.rows, weights.columns]),
    g.constant('level/bias', bias, [width]),
  );
  const per = g.constant(
    'level/per-spread',
    heads.spread.map((value) => 1 / value),
    [1, width],
  );
  const all = g.mul(g.sub(g.concat([...logs], 1), usual), per);
  if (heads.slow.length === 0) return all;
  const fast = heads.names.length - heads.slow.length;
  const parts = g.split(all, 1, [fast * units, ...heads.slow.map(() => units)]);
  const ready = g.split(
    buildWholeReady(
      g,
      memory,
      layout,
      heads.slow.map(({ warm }) => warm),
    ),
    1,
    heads.slow.map(() => 1),
  );
  let before: string | undefined;
  const slow = heads.slow.map((_, index) => {
    const own = g.mul(parts[index + 1] ?? '', ready[index] ?? '');
    const faster = before;
    before = own;
    if (faster === undefined) return own;
    const bound = g.add(
      g.mul(g.node('Relu', [faster]), g.constant('gate/factor', [GATE.factor], [1])),
      g.constant('gate/base', [GATE.base], [1]),
    );
    return g.node('Min', [own, bound]);
  });
  return g.concat([parts[0] ?? '', ...slow], 1);
};

/** [n, heads]: the strongest evidence of each head. */
export const buildStrongest = (g: GraphBuilder, evidence: string, heads: number, units: number): string =>
  g.reduceMax(g.reshape(evidence, [-1, heads, units]), [2]);
