/** Which equipment, which fault and how sure: the figures of the windows that lie inside a label. */
import { verdictEquipment, verdictFaults } from '../../core/anomaly/verdict';
import { calibrationOf, type Calibration } from '../../core/metrics/calibration';
import { confusionOf, type Confusion } from '../../core/metrics/confusion';
import { UNKNOWN } from '../../domain/explanation';
import type { Manifest } from '../../domain/manifest';
import type { EvaluatedWindow } from './evaluate-pass';

export type IsolationFigures = Confusion & {
  /** Balanced accuracy of the peepholes alone: without the attribution that names the equipment of an unknown fault. */
  readonly peepholeBalancedAccuracy: number | null;
};

export type IdentificationFigures = Confusion & {
  readonly unknownRate: number | null;
  /** Balanced accuracy were the likeliest fault always named, never `unknown`: what methods without a floor publish. */
  readonly forcedBalancedAccuracy: number | null;
  /** Faults the model was never taught: the right answer is `unknown`. */
  readonly novel: { readonly n: number; readonly unknownRate: number | null };
};

/** Over all windows inside a label, detected or not. */
export interface AllWindows {
  readonly isolation: Confusion;
  readonly identification: Confusion;
}

export interface ConformalFigures {
  readonly n: number;
  /** Share of the sets that hold the truth; nine in ten are promised. */
  readonly coverage: number;
  readonly meanSize: number;
}

/** Faults that the package can name. */
export const knownFaults = (manifest: Manifest): readonly string[] =>
  verdictFaults(manifest).filter((name) => name !== UNKNOWN);

export interface NamedCase {
  readonly equipment: string;
  readonly fault: string;
  readonly verdict: NonNullable<EvaluatedWindow['verdict']>;
  readonly peepholeEquipment: string;
}

/** Detected windows inside a label: those that isolation and identification are scored on. */
export const namedCases = (windows: readonly EvaluatedWindow[], threshold: number): readonly NamedCase[] =>
  windows.flatMap(({ score, truth, verdict, peepholeEquipment = UNKNOWN }) =>
    truth.kind === 'inside' && verdict !== undefined && score >= threshold
      ? [{ equipment: truth.label.equipment, fault: truth.label.fault, verdict, peepholeEquipment }]
      : [],
  );

export const isolate = (manifest: Manifest, cases: readonly NamedCase[]): IsolationFigures => {
  const equipment = verdictEquipment(manifest);
  const known = cases.filter((item) => item.equipment !== UNKNOWN && equipment.includes(item.equipment));
  const judged = known.map((item) => ({ truth: item.equipment, verdict: item.verdict.equipment }));
  const alone = known.map((item) => ({ truth: item.equipment, verdict: item.peepholeEquipment }));
  return {
    ...confusionOf(judged, equipment, UNKNOWN),
    peepholeBalancedAccuracy: confusionOf(alone, equipment, UNKNOWN).balancedAccuracy,
  };
};

export const identify = (manifest: Manifest, cases: readonly NamedCase[]): IdentificationFigures => {
  const faults = knownFaults(manifest);
  const known = cases.filter(({ fault }) => faults.includes(fault));
  const novel = cases.filter(({ fault }) => fault !== '' && !faults.includes(fault));
  const unknownShare = (own: readonly NamedCase[]): number | null =>
    own.length === 0 ? null : own.filter(({ verdict }) => verdict.fault === UNKNOWN).length / own.length;
  const judged = known.map(({ fault, verdict }) => ({ truth: fault, verdict: verdict.fault }));
  const forced = known.map(({ fault, verdict }) => ({
    truth: fault,
    verdict: verdict.fault === UNKNOWN ? (verdict.alternatives[0]?.fault ?? UNKNOWN) : verdict.fault,
  }));
  return {
    ...confusionOf(judged, faults, UNKNOWN),
    forcedBalancedAccuracy: confusionOf(forced, faults, UNKNOWN).balancedAccuracy,
    unknownRate: unknownShare(known),
    novel: { n: novel.length, unknownRate: unknownShare(novel) },
  };
};

export const conformalFigures = (manifest: Manifest, cases: readonly NamedCase[]): ConformalFigures | null => {
  const [equipment, faults] = [manifest.equipment, knownFaults(manifest)];
  const sets = cases.flatMap(({ equipment: unit, fault, verdict }) =>
    verdict.set === undefined || !faults.includes(fault) || (equipment.length > 0 && !equipment.includes(unit))
      ? []
      : [{ unit, fault, set: verdict.set }],
  );
  if (sets.length === 0) return null;
  const holds = sets.filter(({ unit, fault, set }) =>
    set.some((item) => item.fault === fault && (equipment.length === 0 || item.equipment === unit)),
  );
  return {
    n: sets.length,
    coverage: holds.length / sets.length,
    meanSize: sets.reduce((sum, { set }) => sum + set.length, 0) / sets.length,
  };
};

export const overAllWindows = (manifest: Manifest, cases: readonly NamedCase[]): AllWindows => {
  const { peepholeBalancedAccuracy: _, ...isolation } = isolate(manifest, cases);
  const { forcedBalancedAccuracy: __, unknownRate: ___, novel: ____, ...identification } = identify(manifest, cases);
  return { isolation, identification };
};

/** Of verdicts that name a fault: an abstention claims nothing about it. */
export const calibrate = (manifest: Manifest, cases: readonly NamedCase[]): Calibration => {
  const faults = knownFaults(manifest);
  const isJudged = ({ equipment, fault, verdict }: NamedCase): boolean =>
    verdict.fault !== UNKNOWN &&
    faults.includes(fault) &&
    (manifest.equipment.length === 0 || manifest.equipment.includes(equipment));
  const isRight = ({ equipment, fault, verdict }: NamedCase): boolean =>
    verdict.fault === fault && (manifest.equipment.length === 0 || verdict.equipment === equipment);
  return calibrationOf(
    cases.filter(isJudged).map((item) => ({ confidence: item.verdict.confidence, isRight: isRight(item) })),
  );
};
