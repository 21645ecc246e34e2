/**
 * The driller of a tap: a Gaussian mixture on corevectors and the empirical posterior of its components (Capelli et al., arXiv
 * 2604.08424). `P[k, c]` is the share of the calibration windows of component k that carry label c.
 *
 * `unknown` is a component without shape, at the density that only one known case in two hundred falls below. Refused: a fixed floor
 * under the confidence, which means something else at every tap.
 */
import type { Random } from '../core/random';
import { covariance, dense, meanOf, type Dense } from './math/dense';
import {
  componentOf,
  fitMixture,
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

/** log (weight * density) up to a constant that all components share. @param distance squared, of a corevector from the component. */
const logWeight = ({ offset, mean }: Component, tail: number | undefined, distance: number): number =>
  tail === undefined ? offset - 0.5 * distance : offset - ((tail + mean.length) / 2) * Math.log1p(distance / tail);

/** Of every component, the unknown last where there is one. No temperature is in them, so one computation serves all temperatures. */
const logWeights = ({ components, unknown, tail }: Driller, x: ArrayLike<number>): Float64Array => {
  const all = unknown === undefined ? components : [...components, unknown];
  return Float64Array.from(all, (component) => logWeight(component, tail, squaredDistance(component, x)));
};

/** Responsibilities, one for each log weight. */
const responsibilities = (logs: Float64Array, temperature: number): Float64Array => {
  const heated = logs.map((value) => value / temperature);
  const total = logSumExp(heated);
  return heated.map((value) => Math.exp(value - total));
};

/** Posterior over the classes (and `unknown` last, when the driller has it) of one corevector. */
export const posteriorOf = (driller: Driller, x: ArrayLike<number>): Float64Array => {
  const q = responsibilities(logWeights(driller, x), driller.temperature);
  const known = driller.table.columns;
  const out = new Float64Array(known + (driller.unknown === undefined ? 0 : 1));
  driller.components.forEach((_, k) => {
    for (let c = 0; c < known; c += 1)
      out[c] = (out[c] as number) + (q[k] as number) * (driller.table.data[k * known + c] as number);
  });
  if (out.length > known) out[known] = q[driller.components.length] as number;
  return out;
};

/** Probability of one known class from the log weights of a corevector. */
const probabilityOf = ({ table, temperature }: Driller, logs: Float64Array, label: number): number => {
  const q = responsibilities(logs, temperature);
  let sum = 0;
  for (let k = 0; k < table.rows; k += 1) sum += (q[k] as number) * (table.data[k * table.columns + label] as number);
  return sum;
};

/** Corevectors and the class of each. */
export interface LabelledVectors {
  readonly rows: readonly Float64Array[];
  readonly labels: readonly number[];
}

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
    responsibilities(logWeights(plain, row), 1).forEach(
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

/** Mean negative log of the probabilities that the true classes get. */
const negativeLog = (probabilities: readonly number[]): number =>
  probabilities.reduce((sum, value) => sum - Math.log(Math.max(1e-12, value)), 0) / probabilities.length;

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
 * Class-conditional mixtures with a pooled spread. Each variant of each class gets a few components, drawn towards the mean spread within
 * variants. So a class of ten taught windows stands beside one of a thousand injected ones. Every class weighs the same.
 * @param variants of each row within its class.
 */
export const fitPooledMixtures = (
  { rows, labels, variants }: LabelledVectors & { readonly variants: readonly number[] },
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

/** The unknown at a weight of one. */
const unknownOf = (rows: readonly Float64Array[]): Component => {
  const d = rows[0]?.length ?? 0;
  const mean = meanOf(rows, d);
  const scatter = covariance(rows, mean, 0).data.map((value) => UNKNOWN_SPREAD * value);
  for (let i = 0; i < d; i += 1) scatter[i * d + i] = (scatter[i * d + i] as number) + 1e-6;
  return componentOf(1, mean, scatter, d);
};

const weighted = (plain: Component, log: number): Component => ({
  ...plain,
  weight: Math.exp(log),
  offset: log + plain.offset,
});

/** With the component that stands for everything never seen, at a weight that is known. */
export const withUnknown = (driller: Driller, rows: readonly Float64Array[], log: number): Driller =>
  rows.length === 0 ? driller : { ...driller, unknown: weighted(unknownOf(rows), log) };

/** The driller as if it had never been shown one of its classes. */
const withoutClass = (driller: Driller, label: number): Driller => {
  const { columns, data } = driller.table;
  const kept = driller.components.flatMap((_, k) => ((data[k * columns + label] as number) > 0.5 ? [] : [k]));
  const table = dense(kept.length, columns);
  kept.forEach((from, to) => table.data.set(data.subarray(from * columns, (from + 1) * columns), to * columns));
  return { ...driller, table, components: kept.flatMap((k) => driller.components[k] ?? []) };
};

/** What a driller is calibrated by: its temperature, and the log weight of the unknown where it has one. */
export interface DrillerCalibration {
  readonly temperature: number;
  readonly unknown?: number;
}

export const drillerCalibration = ({ temperature, unknown }: Driller): DrillerCalibration => ({
  temperature,
  ...(unknown && { unknown: Math.log(unknown.weight) }),
});

/** The middle of several: of temperatures the geometric mean, of log weights the mean. Undefined without any. */
export const meanCalibration = (all: readonly DrillerCalibration[]): DrillerCalibration | undefined => {
  if (all.length === 0) return undefined;
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const unknowns = all.flatMap(({ unknown }) => (unknown === undefined ? [] : [unknown]));
  return {
    temperature: Math.exp(mean(all.map(({ temperature }) => Math.log(temperature)))),
    ...(unknowns.length > 0 && { unknown: mean(unknowns) }),
  };
};

/** With the temperature that makes the true classes likeliest on corevectors that the mixture was not fitted on (Guo et al., ICML 2017). */
export const calibrateTemperature = (
  driller: Driller,
  rows: readonly Float64Array[],
  labels: readonly number[],
): Driller => {
  if (rows.length === 0) return driller;
  const logs = rows.map((row) => logWeights(driller, row));
  const logTemperature = goldenSection(
    (t) => {
      const heated = { ...driller, temperature: Math.exp(t) };
      return negativeLog(logs.map((own, index) => probabilityOf(heated, own, labels[index] as number)));
    },
    Math.log(0.5),
    Math.log(20),
    16,
  );
  return { ...driller, temperature: Math.exp(logTemperature) };
};

/** Mean over classes of the mean negative log probability that the corevectors of a class get. */
const lossByClass = (groups: readonly (readonly number[])[]): number =>
  groups.reduce((sum, own) => sum + negativeLog(own), 0) / Math.max(1, groups.length);

/**
 * Adds the component that stands for everything never seen. Its weight is calibrated on corevectors that the mixture was not fitted on.
 * Each class in turn is taken out of the driller, and its corevectors then stand for what nobody has seen.
 */
export const addUnknown = (driller: Driller, rows: readonly Float64Array[], labels: readonly number[]): Driller => {
  const known = [...new Set(labels)];
  if (rows.length === 0) return driller;
  const plain = unknownOf(rows);
  const byClass = known.map((label) => {
    const less = withoutClass(driller, label);
    const own = rows.filter((_, index) => labels[index] === label);
    return own.map((row) => ({
      label,
      distance: squaredDistance(plain, row),
      whole: logWeights(driller, row),
      less: logWeights(less, row),
    }));
  });
  const loss = (log: number): number => {
    const unknown = weighted(plain, log);
    const beside = (logs: Float64Array, distance: number): Float64Array =>
      Float64Array.of(...logs, logWeight(unknown, driller.tail, distance));
    const right = byClass.map((own) =>
      own.map(({ whole, distance, label }) => probabilityOf(driller, beside(whole, distance), label)),
    );
    const novel = byClass.map((own) =>
      own.map(({ less, distance }) => responsibilities(beside(less, distance), driller.temperature).at(-1) ?? 0),
    );
    return (1 - NEVER_SEEN) * lossByClass(right) + (known.length > 1 ? NEVER_SEEN * lossByClass(novel) : 0);
  };
  return { ...driller, unknown: weighted(plain, goldenSection(loss, LEAST_UNKNOWN, 4, 12)) };
};
