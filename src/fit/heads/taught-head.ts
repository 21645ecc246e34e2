/**
 * The head of taught faults: filters matched to what each fault of the labelled passes does to the features of a window. Let m and C be
 * mean and covariance of nominal features, and d what a fault adds to m. Then `d' C^-1 (x - m) / sqrt(d' C^-1 d)` tells best, of all
 * sums of features, whether d is in x (North, 1943; Kay, Fundamentals of Statistical Signal Processing II, section 4.4). It counts
 * nominal deviations, and is cross-fitted as the other heads are. Conditions are never evidence: what they explain of d is taken from
 * it, and what they explain of x the filter takes away.
 */
import { samplesOf, unitsOf, type Layout } from '../layout';
import { dense, meanOf, multiply, select, solve, type Dense } from '../math/dense';
import { SIGNATURE_LEVEL } from '../signature-layout';
import type { Moments } from '../stationary';
import { foldMoments, withSupport } from './fold-moments';

/** Windows inside taught faults: their features, and whose fault of which class it is. */
export interface TaughtRow {
  readonly row: ArrayLike<number>;
  readonly group: number;
  readonly fault: number;
  /** Windows of one event tell no more of it than one. */
  readonly event: number;
}

/** What the head is fitted on. */
export interface TaughtInput {
  readonly layout: Layout;
  /** Features of the nominal windows, so many a parameter, and the fold of each window. */
  readonly rows: readonly ArrayLike<number>[];
  readonly folds: readonly number[];
  readonly cases: readonly TaughtRow[];
  /** How far each level went one way, nominal deviations. */
  readonly wander: Float64Array;
}

export interface TaughtHead {
  readonly mean: Float64Array;
  /** [features, classes]. */
  readonly filters: Dense;
  /** The unit that each class speaks against; indices into the units of evidence. */
  readonly unitOf: readonly number[];
}

/** Support of the covariance, as a share of each variance: a short record shows relations between features half by chance. */
const RIDGE = 1;
/** No feature is known better: a value that never changed would carry every filter. */
const LEAST_DEVIATION = 0.05;

interface TaughtClass {
  readonly group: number;
  /** What the fault adds to the nominal features. */
  readonly shift: Float64Array;
}

/** The same fault in another unit of the same parameters: what it does to either unit changes places. */
const moved = ({ groups }: Layout, { group, shift }: TaughtClass, to: number, features: number): TaughtClass => {
  const [own, other] = [groups[group], groups[to]].map((parameters) => samplesOf(parameters ?? [], features));
  const out = shift.slice();
  own?.forEach((at, i) => {
    const there = other?.[i] ?? at;
    [out[there], out[at]] = [shift[at] ?? 0, shift[there] ?? 0];
  });
  return { group: to, shift: out };
};

/**
 * What a fault adds, less what chance would: an event meets the machine in one of its nominal states, and few events meet few of them. The
 * mean over events has the nominal variance over their number (positive-part shrinkage; James and Stein, 1961, feature by feature).
 */
const shiftOf = (rows: readonly TaughtRow[], { mean, covariance }: Moments): Float64Array => {
  const events = new Set(rows.map(({ event }) => event)).size;
  const size = mean.length;
  const found = meanOf(
    rows.map(({ row }) => row),
    size,
  );
  return found.map((value, i) => {
    const shift = value - (mean[i] as number);
    const chance = (covariance.data[i * size + i] as number) / events;
    return shift === 0 ? 0 : shift * Math.max(0, 1 - chance / shift ** 2);
  });
};

/** A class for each fault of each unit; units that are alike learn from each other what only one of them was taught. */
const classesOf = (layout: Layout, cases: readonly TaughtRow[], nominal: Moments): readonly TaughtClass[] => {
  const byFault = new Map<number, Map<number, TaughtRow[]>>();
  for (const own of cases) {
    const units = byFault.get(own.fault) ?? new Map<number, TaughtRow[]>();
    const rows = units.get(own.group) ?? [];
    rows.push(own);
    byFault.set(own.fault, units.set(own.group, rows));
  }
  const features = nominal.mean.length / layout.parameters;
  return [...byFault.values()].flatMap((units) => {
    const taught = [...units].map(([group, rows]): TaughtClass => ({ group, shift: shiftOf(rows, nominal) }));
    const others = layout.alike ? layout.groups.flatMap((_, group) => (units.has(group) ? [] : [group])) : [];
    return [...taught, ...others.flatMap((to) => taught.map((own) => moved(layout, own, to, features)))];
  });
};

type Filters = Pick<TaughtHead, 'mean' | 'filters'>;

/** What faults add beyond what the conditions explain of it; nothing to the conditions themselves. [features, classes]. */
const withoutConditions = (added: Dense, covariance: Dense, conditions: readonly number[]): Dense => {
  if (conditions.length === 0) return added;
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
  const explained = multiply(
    select(covariance, upTo(added.rows), conditions),
    solve(select(covariance, conditions, conditions), select(added, conditions, upTo(added.columns))),
  );
  const out = dense(
    added.rows,
    added.columns,
    added.data.map((value, at) => value - (explained.data[at] as number)),
  );
  for (const row of conditions) out.data.fill(0, row * out.columns, (row + 1) * out.columns);
  return out;
};

