/** Linear discriminant analysis on mean and standard deviation of each parameter within the window: one class a unit and fault, and nominal. */
import { covariance, dense, inverse, multiply, type Dense } from '../../math/dense';
import { indexOfLargest, type Peer, type PeerInput } from './peer';

/** Ridge on the standardised spread within classes: some features are copies of others. */
const RIDGE = 1e-2;
/** Nominal windows that shape their class; more change nothing. */
const MAX_NOMINAL = 4000;

const featuresOf = (values: Float32Array, parameters: number, frames: number): Float64Array => {
  const out = new Float64Array(2 * parameters);
  for (let row = 0; row < parameters; row += 1) {
    let [sum, square] = [0, 0];
    for (let t = 0; t < frames; t += 1) sum += values[row * frames + t] ?? 0;
    const mean = sum / frames;
    for (let t = 0; t < frames; t += 1) square += ((values[row * frames + t] ?? 0) - mean) ** 2;
    out[row] = mean;
    out[parameters + row] = Math.sqrt(square / frames);
  }
  return out;
};

interface Class {
  readonly group: number;
  readonly fault: number;
  readonly rows: readonly Float64Array[];
}

const meanOf = (rows: readonly Float64Array[], size: number): Float64Array => {
  const mean = new Float64Array(size);
  for (const row of rows) row.forEach((value, i) => (mean[i] = (mean[i] as number) + value / rows.length));
  return mean;
};

/** One weight vector and bias a class. */
const discriminants = (
  classes: readonly Class[],
  size: number,
): { readonly weights: Dense; readonly bias: Float64Array } => {
  const means = classes.map(({ rows }) => meanOf(rows, size));
  const centred = classes.flatMap(({ rows }, k) =>
    rows.map((row) => row.map((value, i) => value - (means[k]?.[i] ?? 0))),
  );
  const precision = inverse(covariance(centred, new Float64Array(size), RIDGE));
  const stacked = dense(size, classes.length);
  means.forEach((mean, k) => mean.forEach((value, i) => (stacked.data[i * classes.length + k] = value)));
  const weights = multiply(precision, stacked);
  const bias = Float64Array.from(means, (mean, k) =>
    mean.reduce((sum, value, i) => sum - 0.5 * value * (weights.data[i * classes.length + k] as number), 0),
  );
  return { weights, bias };
};

/** Undefined without cases: there is nothing to discriminate. */
export const ldaPeer = ({ layout: { parameters, frames }, nominal, cases }: PeerInput): Peer | undefined => {
  if (cases.length === 0) return undefined;
  const size = 2 * parameters;
  const step = Math.max(1, Math.ceil(nominal.length / MAX_NOMINAL));
  const calm = nominal.filter((_, index) => index % step === 0).map((values) => featuresOf(values, parameters, frames));
  const centre = meanOf(calm, size);
  const spread = Float64Array.from(
    { length: size },
    (_, i) => Math.sqrt(calm.reduce((sum, row) => sum + ((row[i] ?? 0) - (centre[i] ?? 0)) ** 2, 0) / calm.length) || 1,
  );
  const scaled = (row: Float64Array): Float64Array =>
    row.map((value, i) => (value - (centre[i] ?? 0)) / (spread[i] ?? 1));
  const byClass = new Map<string, { group: number; fault: number; rows: Float64Array[] }>();
  for (const { values, group, fault } of cases) {
    const key = `${String(group)}/${String(fault)}`;
    const own = byClass.get(key) ?? { group, fault, rows: [] };
    own.rows.push(scaled(featuresOf(values, parameters, frames)));
    byClass.set(key, own);
  }
  const classes: readonly Class[] = [{ group: -1, fault: -1, rows: calm.map(scaled) }, ...byClass.values()];
  const { weights, bias } = discriminants(classes, size);
  return {
    name: 'LDA of mean and deviation',
    judge: (values) => {
      const x = scaled(featuresOf(values, parameters, frames));
      const logits = Float64Array.from(bias, (value, k) =>
        x.reduce((sum, feature, i) => sum + feature * (weights.data[i * classes.length + k] as number), value),
      );
      const faulty = logits.subarray(1);
      const best = indexOfLargest(faulty);
      const most = faulty[best] ?? 0;
      const total = faulty.reduce((sum, value) => sum + Math.exp(value - most), 0);
      const { group, fault } = classes[best + 1] ?? { group: -1, fault: -1 };
      return { score: most - (logits[0] ?? 0), group, fault, confidence: 1 / total };
    },
  };
};
