/**
 * What the parts of a rule set are compiled with: the mission, the compiler of conditions, and one list of problems.
 *
 * `${equipment}` in a condition is replaced before the condition is read, once for each equipment. Every variant is
 * type-checked at load, and nothing can be injected.
 */
import type { Condition } from '../core/conditions/condition';
import type { Problem } from '../domain/errors';
import { UNKNOWN } from '../domain/explanation';
import { equipmentIds, type Mission } from '../domain/mission';
import type { FunctionalMonitor, Monitor } from '../domain/monitors';
import type { RuleEvent, RuleSet } from '../domain/rules';
import { conditionCompiler, type Compiler } from './compile-condition';
import { problemAt } from './load-rules';
import { vocabularyOf, type Vocabulary } from './vocabulary';

export type ReportProblem = (path: readonly (string | number)[], message: string) => void;

export class RuleScope {
  readonly problems: Problem[] = [];
  readonly compiler: Compiler;
  readonly vocabulary: Vocabulary;
  /** Those of the mission, and `unknown`. */
  readonly equipments: readonly string[];

  constructor(
    readonly rules: RuleSet,
    readonly mission: Mission,
    classes: readonly string[],
  ) {
    this.vocabulary = vocabularyOf(mission, rules, classes);
    this.compiler = conditionCompiler(this.vocabulary);
    this.equipments = [...equipmentIds(mission), UNKNOWN];
  }

  /** Equipment of a monitor, `unknown` when it belongs to none. */
  equipmentOf(definition: Monitor | FunctionalMonitor): string {
    const parameter = 'parameter' in definition ? definition.parameter : undefined;
    return definition.equipment ?? this.mission.parameters.find(({ id }) => id === parameter)?.equipment ?? UNKNOWN;
  }

  reporter(what: string, id: string): ReportProblem {
    const told = new Set<string>();
    return (path, message) => {
      // What is wrong for one equipment is mostly wrong for all of them.
      const key = `${path.join('.')} ${message}`;
      if (!told.has(key)) this.problems.push(problemAt({ rules: this.rules, what, id, path, message }));
      told.add(key);
    };
  }

  condition(text: string, event: RuleEvent | undefined, path: readonly (string | number)[], report: ReportProblem) {
    const compiled = this.compiler.compile(text, event);
    for (const problem of compiled.problems) report(path, problem);
    return compiled;
  }

  optional(text: string | undefined, path: readonly (string | number)[], report: ReportProblem): Condition | undefined {
    return text === undefined ? undefined : this.condition(text, undefined, path, report).condition;
  }
}
