/**
 * A driller of whole windows that tells unit and fault at once. One is for an inner layer of the detector, one for the signature that
 * faults of labelled passes leave in the parameters. Its classes are pairs. Injected faults of a unit may stand together: at a tap that
 * sees signs, they have none of their own.
 */
import { createRandom } from '../core/random';
import { NOMINAL, UNKNOWN } from '../domain/explanation';
import { calibrateTemperature, fitPooledMixtures, type DrillerCalibration, type Driller } from './driller';
import type { Layout } from './layout';
import { dense, type Dense } from './math/dense';
import { fitDiscriminant, reduce, type Reduction } from './math/discriminant';

/** What a class of the driller says: nothing is wrong, or one of `faults` in `unit`. */
export interface WholeClass {
  readonly unit: number;
  readonly faults: readonly number[];
  /** Where injected faults are merged: whether it is a taught one. */
  readonly isTaught?: boolean;
}

export interface WholeDriller {
  readonly reduction: Reduction;
  readonly driller: Driller;
  /** Class 0 is nominal. */
  readonly classes: readonly WholeClass[];
}

export interface WholeRows {
  readonly row: ArrayLike<number>;
  readonly group: number;
  readonly fault: number;
  readonly variant: number;
  readonly held: boolean;
  /** From a labelled pass. */
  readonly taught: boolean;
}

const MAX_DIMENSIONS = 20;
const MIXTURE = { floor: 0.02, iterations: 25, starts: 1 } as const;
/** Room for variants in a joint label. */
const VARIANTS = 16;

/** Whether a row belongs to a class; where injected faults are merged, taught ones stand apart. */
const belongs = ({ unit, faults, isTaught }: WholeClass, { group, fault, taught }: WholeRows): boolean =>
  unit === group &&
  (isTaught === undefined ? faults[0] === fault : isTaught === taught && (!taught || faults[0] === fault));

/** Classes of the driller but for nominal, by unit and fault. @param merged puts the injected faults of a unit into one class. */
export const wholeClasses = (rows: readonly WholeRows[], merged: boolean): WholeClass[] => {
  const classes: WholeClass[] = [];
  for (const row of rows) {
    const at = classes.findIndex((own) => belongs(own, row));
    const own = classes[at];
    if (own === undefined)
      classes.push({ unit: row.group, faults: [row.fault], ...(merged ? { isTaught: row.taught } : {}) });
    else if (!own.faults.includes(row.fault))
      classes[at] = { ...own, faults: [...own.faults, row.fault].sort((a, b) => a - b) };
  }
  return classes.sort(
    (a, b) => a.unit - b.unit || Number(a.isTaught) - Number(b.isTaught) || (a.faults[0] ?? 0) - (b.faults[0] ?? 0),
  );
};

export interface WholeSettings {
  /** Injected faults of a unit are one class. */
  readonly merged: boolean;
  readonly seed: number;
  readonly name: string;
  /** What calibrates it where no case is to be kept back for that. */
  readonly known?: DrillerCalibration | undefined;
}

/** Fits the driller on the rows that are not held, and its temperature on those that are. */
export const fitWholeDriller = (
  rows: readonly WholeRows[],
  nominal: readonly ArrayLike<number>[],
  { merged, seed, name, known }: WholeSettings,
): WholeDriller => {
  const classes = wholeClasses(rows, merged);
  const labelOf = (row: WholeRows): number => 1 + classes.findIndex((own) => belongs(own, row));
  const learn = rows.filter(({ held }) => !held);
  const kept = rows.filter(({ held }) => held);
  const calm = nominal.filter((_, index) => index % 4 !== 3);
  const data = [...learn.map(({ row }) => row), ...calm];
  const labels = [...learn.map(labelOf), ...calm.map(() => 0)];
  const variants = [...learn.map(({ variant }) => variant), ...calm.map(() => 0)];
  const reduction = fitDiscriminant(
    data,
    labels.map((label, index) => label * VARIANTS + (merged ? 0 : (variants[index] ?? 0))),
    Math.min(MAX_DIMENSIONS, Math.max(2, classes.length)),
  );
  const driller = fitPooledMixtures(
    { rows: data.map((row) => reduce(reduction, row)), labels, variants },
    classes.length + 1,
    { ...MIXTURE, components: 1 },
    createRandom(seed).fork(`whole/${name}`),
  );
  const held = kept.length > 0 ? kept : learn;
  const calibrated =
    known === undefined
      ? calibrateTemperature(
          driller,
          held.map(({ row }) => reduce(reduction, row)),
          held.map(labelOf),
        )
      : { ...driller, temperature: known.temperature };
  return { reduction, classes, driller: calibrated };
};

/**
 * Table from the driller's classes to the joint posterior [units, faults + unknown]. Classes of several faults share evenly. Such a tap
 * knows nothing of `unknown`, and gives it the mean of what the faults of the unit have.
 */
export const jointTable = ({ classes }: WholeDriller, { groups }: Layout, faults: number): Dense => {
  const columns = faults + 1;
  const table = dense(classes.length + 1, groups.length * columns);
  classes.forEach((own, index) => {
    const row = (index + 1) * table.columns;
    for (const fault of own.faults) table.data[row + own.unit * columns + fault] = 1 / own.faults.length;
    table.data[row + own.unit * columns + faults] = 1 / faults;
  });
  return table;
};

/** The same beside nominal: [units, nominal + faults + unknown], rows of one; and the bias that makes them so. */
export const peepholeTable = (
  own: WholeDriller,
  layout: Layout,
  faults: number,
): { table: Dense; bias: Float64Array } => {
  const columns = faults + 2;
  const units = layout.groups.length;
  const table = dense(own.classes.length + 1, units * columns);
  own.classes.forEach((item, index) => {
    const row = (index + 1) * table.columns + item.unit * columns;
    for (const fault of item.faults) table.data[row + 1 + fault] = 1 / item.faults.length;
    table.data[row] = -1;
  });
  const bias = Float64Array.from({ length: units * columns }, (_, index) => (index % columns === 0 ? 1 : 0));
  return { table, bias };
};

export const peepholeClasses = (faults: readonly string[]): string[] => [NOMINAL, ...faults, UNKNOWN];
