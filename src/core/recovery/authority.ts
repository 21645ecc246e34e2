/**
 * Who decides this time: the rule's authority, lowered by everything that speaks against acting. The ladder is observe, advise,
 * confirm, automatic; nothing here ever raises it.
 */
import { UNKNOWN } from '../../domain/explanation';
import type { Grant } from '../../domain/recovery';
import {
  actionStates,
  authorities,
  type ActionState,
  type Authority,
  type EquipmentHealth,
  type RuleState,
} from '../../domain/rules';

/** A command that can harm goes out on a verdict at least this sure; below, a person is asked. One wrong in ten is too many. */
export const HAZARDOUS_CONFIDENCE = 0.9;
/** From this level on the recovery takes the unit out, which is what a faulty one needs; below, it would be tried again. */
const RECONFIGURATION_LEVEL = 4;
const GROUND_LEVEL = 5;

export interface AuthorityCase {
  readonly authority: Authority;
  readonly level: number;
  readonly confidenceFloor: number | undefined;
  /** The event is a verdict; other events know what they are about. */
  readonly isVerdict: boolean;
  readonly equipment: string;
  readonly fault: string;
  readonly confidence: number;
  /** Of the rule and of the function; neither is `disabled` or `off`. */
  readonly ruleState: RuleState;
  readonly mode: ActionState;
  readonly health: EquipmentHealth;
  readonly isSpent: boolean;
  readonly isBudgetUsed: boolean;
  readonly isHazardous: boolean;
}

interface Objection {
  readonly most: Authority;
  readonly reason: string;
}

/** The weaker of two action states; `off` is weaker than all. */
export const weaker = (one: RuleState, other: RuleState): RuleState => {
  const rank = (state: RuleState): number => (state === 'off' ? actionStates.length : actionStates.indexOf(state));
  return rank(one) >= rank(other) ? one : other;
};

const percent = (share: number): string => `${String(Math.round(share * 100))} %`;

const healthObjection = ({ health, level, equipment }: AuthorityCase): Objection | undefined => {
  switch (health) {
    case 'healthy':
    case 'needsRecovery':
      return undefined;
    case 'faulty':
      return level >= RECONFIGURATION_LEVEL ? undefined : { most: 'advise', reason: `${equipment} is declared faulty` };
    case 'permanentlyFaulty':
      return { most: 'advise', reason: `${equipment} is permanently faulty` };
    case 'externalControl':
      return { most: 'advise', reason: `${equipment} is under external control` };
  }
};

/** Only an automatic rule is bound by the floor: with `confirm` a person sees the confidence. */
const confidenceObjection = (item: AuthorityCase): Objection | undefined => {
  const { authority, isVerdict, confidenceFloor: floor, confidence, equipment, fault, level, isHazardous } = item;
  if (authority !== 'automatic' || !isVerdict) return undefined;
  const isUnknown = equipment === UNKNOWN || fault === UNKNOWN;
  // Calling the ground is what an unknown fault asks for: without a floor a rule of level 5 may.
  if (isUnknown && (floor !== undefined || level < GROUND_LEVEL))
    return { most: 'advise', reason: 'the verdict is unknown' };
  if (floor !== undefined && confidence < floor)
    return {
      most: 'advise',
      reason: `the confidence of ${percent(confidence)} is below the floor of ${percent(floor)}`,
    };
  return isHazardous && confidence < HAZARDOUS_CONFIDENCE
    ? { most: 'confirm', reason: `the command is hazardous and the confidence only ${percent(confidence)}` }
    : undefined;
};

const objections = (item: AuthorityCase): readonly (Objection | undefined)[] => [
  item.mode === 'active' ? undefined : { most: 'observe', reason: `the daemon is ${item.mode}` },
  item.ruleState === 'active' ? undefined : { most: 'observe', reason: `the rule is ${item.ruleState}` },
  item.isSpent ? { most: 'observe', reason: 'the rule fired before and was not re-armed' } : undefined,
  healthObjection(item),
  item.isBudgetUsed ? { most: 'advise', reason: 'the attempts of the rule are used up' } : undefined,
  confidenceObjection(item),
];

/** The first of the gravest objections is the reason. */
export const grantAuthority = (item: AuthorityCase): Grant => {
  const rank = (authority: Authority): number => authorities.indexOf(authority);
  return objections(item)
    .filter((objection) => objection !== undefined)
    .reduce<Grant>(
      (grant, { most, reason }) => (rank(most) < rank(grant.granted) ? { ...grant, granted: most, reason } : grant),
      { asked: item.authority, granted: item.authority, reason: `the rule's authority is ${item.authority}` },
    );
};
