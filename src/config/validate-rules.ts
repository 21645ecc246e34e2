/** Everything that can be told of rules before they run, in one go: what `fdir rules check` and the daemon's start ask. */
import { commandProblems } from '../core/rules/check-commands';
import { findOpposites, findUngated, findUnreachable, findUnreachableSteps } from '../core/rules/rule-analysis';
import { textsOf } from '../core/conditions/constraints';
import type { RuleProgram } from '../core/rules/rule-program';
import type { Problem } from '../domain/errors';
import { UNKNOWN } from '../domain/explanation';
import { equipmentIds, type Mission } from '../domain/mission';
import type { RuleSet } from '../domain/rules';
import { compileRules, type CompiledRuleSet } from './compile-rules';
import { checkRules, problemAt, stepPath } from './load-rules';

/** Commands, arguments and placeholders of every rule, for every equipment and fault it can fire for. */
const checkCommands = (
  program: RuleProgram,
  rules: RuleSet,
  mission: Mission,
  faults: readonly string[],
): Problem[] => {
  const { commands, spacecraft } = mission;
  if (commands === undefined) return [];
  const equipments = equipmentIds(mission);
  return program.rules.flatMap(({ rule, variants }) => {
    const fills = variants.flatMap(({ equipment, disjuncts }) =>
      (rule.event === 'anomaly' ? (textsOf(disjuncts, 'anomaly.fault') ?? faults) : [UNKNOWN]).map((fault) => ({
        equipment,
        fault,
        spacecraft,
      })),
    );
    return rule.steps.flatMap((step, index) =>
      commandProblems(step, commands, equipments, fills).map(({ path, message }) =>
        problemAt({ rules, what: 'rule', id: rule.id, path: [...stepPath(rule, index), ...path], message }),
      ),
    );
  });
};

const inFileOrder = (a: Problem, b: Problem): number =>
  a.file === b.file ? (a.line ?? 0) - (b.line ?? 0) : (a.file ?? '') < (b.file ?? '') ? -1 : 1;

/** @param classes fault classes of the model package; without one those of the mission are known. */
export const validateRules = (rules: RuleSet, mission: Mission, classes: readonly string[] = []): CompiledRuleSet => {
  const named = checkRules(rules, mission, classes);
  const told = new Set(
    rules.eventActions.flatMap(({ id }) =>
      named.some(({ message }) => message.startsWith(`rule "${id}":`)) ? [id] : [],
    ),
  );
  const { program, problems } = compileRules(rules, mission, classes, told);
  const faults = [...new Set([...(mission.faults ?? []).map(({ id }) => id), ...classes, UNKNOWN])];
  const commands = mission.commands ?? [];
  const findings = [
    ...findOpposites(program, commands),
    ...findUnreachable(program),
    ...findUnreachableSteps(program, commands),
    ...findUngated(program),
  ].map(({ rule, path, message }) => problemAt({ rules, what: 'rule', id: rule, path, message }));
  const all = [...named, ...problems, ...checkCommands(program, rules, mission, faults), ...findings];
  return { program, problems: all.sort(inFileOrder) };
};
