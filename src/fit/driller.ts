/**
 * The driller of a tap: a Gaussian mixture on corevectors and the empirical posterior of its components
 * (Capelli et al., arXiv 2604.08424: P[k, c] = share of the calibration windows of component k that carry label c).
 */
import type { Random } from '../core/random';
import { logDensity, logSumExp, fitMixture, type Component, type MixtureSettings } from './math/mixture';
import { dense, type Dense } from './math/dense';

export interface Driller {
  readonly components: readonly Component[];
  /** [components, classes]. */
  readonly table: Dense;
  /** Divides the log responsibilities: 1 as fitted, more when the posterior turned out overconfident. */
  readonly temperature: number;
  /** Log density of the component that stands for everything never seen; -Infinity when the tap has none. */
  readonly unknownLevel: number;
}

/** Responsibilities [components]; the unknown, when there is one, is the last. */
const responsibilities = ({ components, temperature, unknownLevel }: Driller, x: ArrayLike<number>): Float64Array => {
  const logs = components.map((component) => logDensity(component, x) / temperature);
  if (unknownLevel > -Infinity) logs.push(unknownLevel / temperature);
  const total = logSumExp(logs);
  return Float64Array.from(logs, (value) => Math.exp(value - total));
};

/** Posterior over the classes (and `unknown` last, when the driller has it) of one corevector. */
export const posteriorOf = (driller: Driller, x: ArrayLike<number>): Float64Array => {
  const q = responsibilities(driller, x);
  const known = driller.table.columns;
  const out = new Float64Array(known + (driller.unknownLevel > -Infinity ? 1 : 0));
  driller.components.forEach((_, k) => {
    for (let c = 0; c < known; c += 1)
      out[c] = (out[c] as number) + (q[k] as number) * (driller.table.data[k * known + c] as number);
  });
  if (out.length > known) out[known] = q[driller.components.length] as number;
  return out;
};

/** One mixture for each class; a component then belongs to its class alone, and every class weighs the same. */
export const fitClassMixtures = (
  rows: readonly Float64Array[],
  labels: readonly number[],
  classes: number,
  settings: MixtureSettings,
  random: Random,
): Driller => {
  const components: Component[] = [];
  const owners: number[] = [];
  for (let label = 0; label < classes; label += 1) {
    const members = rows.filter((_, index) => labels[index] === label);
    for (const component of fitMixture(members, settings, random.fork(`class-${String(label)}`))) {
      components.push({ ...component, offset: component.offset - Math.log(classes) });
      owners.push(label);
    }
  }
  const table = dense(components.length, classes);
  owners.forEach((label, k) => (table.data[k * classes + label] = 1));
  return { components, table, temperature: 1, unknownLevel: -Infinity };
};

/** One mixture for all, with the empirical posterior counted over the calibration windows (the published driller). */
export const fitSharedMixture = (
  rows: readonly Float64Array[],
  settings: MixtureSettings,
  random: Random,
): readonly Component[] => fitMixture(rows, settings, random);

/** P[k, c] from the responsibilities of labelled corevectors; a component nobody visits says nothing (uniform). */
export const empiricalTable = (
  components: readonly Component[],
  rows: readonly Float64Array[],
  labels: readonly number[],
  classes: number,
): Dense => {
  const table = dense(components.length, classes);
  const plain: Driller = { components, table, temperature: 1, unknownLevel: -Infinity };
  rows.forEach((row, index) => {
    const label = labels[index] as number;
    responsibilities(plain, row).forEach(
      (q, k) => (table.data[k * classes + label] = (table.data[k * classes + label] as number) + q),
    );
  });
  for (let k = 0; k < components.length; k += 1) {
    const row = table.data.subarray(k * classes, (k + 1) * classes);
    const mass = row.reduce((a, b) => a + b, 0);
    row.forEach((value, c) => (row[c] = mass > 1e-9 ? value / mass : 1 / classes));
  }
  return table;
};

/** Mean negative log probability of the true classes. */
const negativeLog = (driller: Driller, rows: readonly Float64Array[], labels: readonly number[]): number =>
  rows.reduce(
    (sum, row, index) => sum - Math.log(Math.max(1e-12, posteriorOf(driller, row)[labels[index] as number] as number)),
    0,
  ) / rows.length;

/** Least value of a function of one variable by golden section; the function is unimodal on the interval. */
export const goldenSection = (f: (x: number) => number, low: number, high: number, steps = 30): number => {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [low, high];
  let [c, d] = [b - ratio * (b - a), a + ratio * (b - a)];
  let [fc, fd] = [f(c), f(d)];
  for (let i = 0; i < steps; i += 1) {
    if (fc < fd) {
      [b, d, fd] = [d, c, fc];
      c = b - ratio * (b - a);
      fc = f(c);
    } else {
      [a, c, fc] = [c, d, fd];
      d = a + ratio * (b - a);
      fd = f(d);
    }
  }
  return (a + b) / 2;
};

/**
 * Calibrates on corevectors the mixture was not fitted on: the temperature that makes the true classes likeliest (Guo et al.,
 * ICML 2017), and the level below which a corevector is likelier unknown than any class.
 * @param outliers share of known corevectors that may be called unknown.
 */
export const calibrateDriller = (
  driller: Driller,
  rows: readonly Float64Array[],
  labels: readonly number[],
  outliers: number,
): Driller => {
  if (rows.length === 0) return driller;
  const logTemperature = goldenSection(
    (t) => negativeLog({ ...driller, temperature: Math.exp(t) }, rows, labels),
    Math.log(0.5),
    Math.log(20),
  );
  const densities = rows
    .map((row) => logSumExp(driller.components.map((component) => logDensity(component, row))))
    .sort((a, b) => a - b);
  const unknownLevel = densities[Math.floor(outliers * densities.length)] ?? -Infinity;
  return { ...driller, temperature: Math.exp(logTemperature), unknownLevel };
};
