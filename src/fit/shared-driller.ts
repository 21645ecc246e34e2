/** Fits the drillers of shared taps on labelled corevector features, and how much each counts when there are several. */
import { createRandom } from '../core/random';
import {
  calibrateDriller,
  empiricalTable,
  fitClassMixtures,
  fitSharedMixture,
  goldenSection,
  posteriorOf,
  type Driller,
} from './driller';
import type { SharedDriller, SharedTap } from './equipment-graph';
import type { FitSettings } from './fit-input';
import { isEnergyFeature } from './graph/shape-features';
import { fitDiscriminant, reduce } from './math/discriminant';

/** Features of one detected case, its class, its variant within the class, and whether it is kept back for calibration. */
export type LabelledRows = readonly {
  readonly row: Float32Array;
  readonly label: number;
  readonly variant: number;
  readonly held: boolean;
}[];

/** Energies above what nearly all learnt cases have count as that. */
const CAP_QUANTILE = 0.95;

/** Upper bounds of the features: quantiles for energies, out of reach for shapes. */
const capsOf = (rows: readonly ArrayLike<number>[]): Float64Array =>
  Float64Array.from({ length: rows[0]?.length ?? 0 }, (_, index) => {
    if (!isEnergyFeature(index)) return 1e30;
    const sorted = Float64Array.from(rows, (row) => row[index] ?? 0).sort();
    return sorted[Math.floor(CAP_QUANTILE * (sorted.length - 1))] ?? 1e30;
  });

/** More directions than this cost time and tell nothing more apart. */
const MAX_DIMENSIONS = 20;

/** Room for variants in a joint label. */
const VARIANTS = 16;
/** Floor of variances on corevectors of unit variance: components of a handful of points must not collapse. */
const VARIANCE_FLOOR = 0.02;

const fitMixtures = (
  rows: readonly Float64Array[],
  labels: readonly number[],
  classes: number,
  settings: FitSettings,
  name: string,
): Driller => {
  const random = createRandom(settings.seed).fork(`driller/${name}`);
  const mixture = { components: settings.components, floor: VARIANCE_FLOOR, iterations: 40, starts: 3 };
  if (settings.mixture === 'class')
    return fitClassMixtures(rows, labels, classes, { ...mixture, covariance: 'full' }, random);
  // One mixture for all classes gets as many components as they would have had together.
  const components = fitSharedMixture(
    rows,
    { ...mixture, components: settings.components * classes, covariance: settings.mixture, starts: 1 },
    random,
  );
  return {
    components,
    table: empiricalTable(components, rows, labels, classes),
    temperature: 1,
    unknownLevel: -Infinity,
  };
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

/** @param rowsOf features of the detected cases at a tap; @returns drillers in the order of `taps`, and what was measured on held cases. */
export const fitSharedDrillers = (
  taps: readonly SharedTap[],
  rowsOf: (tap: SharedTap) => LabelledRows,
  faults: readonly string[],
  settings: FitSettings,
): { drillers: SharedDriller[]; quality: Readonly<Record<string, unknown>> } => {
  const quality: Record<string, unknown> = {};
  const fitted = taps.map((tap) => {
    const raw = rowsOf(tap);
    const caps = capsOf(raw.filter(({ held }) => !held).map(({ row }) => row));
    const all = raw.map((item) => ({
      ...item,
      row: item.row.map((value, index) => Math.min(value, caps[index] ?? value)),
    }));
    const learn = all.filter(({ held }) => !held);
    // Few cases hold none back: a driller calibrated on what it was fitted on is better than one that is not calibrated.
    const kept = all.filter(({ held }) => held);
    const held = kept.length > 0 ? kept : learn;
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
      learn.map(({ row }) => reduce(reduction, row)),
      learn.map(({ label }) => label),
      faults.length,
      settings,
      tap,
    );
    const heldRows = held.map(({ row }) => reduce(reduction, row));
    const labels = held.map(({ label }) => label);
    const calibrated = calibrateDriller(plain, heldRows, labels, settings.outliers);
    const driller = settings.temperature > 0 ? { ...calibrated, temperature: settings.temperature } : calibrated;
    const before = heldRows.map((row) => posteriorOf({ ...driller, temperature: 1 }, row));
    const after = heldRows.map((row) => posteriorOf(driller, row));
    quality[tap] = {
      temperature: round(driller.temperature),
      heldCases: held.length,
      heldAccuracy: round(
        after.filter((posterior, index) => posterior.indexOf(Math.max(...posterior)) === labels[index]).length /
          Math.max(1, held.length),
      ),
      calibrationErrorBefore: round(calibrationError(before, labels)),
      calibrationErrorAfter: round(calibrationError(after, labels)),
    };
    return { tap, reduction, caps, driller, posteriors: after, labels };
  });
  const [first, second] = fitted;
  if (first === undefined || second === undefined)
    return {
      drillers: fitted.map(({ tap, reduction, caps, driller }) => ({ tap, reduction, caps, driller, weight: 1 })),
      quality,
    };
  // Two taps are pooled logarithmically; how much each counts is chosen on the held cases.
  const loss = (share: number): number =>
    first.posteriors.reduce((sum, a, index) => {
      const b = second.posteriors[index] ?? a;
      const logs = Array.from(
        a,
        (value, c) => share * Math.log(value + 1e-6) + (1 - share) * Math.log((b[c] ?? 0) + 1e-6),
      );
      const most = Math.max(...logs);
      return (
        sum -
        (logs[first.labels[index] ?? 0] ?? 0) +
        most +
        Math.log(logs.reduce((total, value) => total + Math.exp(value - most), 0))
      );
    }, 0);
  const share = goldenSection(loss, 0, 1);
  quality['fused'] = { [first.tap]: round(share), [second.tap]: round(1 - share) };
  const weights = [share, 1 - share];
  return {
    drillers: fitted.map(({ tap, reduction, caps, driller }, index) => ({
      tap,
      reduction,
      caps,
      driller,
      weight: weights[index] ?? 0,
    })),
    quality,
  };
};
