/**
 * What a verdict is made of, fitted on the detected cases: a driller for each tap, the isolation, and the fusion of the taps. Last comes
 * the level from which a class is in the conformal set. Each is calibrated on cases that the step before was not fitted on.
 */
import { coverageLevel } from '../core/anomaly/conformal-set';
import type { Case } from './calibration-set';
import { buildExpertsGraph } from './equipment-graph';
import {
  corevectorOf,
  EXPERTS,
  featuresOf,
  unboundedOf,
  UNIT_EVIDENCE,
  unitViews,
  type FittedPackage,
  type FittedTaps,
  type JudgingParts,
} from './equipment-parts';
import type { EquipmentInput } from './fit-input';
import type { UnitLogit } from './graph/unit-evidence';
import { priorWeights, viewSigns } from './graph/unit-evidence';
import { rowOf, runAll, withGraph } from '../core/graph-session';
import { fitConditionalLogit, optionPosterior, type LogitCase } from './math/conditional-logit';
import { reliabilityOf } from './reliability';
import { fitSharedDriller } from './shared-driller';
import { fitWholeDriller, type WholeDriller } from './whole-driller';

export interface DetectedCase {
  readonly item: Case;
  /** Its place among all cases. */
  readonly index: number;
}

export interface Identification extends FittedTaps, Pick<FittedPackage, 'fusion'> {
  /** A class with at least this posterior is in the set of a verdict. */
  readonly setLevel: number;
  readonly quality: Readonly<Record<string, unknown>>;
}

type Outputs = Readonly<Record<string, Float32Array>>;

/** What the probe gives. */
export interface ProbeOutputs {
  /** Over nominal windows. */
  readonly nominal: Outputs;
  /** Over all cases, detected or not. */
  readonly cases: Outputs;
}

/** Nominal telemetry rarely exceeds this quantile of a view: what units are compared at. */
const LEVEL = 0.95;
/** Pull of weights towards their prior: few cases leave them near it, thousands do not feel it. */
const RIDGE = 0.01;
/** Nominal windows that a whole tap is shown at most. */
const MAX_NOMINAL = 2000;
/** Cases that a fit of a handful of weights looks at. */
const MAX_CHOICES = 4000;

const thinned = <T>(items: readonly T[], most: number): readonly T[] => {
  const step = Math.max(1, Math.ceil(items.length / most));
  return items.filter((_, index) => index % step === 0);
};

/** Every class weighs the same, however many cases it has. */
const balanced = <T>(items: readonly T[], classOf: (item: T) => number): ((item: T) => number) => {
  const counts = new Map<number, number>();
  for (const item of items) counts.set(classOf(item), (counts.get(classOf(item)) ?? 0) + 1);
  return (item) => 1 / (counts.get(classOf(item)) ?? 1);
};

const round = (value: number): number => Number(value.toPrecision(4));

/** Isolation by a conditional logit over the units. @param size of the evidence: [count, units, names]. */
const fitUnits = (
  { nominal, cases }: ProbeOutputs,
  { units, names, count }: { readonly units: number; readonly names: readonly string[]; readonly count: number },
  detected: readonly DetectedCase[],
): UnitLogit => {
  const views = names.length;
  const calm = nominal[UNIT_EVIDENCE] ?? new Float32Array();
  const windows = calm.length / (units * views);
  const levels = Float64Array.from({ length: units * views }, (_, at) => {
    const sorted = Float64Array.from({ length: windows }, (_value, row) => calm[row * units * views + at] ?? 0).sort();
    return sorted[Math.floor(LEVEL * (windows - 1))] ?? 0;
  });
  const prior = { mean: priorWeights(views - priorWeights(0).length), ridge: RIDGE, signs: viewSigns(names) };
  if (units === 1) return { levels, weights: Float64Array.from(prior.mean) };
  const chosen = thinned(detected, MAX_CHOICES);
  const weightOf = balanced(chosen, ({ item }) => item.group * 1000 + item.fault);
  const choices = chosen.map((own): LogitCase => {
    const row = rowOf(cases[UNIT_EVIDENCE] ?? new Float32Array(), count, own.index);
    return {
      features: Float64Array.from(row, (value, at) => value - (levels[at] as number)),
      truth: own.item.group,
      weight: weightOf(own),
    };
  });
  return { levels, weights: fitConditionalLogit(choices, prior) };
};

