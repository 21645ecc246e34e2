/** Compiles a rule set for a mission: every condition parsed and type-checked, every monitor planned; all problems at once. */
import type { Problem } from '../domain/errors';
import { UNKNOWN } from '../domain/explanation';
import { equipmentIds, type Mission } from '../domain/mission';
import type { FunctionalMonitor, Monitor } from '../domain/monitors';
import { mentions } from '../domain/placeholders';
import type { ActionStep, EventAction, RuleEvent, RuleSet } from '../domain/rules';
import type { Condition } from '../core/condition';
import { disjunctsOf, restrict, type Disjunct } from '../core/constraints';
import type { MonitoringPlan, PlannedCase, PlannedCheck, PlannedMonitor } from '../core/monitoring/plan';
import type { StepConditions } from '../core/rule-match';
import { indexRules, type CompiledRule, type Inhibition, type RuleProgram } from '../core/rule-program';
import { conditionCompiler, type Compiler } from './compile-condition';
import { problemAt, stepPath } from './load-rules';
import { vocabularyOf, type Vocabulary } from './vocabulary';

export interface CompiledRuleSet {
  readonly program: RuleProgram;
  readonly problems: readonly Problem[];
}

type Report = (path: readonly (string | number)[], message: string) => void;

/**
 * After start-up a cause may still be counting repetitions, or be a window away, when its effects are already seen: a minute is
 * nearly a window of AURORA-1 (64 s) and no recovery on board is in such a hurry that it could not wait for it once.
 */
const DEFAULT_HOLD_MS = 60_000;

const PLACEHOLDER = /\$\{equipment\}/g;

/** The path of an event's equipment, by which a rule may restrict itself. */
const EQUIPMENT_PATH: Readonly<Record<RuleEvent, string | undefined>> = {
  anomaly: 'anomaly.equipment',
  check: 'check.equipment',
  monitor: 'monitor.equipment',
  model: undefined,
};

/** Equipment of every monitor, `unknown` when it belongs to none. */
const equipmentOfMonitor = (mission: Mission, definition: Monitor | FunctionalMonitor): string => {
  const parameter = 'parameter' in definition ? definition.parameter : undefined;
  return definition.equipment ?? mission.parameters.find(({ id }) => id === parameter)?.equipment ?? UNKNOWN;
};

class RuleCompiler {
  readonly problems: Problem[] = [];
  private readonly compiler: Compiler;
  private readonly vocabulary: Vocabulary;
  private readonly equipments: readonly string[];

  constructor(
    private readonly rules: RuleSet,
    private readonly mission: Mission,
    classes: readonly string[],
    private readonly told: ReadonlySet<string>,
  ) {
    this.vocabulary = vocabularyOf(mission, rules, classes);
    this.compiler = conditionCompiler(this.vocabulary);
    this.equipments = [...equipmentIds(mission), UNKNOWN];
  }

  compile(): RuleProgram {
    const monitoring = this.planMonitoring();
    const rules = this.rules.eventActions.map((rule) => this.compileRule(rule));
    const byId = new Map(rules.map((compiled) => [compiled.rule.id, compiled]));
    return {
      sha256: this.rules.sha256,
      rules,
      monitoring,
      inhibitions: this.inhibitions(),
      candidates: indexRules(rules),
      rule: (id) => byId.get(id)?.rule,
      stepConditions: (id, step, equipment) => byId.get(id)?.stepsFor(equipment)[step],
    };
  }

  private reporter(what: string, id: string): Report {
    const told = new Set<string>();
    return (path, message) => {
      // What is wrong for one equipment is mostly wrong for all of them.
      const key = `${path.join('.')} ${message}`;
      if (!told.has(key)) this.problems.push(problemAt(this.rules, what, id, path, message));
      told.add(key);
    };
  }

  private condition(text: string, event: RuleEvent | undefined, path: readonly (string | number)[], report: Report) {
    const compiled = this.compiler.compile(text, event);
    for (const problem of compiled.problems) report(path, problem);
    return compiled;
  }

  private optional(
    text: string | undefined,
    path: readonly (string | number)[],
    report: Report,
  ): Condition | undefined {
    return text === undefined ? undefined : this.condition(text, undefined, path, report).condition;
  }

  private planMonitoring(): MonitoringPlan {
    const monitors = this.rules.monitors.map((definition) => this.planMonitor(definition));
    const functional = this.rules.functionalMonitors.map((definition) => {
      const report = this.reporter('monitor', definition.id);
      definition.members.forEach((id, index) => {
        if (!this.rules.monitors.some((item) => item.id === id))
          report(['members', index], `no monitor is called "${id}"`);
      });
      this.checkEquipment(definition, report);
      return {
        id: definition.id,
        equipment: equipmentOfMonitor(this.mission, definition),
        severity: definition.severity,
        validity: this.optional(definition.validity, ['validity'], report),
        repetition: definition.repetition,
        definition,
        members: definition.members,
        atLeast: definition.atLeast,
      };
    });
    return {
      monitors: monitors.filter(({ definition }) => definition.enabled),
      functional: functional.filter(({ definition }) => definition.enabled),
    };
  }

  private checkEquipment({ equipment }: Monitor | FunctionalMonitor, report: Report): void {
    if (equipment === undefined || this.equipments.includes(equipment)) return;
    report(['equipment'], `no equipment is called "${equipment}" (there are ${this.equipments.join(', ')})`);
  }

