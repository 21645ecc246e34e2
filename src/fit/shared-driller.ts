/** Fits the drillers of shared taps on labelled corevector features. */
import { createRandom } from '../core/random';
import {
  addUnknown,
  calibrateTemperature,
  empiricalTable,
  fitPooledMixtures,
  fitSharedMixture,
  posteriorOf,
  withUnknown,
  type DrillerCalibration,
  type Driller,
} from './driller';
import type { SharedDriller, SharedTap } from './equipment-parts';
import type { FitSettings } from './fit-input';
import { fitDiscriminant, reduce } from './math/discriminant';

/** Features of one detected case, its class, its variant within the class, and whether it is kept back for calibration. */
export type LabelledRows = readonly {
  readonly row: Float32Array;
  readonly label: number;
  readonly variant: number;
  readonly held: boolean;
}[];

/** Features that grow without bound count up to what nearly all learnt cases have. */
const CAP_QUANTILE = 0.99;
/** More directions than this cost time and tell nothing more apart. */
const MAX_DIMENSIONS = 20;
/** Room for variants in a joint label. */
const VARIANTS = 16;
/** Floor of variances on corevectors of unit variance: components of a handful of points must not collapse. */
const VARIANCE_FLOOR = 0.02;
/** Cases that a calibration looks at: its standard error is then about a point. */
const MAX_HELD = 1500;

/** Upper bounds of the features: quantiles for those without bound, out of reach for the others. */
const capsOf = (rows: readonly ArrayLike<number>[], unbounded: readonly boolean[]): Float64Array =>
  Float64Array.from(unbounded, (isUnbounded, index) => {
    if (!isUnbounded) return 1e30;
    const sorted = Float64Array.from(rows, (row) => row[index] ?? 0).sort();
    return sorted[Math.floor(CAP_QUANTILE * (sorted.length - 1))] ?? 1e30;
  });

const fitMixtures = (
  learn: readonly { readonly row: Float64Array; readonly label: number; readonly variant: number }[],
  classes: number,
  settings: FitSettings,
  name: string,
): Driller => {
  const random = createRandom(settings.seed).fork(`driller/${name}`);
  const rows = learn.map(({ row }) => row);
  const labels = learn.map(({ label }) => label);
  const mixture = { components: settings.components, floor: VARIANCE_FLOOR, iterations: 40, starts: 2 };
  if (settings.mixture === 'class')
    return fitPooledMixtures({ rows, labels, variants: learn.map(({ variant }) => variant) }, classes, mixture, random);
  // One mixture for all classes gets as many components as they would have had together.
  const components = fitSharedMixture(
    rows,
    { ...mixture, components: settings.components * classes, covariance: settings.mixture, starts: 1 },
    random,
  );
  return { components, table: empiricalTable(components, rows, labels, classes), temperature: 1 };
};

/** Expected calibration error of the top class (Naeini et al., AAAI 2015), fifteen bins. */
const calibrationError = (posteriors: readonly Float64Array[], labels: readonly number[]): number => {
  const bins = Array.from({ length: 15 }, () => ({ n: 0, right: 0, sure: 0 }));
  posteriors.forEach((posterior, index) => {
    const sure = Math.max(...posterior);
    const bin = bins[Math.min(14, Math.floor(sure * 15))];
    if (bin === undefined) return;
    bin.n += 1;
    bin.sure += sure;
    bin.right += posterior.indexOf(sure) === labels[index] ? 1 : 0;
  });
  return bins.reduce((sum, { right, sure }) => sum + Math.abs(right - sure), 0) / Math.max(1, posteriors.length);
};

const round = (value: number): number => Number(value.toPrecision(4));

export interface SharedFit {
  readonly driller: SharedDriller;
  /** What was measured on held cases. */
  readonly quality: Readonly<Record<string, unknown>>;
}

/** Evenly thinned. */
const thinned = <T>(items: readonly T[], most: number): readonly T[] => {
  const step = Math.max(1, Math.ceil(items.length / most));
  return items.filter((_, index) => index % step === 0);
};

/** What a driller is fitted on, and what calibrates it where no case is to be kept back for that. */
export interface SharedInput {
  /** Features of the detected cases at the tap. */
  readonly rows: LabelledRows;
  /** Which of them grow with the size of a fault. */
  readonly unbounded: readonly boolean[];
  readonly known?: DrillerCalibration | undefined;
}

export const fitSharedDriller = (
  tap: SharedTap,
  { rows: raw, unbounded, known }: SharedInput,
  faults: readonly string[],
  settings: FitSettings,
): SharedFit => {
  const caps = capsOf(
    raw.filter(({ held }) => !held).map(({ row }) => row),
    unbounded,
  );
  const all = raw.map((item) => ({
    ...item,
    row: item.row.map((value, index) => Math.min(value, caps[index] ?? value)),
  }));
  const learn = all.filter(({ held }) => !held);
  // Few cases hold none back: a driller calibrated on what it was fitted on is better than one that is not calibrated.
  const kept = all.filter(({ held }) => held);
  const held = thinned(kept.length > 0 ? kept : learn, MAX_HELD);
  // Directions that tell variants of a class apart also tell it from others that look like one of them.
  const kinds = learn.map(({ label, variant }) => label * VARIANTS + variant);
  const dimensions =
    settings.dimensions > 0 ? settings.dimensions : Math.min(MAX_DIMENSIONS, Math.max(2, new Set(kinds).size - 1));
  const reduction = fitDiscriminant(
    learn.map(({ row }) => row),
    kinds,
    dimensions,
  );
  const plain = fitMixtures(
    learn.map((item) => ({ ...item, row: reduce(reduction, item.row) })),
    faults.length,
    settings,
    tap,
  );
  const rows = held.map(({ row }) => reduce(reduction, row));
  const labels = held.map(({ label }) => label);
  const temperature = settings.temperature > 0 ? settings.temperature : known?.temperature;
  const heated = temperature === undefined ? calibrateTemperature(plain, rows, labels) : { ...plain, temperature };
  const driller =
    known?.unknown === undefined ? addUnknown(heated, rows, labels) : withUnknown(heated, rows, known.unknown);
  const after = rows.map((row) => posteriorOf(driller, row));
  const before = rows.map((row) => posteriorOf({ ...driller, temperature: 1 }, row));
  return {
    driller: { tap, reduction, caps, driller },
    quality: {
      temperature: round(driller.temperature),
      heldCases: held.length,
      heldAccuracy: round(
        after.filter((posterior, index) => posterior.indexOf(Math.max(...posterior)) === labels[index]).length /
          Math.max(1, held.length),
      ),
      unknownRate: round(
        after.filter((posterior) => posterior.at(-1) === Math.max(...posterior)).length / Math.max(1, held.length),
      ),
      calibrationErrorBefore: round(calibrationError(before, labels)),
      calibrationErrorAfter: round(calibrationError(after, labels)),
    },
  };
};
