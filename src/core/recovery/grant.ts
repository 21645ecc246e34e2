/** Everything that gives or withholds the authority for a step, gathered from the state as it stands at this moment. */
import type { Recovery } from '../../domain/recovery';
import type { EventAction } from '../../domain/rules';
import { grantAuthority, type AuthorityCase } from './authority';
import { modeOf, ruleStateOf, type SupervisorChange } from './supervisor-change';

/** What the step does, and how much of the rule is used up. */
export interface StepCase extends Pick<AuthorityCase, 'isSpent' | 'isBudgetUsed'> {
  readonly command: string;
}

/** The authority of a rule for one step of its ladder, on what a match or a recovery of it is about. */
export const grantStep = (
  draft: SupervisorChange,
  rule: EventAction,
  { equipment, fault, confidence }: Pick<Recovery, 'equipment' | 'fault' | 'confidence'>,
  { command, isSpent, isBudgetUsed }: StepCase,
): Recovery['grant'] =>
  grantAuthority({
    authority: rule.authority,
    level: rule.level,
    confidenceFloor: rule.confidenceFloor,
    isVerdict: rule.event === 'anomaly',
    equipment,
    fault,
    confidence,
    ruleState: ruleStateOf(rule, draft.current),
    mode: modeOf(draft.env, draft.current),
    health: draft.equipment(equipment).health,
    isSpent,
    isBudgetUsed,
    isHazardous: draft.env.commands.get(command)?.hazardous ?? false,
  });
