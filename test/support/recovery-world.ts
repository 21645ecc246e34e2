/** Rules, matches and situations for tests of recovery: conditions are names whose truth the test chooses. */
import type { Condition } from '../../src/core/conditions/condition';
import type { SupervisorEnv } from '../../src/core/recovery/supervisor-change';
import type { RuleMatch } from '../../src/core/rules/rule-match';
import { commandSchema } from '../../src/domain/commands';
import type { Situation } from '../../src/domain/facts';
import { rulesFileSchema, type ActionState, type EventAction } from '../../src/domain/rules';
import type { Truth } from '../../src/domain/truth';
import { T0 } from './tiny-mission';

/** A rule as it would be written; what is left out is the plainest. */
export const ruleOf = (text: Record<string, unknown> = {}): EventAction => {
  const [rule] = rulesFileSchema.parse({
    eventActions: [
      {
        id: 'spare-wheel',
        title: 'Spare the wheel',
        level: 2,
        when: 'true',
        authority: 'automatic',
        steps: [{ command: 'LIMIT_WHEEL_SPEED', arguments: { wheel: '${equipment}' } }],
        because: 'It spares the bearing.',
        ...text,
      },
    ],
  }).eventActions;
  if (rule === undefined) throw new Error('no rule');
  return rule;
};

/** Truths by condition text; one that is not there is stale. */
export type Truths = Readonly<Record<string, Truth>>;

/** Conditions read their truth from here, by their text. */
export class TruthBoard {
  truths: Truths = {};
  condition(text: string | undefined): Condition | undefined {
    if (text === undefined) return undefined;
    const judge = (): Truth => this.truths[text] ?? 'stale';
    return { text, judge, explain: () => ({ truth: judge(), trace: [] }) };
  }
}

export interface EnvChoice {
  readonly mode?: ActionState;
  readonly isAnswered?: boolean;
  readonly commands?: readonly Record<string, unknown>[];
}

export const envOf = (
  rules: readonly EventAction[],
  board: TruthBoard,
  { mode = 'active', isAnswered = true, commands = [] }: EnvChoice = {},
): SupervisorEnv => ({
  spacecraft: 'TINY-1',
  rules: new Map(rules.map((rule) => [rule.id, rule])),
  compiled: {
    stepConditions: (id, step) => {
      const found = rules.find((rule) => rule.id === id)?.steps[step];
      if (found === undefined) return undefined;
      const verify = board.condition(found.verify?.condition);
      return {
        precondition: board.condition(found.precondition),
        alreadyDone: board.condition(found.alreadyDone),
        verify: verify && { condition: verify, withinMs: found.verify?.within ?? 0 },
      };
    },
  },
  commands: new Map(commands.map((command) => commandSchema.parse(command)).map((command) => [command.name, command])),
  mode,
  isAnswered,
});

export const situationAt = (second: number): Situation => ({
  time: T0 + second * 1000,
  parameters: {},
  mode: undefined,
  health: {},
  monitors: {},
});

export const matchOf = (rule: EventAction, second: number, choice: Partial<RuleMatch> = {}): RuleMatch => {
  const equipment = choice.equipment ?? 'rw1';
  const subject = choice.subject ?? `TINY-1/anomaly/${equipment}`;
  return {
    rule,
    subject,
    equipment,
    fault: 'offset',
    confidence: 0.95,
    explanationId: subject,
    explanationRevision: 1,
    time: T0 + second * 1000,
    trace: [{ condition: 'anomaly.confidence >= 0.8', actual: 0.95, holds: true, truth: 'true' }],
    ...choice,
  };
};
