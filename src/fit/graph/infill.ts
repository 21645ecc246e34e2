/**
 * Nodes that put the likeliest value where a sample was not measured: the conditional mean given all that was. It minimises the window's
 * quadratic form `x' L x` over the missing entries. Conjugate gradients solve `L_mm x_m = -(L x)_m`, with the diagonal of L as
 * preconditioner (Golub and Van Loan, Matrix Computations, algorithm 11.5.1). With as many steps as entries are missing, the solution is
 * exact. They run only if a sample is missing: most windows have all of theirs.
 */
import { dense, type Dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';
import { centring } from '../precision';

/** Steps in a round, and rounds at most. What is left over after them counts as a deviation: too few make the score cautious, not blind. */
const STEPS = 8;
const ROUNDS = 4;
/** Squared nominal deviations that may be left over: a further round runs only if some window has more. */
const CONVERGED = 1e-3;
/** Keeps 0 / 0 of windows without gaps, beside others that have some, at 0. */
const TINY = 1e-12;

interface Quadratic {
  readonly mean: Float64Array;
  readonly precision: Dense;
}

/** Where the conjugate gradients are. */
interface Search {
  readonly found?: string;
  readonly rest: string;
  readonly direction: string;
  /** [n, 1]. */
  readonly norm: string;
}

const solveMissing = (g: GraphBuilder, samples: string, missing: string, { mean, precision }: Quadratic): string => {
  const size = mean.length;
  const matrix = g.constant('infill/precision', precision.data, [size, size]);
  const perDiagonal = Float64Array.from({ length: size }, (_, i) => 1 / (precision.data[i * size + i] as number));
  const preconditioner = g.constant('infill/per-diagonal', perDiagonal, [1, size]);
  const tiny = g.constant('infill/tiny', [TINY], [1]);
  const gradient = g.gemm(
    samples,
    matrix,
    g.constant('infill/bias', centring(mean, dense(size, size, precision.data)), [size]),
  );
  const dot = (a: string, b: string): string => g.reduceSum(g.mul(a, b), [1], true);
  const step = ({ found, rest, direction, norm }: Search): Required<Search> => {
    const image = g.mul(g.matmul(direction, matrix), missing);
    const length = g.div(norm, g.add(dot(direction, image), tiny));
    const move = g.mul(direction, length);
    const left = g.sub(rest, g.mul(image, length));
    const scaled = g.mul(left, preconditioner);
    const next = dot(left, scaled);
    return {
      found: found === undefined ? move : g.add(found, move),
      rest: left,
      direction: g.add(scaled, g.mul(direction, g.div(next, g.add(norm, tiny)))),
      norm: next,
    };
  };
  const search = (from: Search, rounds: number): string => {
    let at = step(from);
    for (let done = 1; done < STEPS; done += 1) at = step(at);
    if (rounds === 1) return at.found;
    const isLeft = g.node('Less', [g.constant('infill/converged', [CONVERGED], [1]), g.reduceMax(at.norm, [0, 1])]);
    return g.when(isLeft, () => search(at, rounds - 1), at.found);
  };
  const rest = g.node('Neg', [g.mul(gradient, missing)]);
  const scaled = g.mul(rest, preconditioner);
  return search({ rest, direction: scaled, norm: dot(rest, scaled) }, ROUNDS);
};

export interface Infill {
  /** What to add to the samples, [n, size]: zero where they were measured. */
  readonly added: string;
  /** [1], boolean: whether any sample is missing. */
  readonly isAny: string;
}

/** @param samples [n, size], standardised; @param mask [n, size], 1 where measured. */
export const buildInfill = (g: GraphBuilder, samples: string, mask: string, model: Quadratic): Infill => {
  const missing = g.sub(g.constant('infill/one', [1], [1]), mask);
  const isAny = g.node('Less', [g.constant('infill/none', [0.5], [1]), g.reduceMax(missing, [0, 1])]);
  return { isAny, added: g.when(isAny, () => solveMissing(g, samples, missing, model), missing) };
};
