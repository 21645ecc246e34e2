/** Gaussian mixtures by expectation-maximisation: seeded, several starts, variances floored. */
import type { Random } from '../../core/random';

export interface Component {
  readonly weight: number;
  readonly mean: Float64Array;
  /** Upper-triangular R with (x - mean)' S^-1 (x - mean) = |R (x - mean)|^2, row-major [d, d]. */
  readonly root: Float64Array;
  /** log of the normalising constant: log weight - d/2 log 2 pi - 1/2 log |S|. */
  readonly offset: number;
}

export interface MixtureSettings {
  readonly components: number;
  readonly covariance: 'full' | 'diagonal';
  /** Added to every variance (the data is standardised): a component of a handful of points must not collapse onto them. */
  readonly floor: number;
  readonly iterations: number;
  readonly starts: number;
  /** Rounds of k-means before expectation-maximisation; left out: none. Full covariances of many dimensions need good beginnings. */
  readonly rounds?: number;
  /** Spread that components are drawn towards [d, d], and how far, 0..1: a component of few points borrows the shape of the others. */
  readonly prior?: { readonly scatter: Float64Array; readonly share: number };
}

const LOG_2_PI = Math.log(2 * Math.PI);

/** Lower Cholesky factor of a symmetric positive definite matrix, row-major. */
const cholesky = (m: Float64Array, d: number): Float64Array => {
  const l = new Float64Array(d * d);
  for (let i = 0; i < d; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = m[i * d + j] as number;
      for (let k = 0; k < j; k += 1) sum -= (l[i * d + k] as number) * (l[j * d + k] as number);
      l[i * d + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (l[j * d + j] as number);
    }
  }
  return l;
};

/** Inverse of a lower triangular matrix, row-major. */
const invertLower = (l: Float64Array, d: number): Float64Array => {
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i += 1) {
    out[i * d + i] = 1 / (l[i * d + i] as number);
    for (let j = 0; j < i; j += 1) {
      let sum = 0;
      for (let k = j; k < i; k += 1) sum += (l[i * d + k] as number) * (out[k * d + j] as number);
      out[i * d + j] = -sum / (l[i * d + i] as number);
    }
  }
  return out;
};

export const componentOf = (weight: number, mean: Float64Array, scatter: Float64Array, d: number): Component => {
  const lower = cholesky(scatter, d);
  let logDet = 0;
  for (let i = 0; i < d; i += 1) logDet += 2 * Math.log(lower[i * d + i] as number);
  return { weight, mean, root: invertLower(lower, d), offset: Math.log(weight) - 0.5 * (d * LOG_2_PI + logDet) };
};

/** Squared Mahalanobis distance of x from a component. */
export const squaredDistance = ({ mean, root }: Component, x: ArrayLike<number>): number => {
  const d = mean.length;
  let distance = 0;
  for (let i = 0; i < d; i += 1) {
    let sum = 0;
    for (let j = 0; j <= i; j += 1) sum += (root[i * d + j] as number) * ((x[j] as number) - (mean[j] as number));
    distance += sum * sum;
  }
  return distance;
};

/** log (weight * density) of one component at x. */
export const logDensity = (component: Component, x: ArrayLike<number>): number =>
  component.offset - 0.5 * squaredDistance(component, x);

export const logSumExp = (values: ArrayLike<number>): number => {
  let most = -Infinity;
  for (let i = 0; i < values.length; i += 1) most = Math.max(most, values[i] as number);
  if (most === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += Math.exp((values[i] as number) - most);
  return most + Math.log(sum);
};

/** k-means++ centres: the first at random, each next with probability proportional to its squared distance. */
const seedCentres = (rows: readonly Float64Array[], k: number, random: Random): Float64Array[] => {
  const centres = [rows[random.int(rows.length)] as Float64Array];
  const nearest = new Float64Array(rows.length).fill(Infinity);
  while (centres.length < k) {
    const last = centres.at(-1) as Float64Array;
    let total = 0;
    rows.forEach((row, index) => {
      let distance = 0;
      for (let i = 0; i < row.length; i += 1) distance += ((row[i] as number) - (last[i] as number)) ** 2;
      nearest[index] = Math.min(nearest[index] as number, distance);
      total += nearest[index] as number;
    });
    let left = random.uniform() * total;
    let chosen = 0;
    while (chosen < rows.length - 1 && left > (nearest[chosen] as number)) {
      left -= nearest[chosen] as number;
      chosen += 1;
    }
    centres.push(rows[chosen] as Float64Array);
  }
  return centres;
};

const maximise = (
  rows: readonly Float64Array[],
  responsibilities: readonly Float64Array[],
  { components, covariance, floor, prior }: MixtureSettings,
): Component[] => {
  const d = rows[0]?.length ?? 0;
  const fitted: Component[] = [];
  for (let k = 0; k < components; k += 1) {
    let mass = 0;
    const mean = new Float64Array(d);
    rows.forEach((row, n) => {
      const q = responsibilities[n]?.[k] ?? 0;
      mass += q;
      for (let i = 0; i < d; i += 1) mean[i] = (mean[i] as number) + q * (row[i] as number);
    });
    // An empty component is dropped: the others cover the data without it.
    if (mass < 1e-3) continue;
    for (let i = 0; i < d; i += 1) mean[i] = (mean[i] as number) / mass;
    const scatter = new Float64Array(d * d);
    const centred = new Float64Array(d);
    rows.forEach((row, n) => {
      const q = (responsibilities[n]?.[k] ?? 0) / mass;
      if (q < 1e-9) return;
      for (let i = 0; i < d; i += 1) centred[i] = (row[i] as number) - (mean[i] as number);
      for (let i = 0; i < d; i += 1) {
        const factor = q * (centred[i] as number);
        const from = covariance === 'full' ? 0 : i;
        for (let j = from; j <= i; j += 1)
          scatter[i * d + j] = (scatter[i * d + j] as number) + factor * (centred[j] as number);
      }
    });
    for (let i = 0; i < d; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        const own = scatter[i * d + j] as number;
        const drawn = prior === undefined ? own : own + prior.share * ((prior.scatter[i * d + j] as number) - own);
        scatter[i * d + j] = drawn + (i === j ? floor : 0);
        scatter[j * d + i] = scatter[i * d + j] as number;
      }
    }
    fitted.push(componentOf(mass / rows.length, mean, scatter, d));
  }
  return fitted;
};

