/**
 * The inner loops of fitting, on row-major typed arrays. They take several rows and columns at once, because reading and writing a sum
 * costs more than adding to it. Each sum still adds its terms in the order of the rows, so that no digit depends on how many are taken.
 * They are plain functions of plain variables: the compiler makes twice as much of these as of closures.
 */

/** Four rows, and zeros in place of those beyond the end. */
type Taken = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

/** Calls `use` with four rows at a time, less `centre`. Each has one zero more than `centre` has numbers. */
const byFour = (
  rows: readonly ArrayLike<number>[],
  centre: Float64Array,
  use: (taken: Taken, from: number) => void,
): void => {
  const size = centre.length;
  const empty = (): Float64Array => new Float64Array(size + 1);
  const taken: Taken = [empty(), empty(), empty(), empty()];
  for (let from = 0; from < rows.length; from += taken.length) {
    taken.forEach((out, of) => {
      const row = rows[from + of];
      if (row === undefined) out.fill(0);
      else for (let i = 0; i < size; i += 1) out[i] = (row[i] as number) - (centre[i] as number);
    });
    use(taken, from);
  }
};

/** Adds the products of four rows with themselves to a lower triangle, two lines of it at a time; what lies above it is not used. */
const addProducts = (out: Float64Array, size: number, taken: Taken): void => {
  const [a, b, c, d] = taken;
  for (let i = 0; i < size; i += 2) {
    const [base, next] = [i * size, (i + 1) * size];
    const a0 = a[i] as number;
    const b0 = b[i] as number;
    const c0 = c[i] as number;
    const d0 = d[i] as number;
    const a1 = a[i + 1] as number;
    const b1 = b[i + 1] as number;
    const c1 = c[i + 1] as number;
    const d1 = d[i + 1] as number;
    for (let j = 0; j <= i + 1; j += 1) {
      const aj = a[j] as number;
      const bj = b[j] as number;
      const cj = c[j] as number;
      const dj = d[j] as number;
      let sum = (out[base + j] as number) + a0 * aj;
      sum += b0 * bj;
      sum += c0 * cj;
      out[base + j] = sum + d0 * dj;
      sum = (out[next + j] as number) + a1 * aj;
      sum += b1 * bj;
      sum += c1 * cj;
      out[next + j] = sum + d1 * dj;
    }
  }
};

/** Lower triangle [size, size] of the sum of products of each row less `centre` with itself. */
export const sumOfProducts = (rows: readonly ArrayLike<number>[], centre: Float64Array): Float64Array => {
  const size = centre.length;
  // One line more, for the second of two lines at the end.
  const out = new Float64Array(size * (size + 1) + 1);
  byFour(rows, centre, (taken) => {
    addProducts(out, size, taken);
  });
  return out.subarray(0, size * size);
};

/** Products of four rows with two columns, squared and added to `sums`; the columns begin at `first` and `second`. */
const addSquares = (
  sums: Float64Array,
  columns: Float64Array,
  [first, second]: readonly [number, number],
  taken: Taken,
): void => {
  const [a, b, c, d] = taken;
  const size = a.length - 1;
  let a0 = 0;
  let b0 = 0;
  let c0 = 0;
  let d0 = 0;
  let a1 = 0;
  let b1 = 0;
  let c1 = 0;
  let d1 = 0;
  for (let i = 0; i < size; i += 1) {
    const v = columns[first + i] as number;
    const w = columns[second + i] as number;
    const ai = a[i] as number;
    const bi = b[i] as number;
    const ci = c[i] as number;
    const di = d[i] as number;
    a0 += v * ai;
    b0 += v * bi;
    c0 += v * ci;
    d0 += v * di;
    a1 += w * ai;
    b1 += w * bi;
    c1 += w * ci;
    d1 += w * di;
  }
  sums[0] = (sums[0] as number) + a0 * a0;
  sums[1] = (sums[1] as number) + b0 * b0;
  sums[2] = (sums[2] as number) + c0 * c0;
  sums[3] = (sums[3] as number) + d0 * d0;
  if (second === first) return;
  sums[0] = (sums[0] as number) + a1 * a1;
  sums[1] = (sums[1] as number) + b1 * b1;
  sums[2] = (sums[2] as number) + c1 * c1;
  sums[3] = (sums[3] as number) + d1 * d1;
};

