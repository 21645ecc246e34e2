/** Dense row-major matrices on Float64Array: the few operations fitting needs, on ml-matrix where eigenvalues are asked. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { addRows, choleskyFactor, solveFactored, sumOfProducts } from './kernels';

export interface Dense {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export const dense = (rows: number, columns: number, data: Float64Array = new Float64Array(rows * columns)): Dense => ({
  rows,
  columns,
  data,
});

export const at = (m: Dense, row: number, column: number): number => m.data[row * m.columns + column] ?? 0;

/** a [r, k] times b [k, c]. */
export const multiply = (a: Dense, b: Dense): Dense => {
  const out = dense(a.rows, b.columns);
  const from = { source: b.data, from: 0, columns: b.columns };
  for (let i = 0; i < a.rows; i += 1)
    addRows(out.data, i * b.columns, from, a.data.subarray(i * a.columns, (i + 1) * a.columns));
  return out;
};

export const transpose = (m: Dense): Dense => {
  const out = dense(m.columns, m.rows);
  for (let i = 0; i < m.rows; i += 1) for (let j = 0; j < m.columns; j += 1) out.data[j * m.rows + i] = at(m, i, j);
  return out;
};

/** The block of the given rows and columns. */
export const select = (m: Dense, rows: readonly number[], columns: readonly number[]): Dense => {
  const out = dense(rows.length, columns.length);
  rows.forEach((row, i) => columns.forEach((column, j) => (out.data[i * columns.length + j] = at(m, row, column))));
  return out;
};

export const meanOf = (rows: readonly ArrayLike<number>[], size: number): Float64Array => {
  const mean = new Float64Array(size);
  for (const row of rows) for (let i = 0; i < size; i += 1) mean[i] = (mean[i] as number) + (row[i] as number);
  return mean.map((value) => value / Math.max(1, rows.length));
};

/** Covariance about `mean`, with `ridge` times the mean variance added to the diagonal (shrinkage towards white). */
export const covariance = (rows: readonly ArrayLike<number>[], mean: Float64Array, ridge: number): Dense => {
  const size = mean.length;
  const out = sumOfProducts(rows, mean);
  const scale = 1 / Math.max(1, rows.length - 1);
  let trace = 0;
  for (let i = 0; i < size; i += 1) trace += (out[i * size + i] as number) * scale;
  const floor = (ridge * trace) / size;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const value = (out[i * size + j] as number) * scale + (i === j ? floor : 0);
      out[i * size + j] = value;
      out[j * size + i] = value;
    }
  }
  return dense(size, size, out);
};

/** (m + m') / 2: products of symmetric matrices are symmetric but for rounding, and decompositions insist. */
const symmetric = (m: Dense): Dense => {
  const out = dense(m.rows, m.columns);
  for (let i = 0; i < m.rows; i += 1)
    for (let j = 0; j < m.columns; j += 1) out.data[i * m.columns + j] = (at(m, i, j) + at(m, j, i)) / 2;
  return out;
};

const toMatrix = (m: Dense): Matrix =>
  new Matrix(Array.from({ length: m.rows }, (_, row) => m.data.subarray(row * m.columns, (row + 1) * m.columns)));
const fromMatrix = (m: Matrix): Dense => dense(m.rows, m.columns, Float64Array.from(m.to1DArray()));

/** X of m X = right, for a symmetric positive definite m. @throws Error when it is not: a program error, for covariances carry a ridge. */
export const solve = (m: Dense, right: Dense): Dense => {
  const factor = choleskyFactor(m.data, m.rows);
  if (factor === undefined) throw new Error('matrix is not positive definite');
  return dense(m.rows, right.columns, solveFactored(factor, m.rows, right.data));
};

export const identity = (size: number): Dense =>
  dense(
    size,
    size,
    Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
  );

/** Inverse of a symmetric positive definite matrix. @throws Error when it is not. */
export const inverse = (m: Dense): Dense => symmetric(solve(symmetric(m), identity(m.rows)));

/** Eigenvalues (falling) and eigenvectors (columns) of a symmetric matrix; each vector's largest entry is positive, so that signs are reproducible. */
export const eigen = (m: Dense): { values: Float64Array; vectors: Dense } => {
  const decomposition = new EigenvalueDecomposition(toMatrix(symmetric(m)), { assumeSymmetric: true });
  const order = decomposition.realEigenvalues
    .map((_, index) => index)
    .sort((a, b) => (decomposition.realEigenvalues[b] ?? 0) - (decomposition.realEigenvalues[a] ?? 0));
  const raw = fromMatrix(decomposition.eigenvectorMatrix);
  const vectors = dense(m.rows, m.rows);
  order.forEach((from, to) => {
    let most = 0;
    for (let i = 0; i < m.rows; i += 1) if (Math.abs(at(raw, i, from)) > Math.abs(at(raw, most, from))) most = i;
    const sign = at(raw, most, from) < 0 ? -1 : 1;
    for (let i = 0; i < m.rows; i += 1) vectors.data[i * m.rows + to] = sign * at(raw, i, from);
  });
  return { values: Float64Array.from(order.map((index) => decomposition.realEigenvalues[index] ?? 0)), vectors };
};

/** V f(w) V' of a symmetric positive definite matrix. */
export const symmetricFunction = (m: Dense, f: (eigenvalue: number) => number): Dense => {
  const { values, vectors } = eigen(m);
  const scaled = dense(m.rows, m.rows);
  for (let i = 0; i < m.rows; i += 1)
    for (let j = 0; j < m.rows; j += 1) scaled.data[i * m.rows + j] = at(vectors, i, j) * f(values[j] ?? 0);
  return multiply(scaled, transpose(vectors));
};