  private planMonitor(definition: Monitor): PlannedMonitor {
    const { id, parameter, severity, repetition, check } = definition;
    const report = this.reporter('monitor', id);
    const row = this.mission.parameters.findIndex((item) => item.id === parameter);
    if (parameter !== undefined && row < 0) report(['parameter'], `no parameter is called "${parameter}"`);
    this.checkEquipment(definition, report);
    const [validLow, validHigh] = this.mission.parameters[row]?.valid ?? [-Infinity, Infinity];
    return {
      id,
      equipment: equipmentOfMonitor(this.mission, definition),
      severity,
      validity: this.optional(definition.validity, ['validity'], report),
      repetition,
      definition,
      parameter: parameter ?? '',
      row,
      validLow,
      validHigh,
      check: this.planCheck(check, report),
    };
  }

  private planCheck(check: Monitor['check'], report: Report): PlannedCheck {
    const key = check.kind === 'limit' ? 'limits' : check.kind;
    const cases = <D extends { readonly mode?: readonly string[] | undefined; readonly when?: string | undefined }>(
      definitions: readonly D[],
    ): PlannedCase<D>[] => {
      const always = definitions.findIndex(({ mode, when }) => mode === undefined && when === undefined);
      return definitions.map((definition, index) => {
        const known = this.mission.modes?.names;
        for (const mode of definition.mode ?? []) {
          if (known?.includes(mode) === false)
            report([key, index, 'mode'], `no mode is called "${mode}" (there are ${known.join(', ')})`);
        }
        if (always >= 0 && index > always) report([key, index], 'is never tried: a case before it always applies');
        return {
          modes: definition.mode,
          when: this.optional(definition.when, [key, index, 'when'], report),
          definition,
        };
      });
    };
    switch (check.kind) {
      case 'limit':
        return { kind: 'limit', cases: cases(check.cases) };
      case 'expected':
        return { kind: 'expected', cases: cases(check.cases) };
      case 'delta':
        return { kind: 'delta', cases: cases(check.cases) };
      case 'score':
        return { kind: 'score', cases: cases(check.cases) };
    }
  }

  /** The equipments an event of this rule can be about, each with its condition and the ways in which that can hold. */
  private variants(rule: EventAction, report: Report) {
    const isTemplate = rule.when.includes('${equipment}');
    const whole = isTemplate ? undefined : this.condition(rule.when, rule.event, ['when'], report);
    return this.candidates(rule).flatMap((equipment) => {
      const text = rule.when.replace(PLACEHOLDER, equipment);
      const compiled = whole ?? this.compiler.compile(text, rule.event);
      const disjuncts = this.restricted(rule, disjunctsOf(compiled.expression, this.vocabulary), equipment);
      // `${equipment}` may make no sense for one that the rule leaves out elsewhere.
      if (disjuncts.length === 0) return [];
      if (isTemplate) for (const problem of compiled.problems) report(['when'], `for ${equipment}: ${problem}`);
      return [{ equipment, condition: compiled.condition, disjuncts }];
    });
  }

  private candidates({ event }: EventAction): readonly string[] {
    if (event === 'model') return [UNKNOWN];
    const of = (definitions: readonly (Monitor | FunctionalMonitor)[]) => [
      ...new Set(definitions.map((definition) => equipmentOfMonitor(this.mission, definition))),
    ];
    return event === 'monitor' ? of(this.rules.functionalMonitors) : this.equipments;
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
      definitions
        .filter((item) => item.enabled && equipmentOfMonitor(this.mission, item) === equipment)
        .map(({ id }) => id);
    if (event === 'monitor') return restrict(disjuncts, 'monitor.id', of(this.rules.functionalMonitors));
    return event === 'check' ? restrict(disjuncts, 'check.monitor', [...of(this.rules.monitors), '']) : disjuncts;
  }

  private compileRule(rule: EventAction): CompiledRule {
    const tell = this.reporter('rule', rule.id);
    // A condition that was written as a map has been checked as one, with better lines.
    const isTold = rule.match !== undefined && this.told.has(rule.id);
    const report: Report = (path, message) => {
      if (!isTold || path[0] !== 'when') tell(path, message);
    };
    const before = this.problems.length;
    const variants = this.variants(rule, report);
    if (variants.length === 0 && this.problems.length === before)
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

  private compileSteps(rule: EventAction, equipment: string, report: Report): readonly StepConditions[] {
    return rule.steps.map((step: ActionStep, index) => {
      const filled = (text: string | undefined, key: string): Condition | undefined =>
        this.optional(text?.replace(PLACEHOLDER, equipment), [...stepPath(rule, index), key], report);
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

  private inhibitions(): readonly Inhibition[] {
    const { eventActions, monitors, functionalMonitors } = this.rules;
    const ids = new Set([...eventActions, ...monitors, ...functionalMonitors].map(({ id }) => id));
    const make = (
      kind: Inhibition['kind'],
      { id, inhibits, hold }: EventAction | Monitor | FunctionalMonitor,
    ): Inhibition[] => {
      const report = this.reporter(kind, id);
      inhibits.forEach((name, index) => {
        if (name === id) report(['inhibits', index], 'cannot inhibit itself');
        else if (!ids.has(name) && !this.equipments.includes(name)) {
          report(['inhibits', index], `no rule, monitor or equipment is called "${name}"`);
        }
      });
      if (inhibits.length === 0) return [];
      const equipments = new Set(inhibits.filter((name) => this.equipments.includes(name)));
      return [
        {
          id,
          kind,
          ids: new Set(inhibits.filter((name) => ids.has(name))),
          equipments,
          holdMs: hold ?? DEFAULT_HOLD_MS,
        },
      ];
    };
    return [
      ...eventActions.flatMap((rule) => make('rule', rule)),
      ...[...monitors, ...functionalMonitors].flatMap((definition) =>
        definition.enabled ? make('monitor', definition) : [],
      ),
    ];
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
  const compiler = new RuleCompiler(rules, mission, classes, told);
  const program = compiler.compile();
  return { program, problems: compiler.problems };
};
