/**
 * From the posteriors of one window, or of several fused, to a verdict: which equipment, which fault, how sure.
 *
 * Windows of one anomaly are pooled linearly. Refused: to multiply their posteriors, because overlapping windows are no
 * independent witnesses.
 */
import { NOMINAL, UNKNOWN, type Verdict } from '../../domain/explanation';
import type { Manifest, TaskInfo } from '../../domain/manifest';

/** How many alternatives a verdict keeps. */
const MAX_ALTERNATIVES = 3;
/** Alternatives below this are noise to a reader. */
const LEAST_ALTERNATIVE = 0.01;

const taskIndex = (manifest: Manifest, name: string): number => {
  const index = manifest.tasks.findIndex((task) => task.name === name);
  if (index < 0) throw new Error(`the manifest has no task "${name}"`);
  return index;
};

const isPerEquipment = (manifest: Manifest, task: TaskInfo): boolean =>
  manifest.taps.find((tap) => tap.name === task.tap)?.perEquipment ?? false;

/** The equipments a verdict can name; a mission without equipment has the one nameless `unknown`. */
export const verdictEquipment = (manifest: Manifest): readonly string[] =>
  manifest.equipment.length === 0 ? [UNKNOWN] : manifest.equipment;

/** The fault classes a verdict can name, in the order of the joint posterior's columns; `nominal` is not among them. */
export const verdictFaults = (manifest: Manifest): readonly string[] =>
  (manifest.tasks[taskIndex(manifest, manifest.verdictTask)]?.classes ?? []).filter((name) => name !== NOMINAL);

/**
 * P(equipment, fault | the window is anomalous), row-major [equipment, faults], summing to 1. A task shared by the equipments
 * answers a row for each. Whole-window tasks (the published method) answer equipment and fault apart, and their product is taken.
 */
export const jointPosterior = (manifest: Manifest, posteriors: readonly ArrayLike<number>[]): Float64Array => {
  const faultAt = taskIndex(manifest, manifest.verdictTask);
  const task = manifest.tasks[faultAt];
  const values = posteriors[faultAt];
  if (task === undefined || values === undefined) throw new Error('the posteriors do not match the manifest');
  const equipment = verdictEquipment(manifest);
  const columns = task.classes.flatMap((name, index) => (name === NOMINAL ? [] : [index]));
  const shared = isPerEquipment(manifest, task);
  const joint = new Float64Array(equipment.length * columns.length);
  const equipmentTask = shared || equipment.length === 1 ? undefined : taskIndex(manifest, 'equipment');
  let total = 0;
  equipment.forEach((name, row) => {
    const prior =
      equipmentTask === undefined
        ? 1
        : (posteriors[equipmentTask]?.[manifest.tasks[equipmentTask]?.classes.indexOf(name) ?? -1] ?? 0);
    columns.forEach((column, at) => {
      const value = prior * (values[(shared ? row * task.classes.length : 0) + column] ?? 0);
      joint[row * columns.length + at] = value;
      total += value;
    });
  });
  for (let i = 0; i < joint.length; i += 1) joint[i] = total > 0 ? (joint[i] ?? 0) / total : 1 / joint.length;
  return joint;
};

/**
 * Adds a window's posterior to those gathered so far, older ones decayed by `memory` (0..1): a linear opinion pool (Stone, 1961).
 * Overlapping windows are far from independent, so their product would be absurdly sure of itself. One odd window (an onset, a
 * recovery) could veto a hundred others. Their mean does neither.
 */
export const addEvidence = (gathered: Float64Array | undefined, joint: Float64Array, memory: number): Float64Array =>
  joint.map((value, index) => memory * (gathered?.[index] ?? 0) + value);

/** Gathered evidence, normalised: the posterior of fused windows. */
export const fusedPosterior = (evidence: Float64Array): Float64Array => {
  const total = evidence.reduce((a, b) => a + b, 0);
  return evidence.map((value) => value / total);
};

const indexOfMost = (values: ArrayLike<number>): number => {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
};

const round = (value: number): number => Math.round(value * 1e4) / 1e4;

interface RankedClass {
  readonly equipment: string;
  readonly fault: string;
  readonly confidence: number;
}

/**
 * The conformal set, likeliest first; undefined where the package has no level for it. What the verdict names is always in it: a name
 * beside an empty set would say two things.
 */
const setOf = (
  { calibration }: Manifest,
  named: readonly RankedClass[],
  chosen: RankedClass | undefined,
): Verdict['set'] =>
  calibration.set === undefined
    ? undefined
    : named
        .filter((item) => item === chosen || item.confidence >= (calibration.set?.level ?? 1))
        .map(({ equipment, fault, confidence }) => ({ equipment, fault, probability: round(confidence) }));

/** P(equipment), in the order of `verdictEquipment`. */
export const equipmentMass = (manifest: Manifest, joint: Float64Array): number[] => {
  const width = verdictFaults(manifest).length;
  return verdictEquipment(manifest).map((_, row) =>
    joint.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0),
  );
};

/**
 * The verdict of a joint posterior. If no fault reaches the confidence floor, or the window is likelier to be something the
 * peepholes never saw (class `unknown`), the fault is `unknown`. Its confidence is the probability of just that in that equipment
 * (of packages without conformal sets: of the equipment).
 * @param equipmentScore [equipment]: fall of the score when the equipment is left out; it names the equipment where the posterior does not.
 */
export const verdictOf = (manifest: Manifest, joint: Float64Array, equipmentScore: ArrayLike<number>): Verdict => {
  const equipment = verdictEquipment(manifest);
  const faults = verdictFaults(manifest);
  const ranked = [...joint]
    .map((confidence, index): RankedClass => ({
      equipment: equipment[Math.floor(index / faults.length)] ?? UNKNOWN,
      fault: faults[index % faults.length] ?? UNKNOWN,
      confidence,
    }))
    .sort((a, b) => b.confidence - a.confidence);
  const named = ranked.filter(({ fault }) => fault !== UNKNOWN);
  const best = named[0];
  const unknown = ranked.filter(({ fault }) => fault === UNKNOWN).reduce((sum, item) => sum + item.confidence, 0);
  const alternativesTo = (chosen: RankedClass | undefined) =>
    named
      .filter((item) => item !== chosen && item.confidence >= LEAST_ALTERNATIVE)
      .slice(0, MAX_ALTERNATIVES)
      .map((item) => ({ ...item, confidence: round(item.confidence) }));
  const isNamed =
    best !== undefined && best.confidence >= manifest.calibration.confidenceFloor && best.confidence >= unknown;
  const set = setOf(manifest, named, isNamed ? best : undefined);
  if (isNamed) {
    return {
      ...best,
      confidence: round(best.confidence),
      alternatives: alternativesTo(best),
      ...(set !== undefined && { set }),
    };
  }
  const mass = equipmentMass(manifest, joint);
  const likeliest = indexOfMost(mass);
  // Packages without sets have no isolation of their own beyond the evidence, and no calibrated unknown.
  const isOlder = set === undefined;
  const blamed = !isOlder || (mass[likeliest] ?? 0) >= 0.5 ? likeliest : indexOfMost(equipmentScore);
  const confidence = isOlder ? mass[blamed] : joint[blamed * faults.length + faults.indexOf(UNKNOWN)];
  return {
    equipment: equipment[blamed] ?? UNKNOWN,
    fault: UNKNOWN,
    confidence: round(Math.min(1, confidence ?? 0)),
    alternatives: alternativesTo(undefined),
    ...(set !== undefined && { set }),
  };
};
