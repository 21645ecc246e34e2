/**
 * What is wrong between rules that are each right. Two of them can hold together and command opposite things. A rule may never
 * act, because another always goes first or mutes it. Reasons on `constraints.ts`; what it cannot tell it does not report.
 */
import type { MissionCommand } from '../../domain/commands';
import { fillArguments } from '../../domain/placeholders';
import type { ActionStep, EventAction } from '../../domain/rules';
import { canCoincide, implies } from '../conditions/constraints';
import type { CompiledRule, RuleProgram } from './rule-program';

export interface RuleFinding {
  readonly rule: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Rules that take part at all. */
const isOn = ({ rule: { state } }: CompiledRule): boolean => state === 'active' || state === 'passive';

const inhibitsOther = (program: RuleProgram, by: EventAction, rule: EventAction): boolean =>
  program.inhibitions.some(({ id, ids }) => id === by.id && ids.has(rule.id));

/** The equipment both are about, when there is one for which both can hold. */
const commonEquipment = (a: CompiledRule, b: CompiledRule): string | undefined =>
  a.variants.find((own) =>
    b.variants.some((other) => other.equipment === own.equipment && canCoincide(own.disjuncts, other.disjuncts)),
  )?.equipment;

/** A command sent twice with different arguments contradicts itself when it is about the same equipment. */
const contradicts = (a: ActionStep, b: ActionStep, equipment: string, command: MissionCommand | undefined): boolean => {
  const fill = { equipment, fault: '', spacecraft: '' };
  const [own, other] = [fillArguments(a.arguments, fill), fillArguments(b.arguments, fill)];
  const isEquipment = (key: string): boolean => command?.arguments[key]?.type === 'equipment';
  const keys = Object.keys(own).filter((key) => key in other);
  const isSame = keys.filter(isEquipment).every((key) => own[key] === other[key]);
  return isSame && keys.some(isEquipment) && keys.some((key) => !isEquipment(key) && own[key] !== other[key]);
};

const opposition = (
  a: ActionStep,
  b: ActionStep,
  equipment: string,
  commands: ReadonlyMap<string, MissionCommand>,
): string | undefined => {
  const [own, other] = [commands.get(a.command), commands.get(b.command)];
  if (own?.opposes.includes(b.command) === true || other?.opposes.includes(a.command) === true) {
    return `${a.command} and ${b.command} are opposites`;
  }
  if (a.command === b.command && contradicts(a, b, equipment, own)) return `${a.command} with different arguments`;
  return undefined;
};

/** Pairs that can hold together for one equipment and command opposite things; reported at the later one. */
export const findOpposites = (program: RuleProgram, commands: readonly MissionCommand[]): readonly RuleFinding[] => {
  const byName = new Map(commands.map((command) => [command.name, command]));
  const rules = program.rules.filter(isOn);
  return rules.flatMap((b, index) =>
    rules.slice(0, index).flatMap((a): RuleFinding[] => {
      if (a.rule.event !== b.rule.event) return [];
      // One that mutes the other has settled which of them speaks.
      if (inhibitsOther(program, a.rule, b.rule) || inhibitsOther(program, b.rule, a.rule)) return [];
      const pairs = a.rule.steps.flatMap((own) => b.rule.steps.map((other) => [own, other] as const));
      const equipment = commonEquipment(a, b);
      if (equipment === undefined) return [];
      const found = pairs
        .map(([own, other]) => opposition(own, other, equipment, byName))
        .find((text) => text !== undefined);
      if (found === undefined) return [];
      const message = `commands the opposite of rule "${a.rule.id}" for ${equipment}, and both can hold at once: ${found}`;
      return [{ rule: b.rule.id, path: ['when'], message }];
    }),
  );
};

const isBefore = (program: RuleProgram, a: CompiledRule, b: CompiledRule): boolean =>
  a.rule.priority > b.rule.priority ||
  (a.rule.priority === b.rule.priority && program.rules.indexOf(a) < program.rules.indexOf(b));

/** `a` holds whenever `b` does, for every equipment, and not later. */
const covers = (a: CompiledRule, b: CompiledRule): boolean =>
  a.rule.event === b.rule.event &&
  a.rule.repetition <= b.rule.repetition &&
  b.variants.length > 0 &&
  b.variants.every((own) => {
    const other = a.variants.find(({ equipment }) => equipment === own.equipment);
    return other !== undefined && implies(own.disjuncts, other.disjuncts);
  });

/** `b` also holds whenever `a` does: neither waits for anything more than the other. */
const isTwin = (a: CompiledRule, b: CompiledRule): boolean => covers(a, b) && covers(b, a);

/** Rules that never get to act: muted whenever they hold, or always behind a twin that takes the equipment first. */
export const findUnreachable = (program: RuleProgram): readonly RuleFinding[] => {
  const rules = program.rules.filter(isOn);
  return rules.flatMap((b): RuleFinding[] => {
    const muting = rules.find(
      (a) => a !== b && a.rule.state === 'active' && inhibitsOther(program, a.rule, b.rule) && covers(a, b),
    );
    if (muting !== undefined) {
      return [
        {
          rule: b.rule.id,
          path: ['when'],
          message: `is never reached: rule "${muting.rule.id}" mutes it whenever it holds`,
        },
      ];
    }
    const twin = rules.find((a) => a !== b && isBefore(program, a, b) && a.rule.state === b.rule.state && isTwin(a, b));
    if (twin === undefined) return [];
    const message = `is never reached: rule "${twin.rule.id}" holds exactly when it does and goes first`;
    return [{ rule: b.rule.id, path: ['when'], message }];
  });
};

/** Steps that come after one whose outcome nobody looks at. */
export const findUnreachableSteps = (
  program: RuleProgram,
  commands: readonly MissionCommand[],
): readonly RuleFinding[] =>
  program.rules.flatMap(({ rule }) =>
    rule.steps.slice(0, -1).flatMap((step, index): RuleFinding[] => {
      const isSilent = commands.find(({ name }) => name === step.command)?.acknowledgement === 'none';
      if (step.verify !== undefined || !isSilent) return [];
      const message = `is never reached: ${step.command} before it has no "verify" and no acknowledgement that could fail`;
      return [{ rule: rule.id, path: ['steps', index + 1], message }];
    }),
  );

/** Automatic rules about verdicts that act on board and have no floor under their confidence. */
export const findUngated = ({ rules }: RuleProgram): readonly RuleFinding[] =>
  rules.flatMap(({ rule }): RuleFinding[] => {
    const { authority, confidenceFloor, event, level, ladderKey } = rule;
    // Rules in the older form gate themselves by a condition on confidence; level 5 asks people and touches nothing.
    if (ladderKey !== undefined || authority !== 'automatic' || event !== 'anomaly' || level === 5) return [];
    if (confidenceFloor === undefined) {
      return [{ rule: rule.id, path: ['authority'], message: 'is automatic and has no "confidenceFloor"' }];
    }
    return [];
  });