/** Of each block [count, size], the sum of squares of its rows' products with each row less `centre`: [blocks][rows]. */
export const energies = (
  rows: readonly ArrayLike<number>[],
  centre: Float64Array,
  blocks: readonly Float64Array[],
): Float64Array[] => {
  const size = centre.length;
  const out = blocks.map(() => new Float64Array(rows.length + 4));
  byFour(rows, centre, (taken, from) => {
    blocks.forEach((block, at) => {
      const sums = out[at]?.subarray(from, from + 4) ?? new Float64Array(4);
      for (let base = 0; base < block.length; base += 2 * size)
        // A last column that stands alone is given twice, and counted once.
        addSquares(sums, block, [base, base + size < block.length ? base + size : base], taken);
    });
  });
  return out.map((own) => own.subarray(0, rows.length));
};

/** Cholesky factor, lower triangle [n, n]. Undefined when the matrix, whose lower triangle alone is read, is not positive definite. */
export const choleskyFactor = (matrix: Float64Array, n: number): Float64Array | undefined => {
  const lower = new Float64Array(n * n);
  for (let j = 0; j < n; j += 1) {
    const own = j * n;
    let squares = 0;
    for (let k = 0; k < j; k += 1) {
      const other = k * n;
      let sum = 0;
      for (let i = 0; i < k; i += 1) sum += (lower[other + i] as number) * (lower[own + i] as number);
      sum = ((matrix[own + k] as number) - sum) / (lower[other + k] as number);
      lower[own + k] = sum;
      squares += sum * sum;
    }
    const rest = (matrix[own + j] as number) - squares;
    if (!(rest > 0)) return undefined;
    lower[own + j] = Math.sqrt(rest);
  }
  return lower;
};

/** Adds rows of `source`, of `columns` numbers each, to those of `out` that begin at `at`: as many as factors, times those. */
export const addRows = (
  out: Float64Array,
  at: number,
  { source, from, columns }: { readonly source: Float64Array; readonly from: number; readonly columns: number },
  factors: ArrayLike<number>,
): void => {
  const count = factors.length;
  for (let i = 0; i < count; i += 4) {
    const p = factors[i] as number;
    const q = i + 1 < count ? (factors[i + 1] as number) : 0;
    const r = i + 2 < count ? (factors[i + 2] as number) : 0;
    const s = i + 3 < count ? (factors[i + 3] as number) : 0;
    if (p === 0 && q === 0 && r === 0 && s === 0) continue;
    const a = (from + i) * columns;
    // A row beyond the end counts for nothing, and the first one stands in.
    const b = i + 1 < count ? a + columns : a;
    const c = i + 2 < count ? a + 2 * columns : a;
    const d = i + 3 < count ? a + 3 * columns : a;
    for (let j = 0; j < columns; j += 1) {
      let sum = (out[at + j] as number) + p * (source[a + j] as number);
      sum += q * (source[b + j] as number);
      sum += r * (source[c + j] as number);
      out[at + j] = sum + s * (source[d + j] as number);
    }
  }
};

/** Solves L L' X = B for the factor L [n, n] and B [n, columns]. */
export const solveFactored = (lower: Float64Array, n: number, right: Float64Array): Float64Array => {
  const out = right.slice();
  const columns = out.length / n;
  /** Row k less `below` times the rows from `from` on, divided by the diagonal. */
  const solveRow = (k: number, from: number, below: Float64Array): void => {
    const at = k * columns;
    addRows(out, at, { source: out, from, columns }, below);
    const by = lower[k * n + k] as number;
    for (let j = 0; j < columns; j += 1) out[at + j] = (out[at + j] as number) / by;
  };
  const negative = lower.map((value) => -value);
  for (let k = 0; k < n; k += 1) solveRow(k, 0, negative.subarray(k * n, k * n + k));
  for (let k = n - 1; k >= 0; k -= 1)
    solveRow(
      k,
      k + 1,
      Float64Array.from({ length: n - 1 - k }, (_, i) => negative[(k + 1 + i) * n + k] as number),
    );
  return out;
};