/** The filters of all classes, given the moments of nominal features. */
const filtersOf = (
  classes: readonly TaughtClass[],
  { conditions, wander }: Pick<TaughtInput, 'wander'> & { readonly conditions: readonly number[] },
  { mean, covariance }: Moments,
): Filters => {
  const size = mean.length;
  const features = size / wander.length;
  // Not of the conditions: what they explain of the others must be explained in full.
  const floors = mean.map((_, i) => {
    const ridge = conditions.includes(i) ? 0 : RIDGE;
    const level = i % features === SIGNATURE_LEVEL ? (wander[Math.floor(i / features)] ?? 0) : 0;
    return Math.sqrt(ridge * (covariance.data[i * size + i] as number) + LEAST_DEVIATION ** 2 + level ** 2);
  });
  const supported = withSupport(covariance, 0, floors);
  const shifts = dense(size, classes.length);
  classes.forEach(({ shift }, k) => {
    shift.forEach((value, i) => (shifts.data[i * classes.length + k] = value));
  });
  const added = withoutConditions(shifts, supported, conditions);
  const filters = solve(supported, added);
  classes.forEach((_, k) => {
    let energy = 0;
    for (let i = k; i < filters.data.length; i += classes.length)
      energy += (filters.data[i] as number) * (added.data[i] as number);
    const scale = 1 / Math.sqrt(Math.max(energy, Number.MIN_VALUE));
    for (let i = k; i < filters.data.length; i += classes.length) filters.data[i] = (filters.data[i] as number) * scale;
  });
  return { mean, filters };
};

/** Of a class without an equipment of its own: the unit whose features it changes most, in deviations of the nominal ones. */
const mostChanged = (
  units: readonly (readonly number[])[],
  among: readonly number[],
  changes: Float64Array,
  features: number,
): number =>
  among.reduce((most, unit) => {
    const energyOf = (at: number): number =>
      samplesOf(units[at] ?? [], features).reduce((sum, index) => sum + (changes[index] ?? 0) ** 2, 0);
    return energyOf(unit) > energyOf(most) ? unit : most;
  }, among[0] ?? 0);

/** The unit of evidence of each class: its equipment, or where it has none, the loose parameter that it changes most. */
const unitOfClasses = (layout: Layout, classes: readonly TaughtClass[], covariance: Dense): number[] => {
  const units = unitsOf(layout);
  const features = covariance.rows / layout.parameters;
  return classes.map((own) => {
    const group = layout.groups[own.group] ?? [];
    const whole = units.findIndex((unit) => unit.length === group.length && unit.every((row, i) => row === group[i]));
    if (whole >= 0) return whole;
    const among = units.flatMap((unit, index) => (group.includes(unit[0] ?? -1) ? [index] : []));
    const changes = own.shift.map((value, i) => {
      const variance = covariance.data[i * covariance.rows + i] as number;
      return value / Math.sqrt(variance + LEAST_DEVIATION ** 2);
    });
    return mostChanged(units, among, changes, features);
  });
};

/** What the head says of a row: the strongest filter of each unit; zero against a unit that nothing was taught of. */
const evidenceOf = ({ mean, filters, unitOf }: TaughtHead, units: number, row: ArrayLike<number>): Float64Array => {
  const out = new Float64Array(units).fill(-Infinity);
  const classes = filters.columns;
  unitOf.forEach((unit, k) => {
    let sum = 0;
    for (let i = 0; i < mean.length; i += 1)
      sum += ((row[i] as number) - (mean[i] as number)) * (filters.data[i * classes + k] as number);
    out[unit] = Math.max(out[unit] ?? -Infinity, sum);
  });
  return out.map((value) => (value === -Infinity ? 0 : value));
};

const classify = ({ layout, cases, rows, folds }: TaughtInput) => {
  const moments = foldMoments(rows, folds);
  const whole = moments.without();
  const classes = classesOf(layout, cases, whole);
  const conditions = samplesOf(layout.conditions, whole.mean.length / layout.parameters);
  return { moments, whole, classes, conditions, unitOf: unitOfClasses(layout, classes, whole.covariance) };
};

/** The head of all nominal windows. */
export const taughtHeadOf = (input: TaughtInput): TaughtHead => {
  const { whole, classes, conditions, unitOf } = classify(input);
  return { ...filtersOf(classes, { conditions, wander: input.wander }, whole), unitOf };
};

/** The same with its evidence on each window by filters that its fold had no part in: [windows][units]. */
export const fitTaught = (input: TaughtInput): { readonly head: TaughtHead; readonly evidence: Float64Array[] } => {
  const { layout, rows, folds, wander } = input;
  const { moments, whole, classes, conditions, unitOf } = classify(input);
  const units = unitsOf(layout).length;
  const heads = Array.from({ length: Math.max(0, ...folds) + 1 }, (_, fold) => ({
    ...filtersOf(classes, { conditions, wander }, moments.without(fold)),
    unitOf,
  }));
  return {
    head: { ...filtersOf(classes, { conditions, wander }, whole), unitOf },
    evidence: rows.map((row, index) => {
      const head = heads[folds[index] ?? 0];
      return head === undefined ? new Float64Array(units) : evidenceOf(head, units, row);
    }),
  };
};
