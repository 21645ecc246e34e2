/** Compiles a rule set for a mission: every condition parsed and type-checked, every monitor planned; all problems at once. */
import type { Problem } from '../domain/errors';
import { UNKNOWN } from '../domain/explanation';
import type { Mission } from '../domain/mission';
import type { FunctionalMonitor, Monitor } from '../domain/monitors';
import { mentions } from '../domain/placeholders';
import type { ActionStep, EventAction, RuleEvent, RuleSet } from '../domain/rules';
import type { Condition } from '../core/conditions/condition';
import { disjunctsOf, restrict, type Disjunct } from '../core/conditions/constraints';
import type { StepConditions } from '../core/rules/rule-match';
import { indexRules, type CompiledRule, type RuleProgram } from '../core/rules/rule-program';
import { stepPath } from './load-rules';
import { planInhibitions } from './plan-inhibitions';
import { planMonitoring } from './plan-monitoring';
import { RuleScope, type ReportProblem } from './rule-scope';

export interface CompiledRuleSet {
  readonly program: RuleProgram;
  readonly problems: readonly Problem[];
}

const PLACEHOLDER = /\$\{equipment\}/g;

/** The path of an event's equipment, by which a rule may restrict itself. */
const EQUIPMENT_PATH: Readonly<Record<RuleEvent, string | undefined>> = {
  anomaly: 'anomaly.equipment',
  check: 'check.equipment',
  monitor: 'monitor.equipment',
  model: undefined,
  report: 'report.equipment',
};

class RuleCompiler {
  constructor(
    private readonly scope: RuleScope,
    private readonly told: ReadonlySet<string>,
  ) {}

  compile(): RuleProgram {
    const monitoring = planMonitoring(this.scope);
    const rules = this.scope.rules.eventActions.map((rule) => this.compileRule(rule));
    const byId = new Map(rules.map((compiled) => [compiled.rule.id, compiled]));
    return {
      sha256: this.scope.rules.sha256,
      rules,
      monitoring,
      inhibitions: planInhibitions(this.scope),
      candidates: indexRules(rules),
      rule: (id) => byId.get(id)?.rule,
      stepConditions: (id, step, equipment) => byId.get(id)?.stepsFor(equipment)[step],
    };
  }

  /** The equipments an event of this rule can be about, each with its condition and the ways in which that can hold. */
  private variants(rule: EventAction, report: ReportProblem) {
    const isTemplate = rule.when.includes('${equipment}');
    const whole = isTemplate ? undefined : this.scope.condition(rule.when, rule.event, ['when'], report);
    return this.candidates(rule).flatMap((equipment) => {
      const text = rule.when.replace(PLACEHOLDER, equipment);
      const compiled = whole ?? this.scope.compiler.compile(text, rule.event);
      const disjuncts = this.restricted(rule, disjunctsOf(compiled.expression, this.scope.vocabulary), equipment);
      // `${equipment}` may make no sense for one that the rule leaves out elsewhere.
      if (disjuncts.length === 0) return [];
      if (isTemplate) for (const problem of compiled.problems) report(['when'], `for ${equipment}: ${problem}`);
      return [{ equipment, condition: compiled.condition, disjuncts }];
    });
  }

  private candidates({ event }: EventAction): readonly string[] {
    if (event === 'model') return [UNKNOWN];
    const of = (definitions: readonly (Monitor | FunctionalMonitor)[]) => [
      ...new Set(definitions.map((definition) => this.scope.equipmentOf(definition))),
    ];
    return event === 'monitor' ? of(this.scope.rules.functionalMonitors) : this.scope.equipments;
  }

  private restricted(rule: EventAction, disjuncts: readonly Disjunct[], equipment: string): readonly Disjunct[] {
    const path = EQUIPMENT_PATH[rule.event];
    const own = path === undefined ? disjuncts : restrict(disjuncts, path, [equipment]);
    if (rule.event !== 'anomaly') return this.restrictedByMonitor(rule, own, equipment);
    const states = rule.on.includes('closed') ? (rule.on.length === 1 ? ['closed'] : ['open', 'closed']) : ['open'];
    return restrict(restrict(own, 'anomaly.change', rule.on), 'anomaly.state', states);
  }

  /** A transition about an equipment comes from one of its monitors, or from a plain limit. */
  private restrictedByMonitor({ event }: EventAction, disjuncts: readonly Disjunct[], equipment: string) {
    const of = (definitions: readonly (Monitor | FunctionalMonitor)[]) =>
      definitions.filter((item) => item.enabled && this.scope.equipmentOf(item) === equipment).map(({ id }) => id);
    if (event === 'monitor') return restrict(disjuncts, 'monitor.id', of(this.scope.rules.functionalMonitors));
    return event === 'check' ? restrict(disjuncts, 'check.monitor', [...of(this.scope.rules.monitors), '']) : disjuncts;
  }

  private compileRule(rule: EventAction): CompiledRule {
    const tell = this.scope.reporter('rule', rule.id);
    // A condition that was written as a map has been checked as one, with better lines.
    const isTold = rule.match !== undefined && this.told.has(rule.id);
    const report: ReportProblem = (path, message) => {
      if (!isTold || path[0] !== 'when') tell(path, message);
    };
    const before = this.scope.problems.length;
    const variants = this.variants(rule, report);
    if (variants.length === 0 && this.scope.problems.length === before)
      report(['when'], 'can never fire: its condition can never be true');
    const conditions = new Map(variants.map(({ equipment, condition }) => [equipment, condition]));
    const steps = new Map(variants.map(({ equipment }) => [equipment, this.compileSteps(rule, equipment, report)]));
    return {
      rule,
      conditionFor: (equipment) => conditions.get(equipment),
      variants,
      disjuncts: variants.flatMap(({ disjuncts }) => disjuncts),
      stepsFor: (equipment) => steps.get(equipment) ?? [],
      isPerEquipment:
        rule.when.includes('${equipment}') || rule.steps.some((step) => mentions(step.arguments, 'equipment')),
    };
  }

  private compileSteps(rule: EventAction, equipment: string, report: ReportProblem): readonly StepConditions[] {
    return rule.steps.map((step: ActionStep, index) => {
      const filled = (text: string | undefined, key: string): Condition | undefined =>
        this.scope.optional(text?.replace(PLACEHOLDER, equipment), [...stepPath(rule, index), key], report);
      const { verify } = step;
      const precondition = filled(step.precondition, 'precondition');
      const alreadyDone = filled(step.alreadyDone, 'alreadyDone');
      const condition = filled(verify?.condition, 'verify');
      return {
        precondition,
        alreadyDone,
        verify: verify === undefined || condition === undefined ? undefined : { condition, withinMs: verify.within },
      };
    });
  }
}

/**
 * @param classes fault classes of the model package, beside those of the mission.
 * @param told rules whose condition, written as a map, has problems that were reported already.
 */
export const compileRules = (
  rules: RuleSet,
  mission: Mission,
  classes: readonly string[] = [],
  told: ReadonlySet<string> = new Set(),
): CompiledRuleSet => {
  const scope = new RuleScope(rules, mission, classes);
  const program = new RuleCompiler(scope, told).compile();
  return { program, problems: scope.problems };
};
