/**
 * What a verdict is made of, fitted on the detected cases: a driller for each tap, the isolation, and the fusion of the taps. Last comes
 * the level from which a class is in the conformal set. Each is calibrated on cases that the step before was not fitted on.
 */
import { coverageLevel } from '../core/anomaly/conformal-set';
import { isHeld, TURNS, type Case } from './calibration-set';
import { drillerCalibration, meanCalibration, type DrillerCalibration } from './driller';
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
import { fitSharedDriller, type SharedFit } from './shared-driller';
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
  /** What judges at each turn, without what is kept back then. */
  readonly untaught: ReadonlyMap<number, JudgingParts>;
}

/** What all of it is fitted on. */
interface Evidence {
  readonly input: EquipmentInput;
  readonly parts: JudgingParts;
  readonly outputs: ProbeOutputs;
  readonly detected: readonly DetectedCase[];
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

/** The drillers of all taps, as they are fitted at one turn. */
interface Drilled {
  readonly shared: readonly SharedFit[];
  readonly whole: readonly WholeDriller[];
}

/** @param turn at which taught cases are kept back; left out: all are learnt. @param known what calibrates each tap then. */
const fitDrillers = (
  { input, parts, outputs: { nominal, cases }, detected }: Evidence,
  turn?: number,
  known?: ReadonlyMap<string, DrillerCalibration | undefined>,
): Drilled => {
  const count = input.cases.length;
  const rowsOf = (output: string) => {
    const all = cases[output] ?? new Float32Array();
    return detected.map((own) => ({
      item: own.item,
      held: isHeld(own.item, turn),
      row: rowOf(all, count, own.index),
    }));
  };
  const shared = parts.shared.map((tap) => {
    const rows = rowsOf(featuresOf(tap)).map(({ item, held, row }) => ({
      row: rowOf(row, input.layout.groups.length, item.group),
      label: item.fault,
      variant: item.variant,
      held,
    }));
    const unbounded = unboundedOf(tap, input.layout, rows[0]?.row.length ?? 0);
    return fitSharedDriller(tap, { rows, unbounded, known: known?.get(tap) }, input.faults, input.settings);
  });
  const whole = parts.whole.map(({ name, width }) => {
    const calm = nominal[corevectorOf(name)] ?? new Float32Array();
    const windows = calm.length / width;
    const rows = rowsOf(corevectorOf(name)).map(({ item, held, row }) => ({ ...item, row, held }));
    const nominalRows = Array.from({ length: windows }, (_, row) => rowOf(calm, windows, row));
    return fitWholeDriller(rows, thinned(nominalRows, MAX_NOMINAL), {
      merged: rows.some(({ taught }) => taught) && name === SIGNATURE,
      seed: input.settings.seed,
      name,
      known: known?.get(name),
    });
  });
  return { shared, whole };
};

/** What calibrated each tap at all turns. */
const calibrations = (parts: JudgingParts, turns: readonly Drilled[]): Map<string, DrillerCalibration | undefined> =>
  new Map([
    ...parts.shared.map(
      (tap, at) =>
        [
          tap,
          meanCalibration(
            turns.flatMap(({ shared }) => shared[at] ?? []).map((fit) => drillerCalibration(fit.driller.driller)),
          ),
        ] as const,
    ),
    ...parts.whole.map(
      ({ name }, at) =>
        [
          name,
          meanCalibration(
            turns.flatMap(({ whole }) => whole[at] ?? []).map(({ driller }) => drillerCalibration(driller)),
          ),
        ] as const,
    ),
  ]);

/** The taps of what faults do to the values of the parameters, of the slow deviations, and of what a forecast did not foresee. */
export const SIGNATURE = 'signature';
export const SLOW = 'slow';
export const FORECAST = 'forecast';

/** Cases kept back, and what judges and was fitted without them. */
interface Part {
  readonly parts: JudgingParts;
  readonly fitted: FittedTaps;
  readonly cases: readonly DetectedCase[];
}

/** Logarithms of what each expert says of each case, and the case. */
const expertsOf = async (
  { input }: Evidence,
  all: readonly Part[],
): Promise<readonly { readonly own: DetectedCase; readonly features: Float32Array }[]> => {
  const out = [];
  for (const [done, { parts, fitted, cases }] of all.entries()) {
    const chosen = thinned(cases, MAX_CHOICES);
    if (chosen.length === 0) continue;
    const rows = chosen.map(({ item }) => item);
    const outputs = await withGraph(input.openGraph, buildExpertsGraph(parts, fitted), (session) =>
      runAll(session, rows, input.layout, (windows) => {
        input.report('weighing the taps', (done + windows / chosen.length) / all.length);
      }),
    );
    const experts = outputs[EXPERTS] ?? new Float32Array();
    out.push(...chosen.map((own, at) => ({ own, features: rowOf(experts, chosen.length, at) })));
  }
  return out;
};

/** Weights of the experts, on cases that their drillers were not fitted on; the first two count, the others have to show it. */
const fitFusion = async (
  evidence: Evidence,
  all: readonly Part[],
): Promise<Pick<Identification, 'fusion' | 'setLevel' | 'quality'>> => {
  const { parts } = evidence;
  const chosen = await expertsOf(evidence, all);
  const columns = parts.faults.length + 1;
  const names = ['unit', ...parts.shared, ...parts.whole.map(({ name }) => name)];
  const weightOf = balanced(chosen, ({ own }) => own.item.fault);
  const choices = chosen.map((choice): LogitCase => ({
    features: choice.features,
    truth: choice.own.item.group * columns + choice.own.item.fault,
    weight: weightOf(choice),
  }));
  const mean = names.map((_, expert) => (expert < 2 ? 1 : 0));
  // No expert is worse than none: one that would count against what it says is left out.
  const fusion = fitConditionalLogit(choices, { mean, ridge: RIDGE, signs: mean.map(() => 1) });
  const posteriors = choices.map(({ features }) => optionPosterior(features, fusion));
  const truths = choices.map(({ truth }) => truth);
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

/** Every taught case is kept back at its turn; all are learnt in the end, as calibrated at the turns. */
export const fitIdentification = async (
  input: EquipmentInput,
  parts: JudgingParts,
  outputs: ProbeOutputs,
  detected: readonly DetectedCase[],
): Promise<Identification> => {
  const evidence = { input, parts, outputs, detected };
  const views = unitViews(parts);
  const size = { units: input.layout.groups.length, names: views, count: input.cases.length };
  const unitLogit = fitUnits(outputs, size, detected);
  const fittedOf = ({ shared, whole }: Drilled): FittedTaps => ({
    drillers: shared.map(({ driller }) => driller),
    unitLogit,
    wholeDrillers: whole,
  });
  const turns = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const cases = detected.filter(({ item }) => item.held === turn);
    const judging = outputs.untaught.get(turn) ?? parts;
    if (cases.length > 0) turns.push({ drilled: fitDrillers(evidence, turn), parts: judging, cases });
  }
  const known = calibrations(
    parts,
    turns.map(({ drilled }) => drilled),
  );
  const last = fitDrillers(evidence, undefined, known);
  const always = detected.filter(({ item }) => item.held === 'always');
  const parted = [
    ...turns.map(({ drilled, ...turn }) => ({ ...turn, fitted: fittedOf(drilled) })),
    { parts, fitted: fittedOf(last), cases: always },
  ];
  const fitted = fittedOf(last);
  const isNoneHeld = parted.every(({ cases }) => cases.length === 0);
  const fusion = await fitFusion(evidence, isNoneHeld ? [{ parts, fitted, cases: detected }] : parted);
  return {
    ...fitted,
    ...fusion,
    quality: {
      ...Object.fromEntries(last.shared.map(({ driller, quality }) => [driller.tap, quality])),
      isolation: Object.fromEntries(views.map((view, at) => [view, round(unitLogit.weights[at] ?? 0)])),
      ...fusion.quality,
    },
  };
};
