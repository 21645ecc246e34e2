/**
 * The driller of a tap: a Gaussian mixture on corevectors and the empirical posterior of its components
 * (Capelli et al., arXiv 2604.08424: P[k, c] = share of the calibration windows of component k that carry label c).
 *
 * `unknown` is a component without shape, at the density that only one known case in two hundred falls below. Refused: a fixed
 * floor under the confidence, which means something else at every tap.
 */
import type { Random } from '../core/random';
import { covariance, dense, meanOf, type Dense } from './math/dense';
import {
  componentOf,
  fitMixture,
  logDensity,
  logSumExp,
  squaredDistance,
  type Component,
  type MixtureSettings,
} from './math/mixture';

export interface Driller {
  readonly components: readonly Component[];
  /** [components, classes]. */
  readonly table: Dense;
  /** Divides the log responsibilities: 1 as fitted, more when the posterior turned out overconfident. */
  readonly temperature: number;
  /** The component that stands for everything never seen; left out where a tap has none. */
  readonly unknown?: Component;
  /**
   * Degrees of freedom of Student's t, which the components then follow; left out they are normal. Far from everything the ratio of two
   * t densities stays finite, so that `unknown` is never certain.
   */
  readonly tail?: number;
}

/** log (weight * density) up to a constant that all components share. */
const logWeight = (component: Component, tail: number | undefined, x: ArrayLike<number>): number =>
  tail === undefined
    ? logDensity(component, x)
    : component.offset - ((tail + component.mean.length) / 2) * Math.log1p(squaredDistance(component, x) / tail);

/** Responsibilities [components]; the unknown, when there is one, is the last. */
const responsibilities = ({ components, temperature, unknown, tail }: Driller, x: ArrayLike<number>): Float64Array => {
  const all = unknown === undefined ? components : [...components, unknown];
  const logs = all.map((component) => logWeight(component, tail, x) / temperature);
  const total = logSumExp(logs);
  return Float64Array.from(logs, (value) => Math.exp(value - total));
};

