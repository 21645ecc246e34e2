/** Nodes of a driller: mixture responsibilities times the empirical posterior table, one row an item. */
import type { Driller } from '../driller';
import { dense, multiply, type Dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';

/** What becomes of a posterior, folded into the product with the table: `factor` times posterior times `matrix`, plus `bias`. */
export interface Last {
  /** [items, 1]. */
  readonly factor: string;
  /** [classes, wanted]. */
  readonly matrix: Dense;
  /** [wanted]. */
  readonly bias: Float64Array;
}

/**
 * @param corevector [..., dimensions], flattened by the caller to [items, dimensions].
 * @returns posterior [items, classes], `unknown` as the last class when the driller has that component.
 *
 * |R_k (x - m_k)|^2 of all components at once: one product with the stacked roots, squared and summed by component.
 */
export const buildPeephole = (
  g: GraphBuilder,
  corevector: string,
  driller: Driller,
  { hint, last }: { readonly hint: string; readonly last?: Last },
): string => {
  const { table, temperature, unknown, tail } = driller;
  const components = unknown === undefined ? driller.components : [...driller.components, unknown];
  const d = components[0]?.mean.length ?? 0;
  const count = components.length;
  const roots = dense(d, count * d);
  const bias = new Float64Array(count * d);
  const offsets = new Float64Array(count);
  // Half and temperature go into the roots, so that the squares are the log responsibilities already; of t components what the
  // logarithm takes.
  const scale = Math.sqrt(tail === undefined ? 0.5 / temperature : 1 / tail);
  components.forEach(({ mean, root, offset }, k) => {
    for (let i = 0; i < d; i += 1) {
      let shift = 0;
      for (let j = 0; j < d; j += 1) {
        const value = scale * (root[i * d + j] as number);
        roots.data[j * roots.columns + k * d + i] = value;
        shift += value * (mean[j] as number);
      }
      bias[k * d + i] = -shift;
    }
    offsets[k] = offset / temperature;
  });
  const distances = g.gemm(
    corevector,
    g.constant(`${hint}/roots`, roots.data, [d, count * d]),
    g.constant(`${hint}/shift`, bias, [count * d]),
  );
  const squared = g.energy(g.reshape(distances, [-1, count, d]), [2]);
  const falls =
    tail === undefined
      ? squared
      : g.mul(
          g.log(g.add(squared, g.constant(`${hint}/one`, [1], [1]))),
          g.constant(`${hint}/tail`, [(tail + d) / (2 * temperature)], [1]),
        );
  const responsibilities = g.softmax(g.sub(g.constant(`${hint}/offsets`, offsets, [count]), falls), 1);
  const classes = table.columns + (unknown === undefined ? 0 : 1);
  const full = dense(count, classes);
  for (let k = 0; k < table.rows; k += 1)
    full.data.set(table.data.subarray(k * table.columns, (k + 1) * table.columns), k * classes);
  if (unknown !== undefined) full.data[count * classes - 1] = 1;
  if (last === undefined) return g.matmul(responsibilities, g.constant(`${hint}/table`, full.data, [count, classes]));
  const { factor, matrix, bias: constant } = last;
  return g.gemm(
    g.mul(responsibilities, factor),
    g.constant(`${hint}/table`, multiply(full, matrix).data, [count, matrix.columns]),
    g.constant(`${hint}/table/bias`, constant, [matrix.columns]),
  );
};