const fitWhole = (
  input: EquipmentInput,
  parts: JudgingParts,
  { nominal, cases }: ProbeOutputs,
  detected: readonly DetectedCase[],
): WholeDriller[] =>
  parts.whole.map(({ name, width }) => {
    const calm = nominal[corevectorOf(name)] ?? new Float32Array();
    const windows = calm.length / width;
    const rows = detected.map(({ item, index }) => ({
      ...item,
      row: rowOf(cases[corevectorOf(name)] ?? new Float32Array(), input.cases.length, index),
    }));
    const nominalRows = Array.from({ length: windows }, (_, row) => rowOf(calm, windows, row));
    return fitWholeDriller(rows, thinned(nominalRows, MAX_NOMINAL), {
      merged: rows.some(({ taught }) => taught) && name === SIGNATURE,
      seed: input.settings.seed,
      name,
    });
  });

/** The taps of what faults do to the values of the parameters, of the slow deviations, and of what a forecast did not foresee. */
export const SIGNATURE = 'signature';
export const SLOW = 'slow';
export const FORECAST = 'forecast';

/** Weights of the experts, on cases that their drillers were not fitted on; the first two count, the others have to show it. */
const fitFusion = async (
  input: EquipmentInput,
  parts: JudgingParts,
  fitted: FittedTaps,
  detected: readonly DetectedCase[],
): Promise<Pick<Identification, 'fusion' | 'setLevel' | 'quality'>> => {
  const held = detected.filter(({ item }) => item.held);
  const chosen = thinned(held.length > 0 ? held : detected, MAX_CHOICES);
  const rows = chosen.map(({ item }) => item);
  const outputs = await withGraph(input.openGraph, buildExpertsGraph(parts, fitted), (session) =>
    runAll(session, rows, input.layout, (done) => {
      input.report('weighing the taps', done / chosen.length);
    }),
  );
  const experts = outputs[EXPERTS] ?? new Float32Array();
  const columns = parts.faults.length + 1;
  const count = experts.length / Math.max(1, chosen.length) / (columns * input.layout.groups.length);
  const weightOf = balanced(chosen, ({ item }) => item.fault);
  const choices = chosen.map((own, at): LogitCase => ({
    features: rowOf(experts, chosen.length, at),
    truth: own.item.group * columns + own.item.fault,
    weight: weightOf(own),
  }));
  const mean = Array.from({ length: count }, (_, expert) => (expert < 2 ? 1 : 0));
  // No expert is worse than none: one that would count against what it says is left out.
  const fusion = fitConditionalLogit(choices, { mean, ridge: RIDGE, signs: mean.map(() => 1) });
  const posteriors = choices.map(({ features }) => optionPosterior(features, fusion));
  const truths = choices.map(({ truth }) => truth);
  const names = ['unit', ...parts.shared, ...parts.whole.map(({ name }) => name)];
  return {
    fusion,
    setLevel: coverageLevel(
      choices.map(({ truth, weight }, at) => ({ posterior: posteriors[at]?.[truth] ?? 0, weight })),
    ),
    quality: {
      reliability: reliabilityOf(posteriors, truths),
      fused: {
        weights: Object.fromEntries(names.map((name, expert) => [name, round(fusion[expert] ?? 0)])),
        heldCases: chosen.length,
        heldAccuracy: round(
          posteriors.filter((posterior, at) => posterior.indexOf(Math.max(...posterior)) === truths[at]).length /
            Math.max(1, chosen.length),
        ),
      },
    },
  };
};

export const fitIdentification = async (
  input: EquipmentInput,
  parts: JudgingParts,
  outputs: ProbeOutputs,
  detected: readonly DetectedCase[],
): Promise<Identification> => {
  const { layout, faults, settings } = input;
  const units = layout.groups.length;
  const views = unitViews(parts);
  const count = input.cases.length;
  const fits = parts.shared.map((tap) => {
    const all = outputs.cases[featuresOf(tap)] ?? new Float32Array();
    const rows = detected.map(({ item, index }) => ({
      row: rowOf(rowOf(all, count, index), units, item.group),
      label: item.fault,
      variant: item.variant,
      held: item.held,
    }));
    const unbounded = unboundedOf(tap, layout, all.length / count / units);
    return fitSharedDriller(tap, { rows, unbounded }, faults, settings);
  });
  const fitted = {
    drillers: fits.map(({ driller }) => driller),
    unitLogit: fitUnits(outputs, { units, names: views, count }, detected),
    wholeDrillers: fitWhole(input, parts, outputs, detected),
  };
  const fusion = await fitFusion(input, parts, fitted, detected);
  return {
    ...fitted,
    ...fusion,
    quality: {
      ...Object.fromEntries(fits.map(({ driller, quality }) => [driller.tap, quality])),
      isolation: Object.fromEntries(views.map((view, at) => [view, round(fitted.unitLogit.weights[at] ?? 0)])),
      ...fusion.quality,
    },
  };
};
