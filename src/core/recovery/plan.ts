/** A rule's ladder filled in for one event: every step as the request it would be. */
import type { RecoveryRequest } from '../../domain/events';
import { fillArguments } from '../../domain/placeholders';
import type { MissionCommand } from '../../domain/commands';
import type { PlannedStep } from '../../domain/recovery';
import { isoTime } from '../../domain/units';
import type { RuleMatch } from '../rules/rule-match';

export interface PlanContext {
  readonly spacecraft: string;
  readonly commands: ReadonlyMap<string, MissionCommand>;
}

/**
 * Deterministic: the same event and rule give the same id after a restart or in a replay, so a repeat is recognised. The id is one
 * level of the acknowledgement's topic: no slashes, and nothing MQTT reads as a wildcard.
 */
export const recoveryId = (subject: string, rule: string): string => `${subject.replace(/[/+#\s]/g, '.')}.${rule}`;

/** The id of a step's request; the first one's is the recovery's. */
export const requestId = (recovery: string, step: number): string =>
  step === 0 ? recovery : `${recovery}.step-${String(step + 1)}`;

/** A request made at `time`. */
export const stampRequest = (planned: PlannedStep, time: number): PlannedStep => ({
  ...planned,
  request: { ...planned.request, time: isoTime(time), expiry: isoTime(time + planned.expiryMs) },
});

export const planSteps = ({ spacecraft, commands }: PlanContext, match: RuleMatch, id: string): PlannedStep[] => {
  const { rule, equipment, fault, time } = match;
  return rule.steps.map((step, index) => {
    const request: RecoveryRequest = {
      schemaVersion: 1,
      id: requestId(id, index),
      rule: rule.id,
      level: rule.level,
      spacecraft,
      time: isoTime(time),
      command: step.command,
      arguments: fillArguments(step.arguments, { equipment, fault, spacecraft }),
      expiry: isoTime(time + step.expiry),
      explanationId: match.explanationId,
      explanationRevision: match.explanationRevision,
      disposition: 'passive',
      trace: match.trace.map((item) => ({ ...item })),
      because: rule.because,
    };
    return {
      request,
      expiryMs: step.expiry,
      acknowledgement: commands.get(step.command)?.acknowledgement ?? 'expected',
      verifyWithinMs: step.verify?.within ?? null,
    };
  });
};
