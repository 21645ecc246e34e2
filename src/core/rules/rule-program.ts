/** Rules ready to be evaluated: parsed, checked and indexed once, at load. Built by `config/compile-rules.ts`. */
import type { EventAction, RuleEvent } from '../../domain/rules';
import type { Condition } from '../conditions/condition';
import type { Disjunct } from '../conditions/constraints';
import { textsOf } from '../conditions/constraints';
import type { Subject } from './instant';
import type { MonitoringPlan } from '../monitoring/plan';
import type { CompiledRules, StepConditions } from './rule-match';

export interface CompiledRule {
  readonly rule: EventAction;
  /** Its condition for an event about this equipment; undefined when it can never hold for it. */
  conditionFor(equipment: string): Condition | undefined;
  /** Equipments an event it holds for can be about, and the ways in which it can hold for each. */
  readonly variants: readonly { readonly equipment: string; readonly disjuncts: readonly Disjunct[] }[];
  /** The ways in which it can hold for any of them. */
  readonly disjuncts: readonly Disjunct[];
  /** The ladder for one equipment. */
  stepsFor(equipment: string): readonly StepConditions[];
  /** Evidence against another equipment does not count for this one: condition or arguments name the equipment. */
  readonly isPerEquipment: boolean;
}

/** While the rule or monitor `id` is active, events of these rules and monitors, and those about these equipments, are muted. */
export interface Inhibition {
  readonly id: string;
  readonly kind: 'rule' | 'monitor';
  readonly ids: ReadonlySet<string>;
  readonly equipments: ReadonlySet<string>;
  readonly holdMs: number;
}

export interface RuleProgram extends CompiledRules {
  readonly sha256: string;
  /** In file order. */
  readonly rules: readonly CompiledRule[];
  readonly inhibitions: readonly Inhibition[];
  readonly monitoring: MonitoringPlan;
  rule(id: string): EventAction | undefined;
  /** The rules that can hold for a subject, by what their conditions say of its equipment, fault and monitor. */
  candidates(subject: Subject): readonly CompiledRule[];
}

/** The paths rules are indexed by. */
const KEYS: Readonly<Record<RuleEvent, readonly string[]>> = {
  anomaly: ['anomaly.equipment', 'anomaly.fault'],
  check: ['check.monitor', 'check.parameter'],
  monitor: ['monitor.id'],
  model: ['model.state'],
  report: ['report.name', 'report.severity'],
};

const keysOf = ({ facts }: Subject): readonly string[] => {
  switch (facts.event) {
    case 'anomaly':
      return [facts.anomaly.equipment, facts.anomaly.fault];
    case 'check':
      return [facts.check.monitor, facts.check.parameter];
    case 'monitor':
      return [facts.monitor.id];
    case 'model':
      return [facts.model.state];
    case 'report':
      return [facts.report.name, facts.report.severity];
  }
};

/** Equipments times faults, monitors times parameters; beyond that, names come from outside and are not worth keeping. */
const MAX_INDEXED = 20_000;

/** Finds candidates, each combination of names worked out once. */
export const indexRules = (rules: readonly CompiledRule[]): RuleProgram['candidates'] => {
  const selectors = rules.map((compiled) => ({
    compiled,
    texts: KEYS[compiled.rule.event].map((path) => {
      const texts = textsOf(compiled.disjuncts, path);
      return texts && new Set(texts);
    }),
  }));
  const known = new Map<string, readonly CompiledRule[]>();
  return (subject) => {
    const keys = keysOf(subject);
    const { event } = subject.facts;
    const name = `${event}\n${keys.join('\n')}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const candidates = selectors
      .filter(
        ({ compiled, texts }) =>
          compiled.rule.event === event && texts.every((set, at) => set?.has(keys[at] ?? '') ?? true),
      )
      .map(({ compiled }) => compiled);
    if (known.size < MAX_INDEXED) known.set(name, candidates);
    return candidates;
  };
};