const expect = (
  rows: readonly Float64Array[],
  mixture: readonly Component[],
): { responsibilities: Float64Array[]; logLikelihood: number } => {
  let logLikelihood = 0;
  const responsibilities = rows.map((row) => {
    const logs = Float64Array.from(mixture, (component) => logDensity(component, row));
    const total = logSumExp(logs);
    logLikelihood += total;
    return logs.map((value) => Math.exp(value - total));
  });
  return { responsibilities, logLikelihood: logLikelihood / rows.length };
};

/** One-hot responsibilities of the nearest centre. */
const assign = (rows: readonly Float64Array[], centres: readonly Float64Array[]): Float64Array[] =>
  rows.map((row) => {
    let best = 0;
    let least = Infinity;
    centres.forEach((centre, k) => {
      let distance = 0;
      for (let i = 0; i < row.length; i += 1) distance += ((row[i] as number) - (centre[i] as number)) ** 2;
      if (distance < least) [best, least] = [k, distance];
    });
    const one = new Float64Array(centres.length);
    one[best] = 1;
    return one;
  });

/** Moves each centre to the mean of the rows that are nearest to it, so many times (Lloyd, 1982). */
const settleCentres = (
  rows: readonly Float64Array[],
  seeds: readonly Float64Array[],
  rounds: number,
): readonly Float64Array[] => {
  let centres = seeds;
  for (let round = 0; round < rounds; round += 1) {
    const sums = centres.map((centre) => new Float64Array(centre.length));
    const counts = new Float64Array(centres.length);
    assign(rows, centres).forEach((one, n) => {
      const k = one.indexOf(1);
      counts[k] = (counts[k] as number) + 1;
      const sum = sums[k] as Float64Array;
      rows[n]?.forEach((value, i) => (sum[i] = (sum[i] as number) + value));
    });
    centres = centres.map((centre, k) => {
      const count = counts[k] as number;
      return count === 0 ? centre : (sums[k] as Float64Array).map((value) => value / count);
    });
  }
  return centres;
};

/** Improvement of the mean log likelihood below which another round changes nothing a posterior would show. */
const TOLERANCE = 1e-4;

/** The best of `starts` seeded fits. `rows` are standardised vectors of equal length; at least two. */
export const fitMixture = (
  rows: readonly Float64Array[],
  wanted: MixtureSettings,
  random: Random,
): readonly Component[] => {
  // A component needs points: with few rows there are fewer components.
  const settings = { ...wanted, components: Math.max(1, Math.min(wanted.components, Math.floor(rows.length / 5))) };
  let best: { mixture: readonly Component[]; logLikelihood: number } | undefined;
  for (let start = 0; start < settings.starts; start += 1) {
    let mixture: readonly Component[] = maximise(
      rows,
      assign(rows, settleCentres(rows, seedCentres(rows, settings.components, random), settings.rounds ?? 0)),
      settings,
    );
    let last = -Infinity;
    // A single component is what it is at once.
    const iterations = settings.components === 1 ? 0 : settings.iterations;
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      const { responsibilities, logLikelihood } = expect(rows, mixture);
      if (logLikelihood - last < TOLERANCE) break;
      last = logLikelihood;
      mixture = maximise(rows, responsibilities, { ...settings, components: mixture.length });
    }
    if (best === undefined || last > best.logLikelihood) best = { mixture, logLikelihood: last };
  }
  return best?.mixture ?? [];
};