/** Posterior over the classes (and `unknown` last, when the driller has it) of one corevector. */
export const posteriorOf = (driller: Driller, x: ArrayLike<number>): Float64Array => {
  const q = responsibilities(driller, x);
  const known = driller.table.columns;
  const out = new Float64Array(known + (driller.unknown === undefined ? 0 : 1));
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
  return { components, table, temperature: 1 };
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
  const plain: Driller = { components, table, temperature: 1 };
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

/** How far the components of a class are drawn towards the spread that all share: it halves the error on classes of few cases. */
const POOLING = 0.3;
/** Heavy enough that a corevector twice as far as any learnt one still has a class. */
const TAIL = 8;

/**
 * Class-conditional mixtures with a pooled spread: for each variant of each class a few components, drawn towards the mean spread within
 * variants, so that a class of ten taught windows stands beside one of a thousand injected ones. Every class weighs the same.
 * @param variants of each row within its class.
 */
export const fitPooledMixtures = (
  rows: readonly Float64Array[],
  labels: readonly number[],
  variants: readonly number[],
  classes: number,
  settings: Pick<MixtureSettings, 'components' | 'floor' | 'iterations' | 'starts'>,
  random: Random,
): Driller => {
  const d = rows[0]?.length ?? 0;
  const cells = Array.from({ length: classes }, (_, label) =>
    [...new Set(variants.filter((_variant, index) => labels[index] === label))]
      .sort((a, b) => a - b)
      .map((variant) => rows.filter((_row, index) => labels[index] === label && variants[index] === variant)),
  );
  const spreads = cells.flat().filter(({ length }) => length > d);
  const scatter = new Float64Array(d * d);
  for (const members of spreads) {
    const own = covariance(members, meanOf(members, d), 0).data;
    own.forEach((value, index) => (scatter[index] = (scatter[index] as number) + value / spreads.length));
  }
  const components: Component[] = [];
  const owners: number[] = [];
  cells.forEach((members, label) => {
    members.forEach((own, index) => {
      const fitted = fitMixture(
        own,
        {
          ...settings,
          covariance: 'full',
          ...(spreads.length > 0 ? { prior: { scatter, share: own.length > d ? POOLING : 1 } } : {}),
        },
        random.fork(`class-${String(label)}/${String(index)}`),
      );
      for (const component of fitted) {
        components.push({ ...component, offset: component.offset - Math.log(classes * members.length) });
        owners.push(label);
      }
    });
  });
  const table = dense(components.length, classes);
  owners.forEach((label, k) => (table.data[k * classes + label] = 1));
  return { components, table, temperature: 1, tail: TAIL };
};

/** The spread of the unknown, in spreads of all corevectors: it covers what lies between and around the classes. */
const UNKNOWN_SPREAD = 4;
/** Log weight of the unknown at least, so that it is always possible. */
const LEAST_UNKNOWN = -8;
/** One fault in ten is of a kind that nobody injected or taught: the prior that its weight is calibrated for. */
const NEVER_SEEN = 0.1;

const unknownOf = (rows: readonly Float64Array[], logWeight: number): Component => {
  const d = rows[0]?.length ?? 0;
  const mean = meanOf(rows, d);
  const scatter = covariance(rows, mean, 0).data.map((value) => UNKNOWN_SPREAD * value);
  for (let i = 0; i < d; i += 1) scatter[i * d + i] = (scatter[i * d + i] as number) + 1e-6;
  return componentOf(Math.exp(logWeight), mean, scatter, d);
};

/** The driller as if it had never been shown one of its classes. */
const withoutClass = (driller: Driller, label: number): Driller => {
  const { columns, data } = driller.table;
  const kept = driller.components.flatMap((_, k) => ((data[k * columns + label] as number) > 0.5 ? [] : [k]));
  const table = dense(kept.length, columns);
  kept.forEach((from, to) => table.data.set(data.subarray(from * columns, (from + 1) * columns), to * columns));
  return { ...driller, table, components: kept.flatMap((k) => driller.components[k] ?? []) };
};

/** With the temperature that makes the true classes likeliest on corevectors that the mixture was not fitted on (Guo et al., ICML 2017). */
export const calibrateTemperature = (
  driller: Driller,
  rows: readonly Float64Array[],
  labels: readonly number[],
): Driller => {
  if (rows.length === 0) return driller;
  const logTemperature = goldenSection(
    (t) => negativeLog({ ...driller, temperature: Math.exp(t) }, rows, labels),
    Math.log(0.5),
    Math.log(20),
    16,
  );
  return { ...driller, temperature: Math.exp(logTemperature) };
};

/** Mean over classes of the mean negative log probability that rows of a class get. */
const lossByClass = (
  groups: readonly { readonly rows: readonly Float64Array[]; readonly probability: (row: Float64Array) => number }[],
): number =>
  groups.reduce(
    (sum, { rows, probability }) =>
      sum + rows.reduce((total, row) => total - Math.log(Math.max(1e-12, probability(row))), 0) / rows.length,
    0,
  ) / Math.max(1, groups.length);

/**
 * Adds the component that stands for everything never seen. Its weight is calibrated on corevectors that the mixture was not fitted on:
 * each class in turn is taken out of the driller, and its corevectors are then what nobody has seen.
 */
export const addUnknown = (driller: Driller, rows: readonly Float64Array[], labels: readonly number[]): Driller => {
  const known = [...new Set(labels)];
  if (rows.length === 0) return driller;
  const byClass = known.map((label) => ({
    label,
    less: withoutClass(driller, label),
    rows: rows.filter((_, index) => labels[index] === label),
  }));
  const loss = (logWeight: number): number => {
    const unknown = unknownOf(rows, logWeight);
    const whole = { ...driller, unknown };
    const right = byClass.map(({ label, rows: own }) => ({
      rows: own,
      probability: (row: Float64Array) => posteriorOf(whole, row)[label] ?? 0,
    }));
    const novel = byClass.map(({ less, rows: own }) => ({
      rows: own,
      probability: (row: Float64Array) => posteriorOf({ ...less, unknown }, row).at(-1) ?? 0,
    }));
    return (1 - NEVER_SEEN) * lossByClass(right) + (known.length > 1 ? NEVER_SEEN * lossByClass(novel) : 0);
  };
  return { ...driller, unknown: unknownOf(rows, goldenSection(loss, LEAST_UNKNOWN, 4, 12)) };
};
