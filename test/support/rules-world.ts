/** Rules, monitors and a small mission for tests: written as an operator would write them, compiled as the daemon does. */
import { compileRules } from '../../src/config/compile-rules';
import { validateRules } from '../../src/config/validate-rules';
import { initialObserver, observe, type Observations, type ObserverStep } from '../../src/core/rules/observe';
import type { RuleProgram } from '../../src/core/rules/rule-program';
import { missionSchema, type Mission } from '../../src/domain/mission';
import { rulesFileSchema, type RuleSet } from '../../src/domain/rules';

export const T0 = Date.UTC(2026, 2, 1);

export const testMission = (more: Record<string, unknown> = {}): Mission =>
  missionSchema.parse({
    spacecraft: 'TEST-1',
    sampling: { period: '1s', window: 4, stride: 2 },
    faults: ['offset', 'step'],
    parameters: [
      { id: 'bus_v', equipment: 'bus', valid: [0, 50] },
      { id: 'rw1_speed', equipment: 'rw1', valid: [-100, 100] },
      { id: 'rw2_speed', equipment: 'rw2', valid: [-100, 100] },
      { id: 'rw1_mode', equipment: 'rw1' },
    ],
    commands: [
      {
        name: 'STOP_WHEEL',
        title: 'Stop',
        arguments: { wheel: { type: 'equipment', values: ['rw1', 'rw2'] } },
        opposes: ['START_WHEEL'],
      },
      { name: 'START_WHEEL', title: 'Start', arguments: { wheel: { type: 'equipment' } } },
      {
        name: 'LIMIT',
        title: 'Limit',
        arguments: { wheel: { type: 'equipment' }, rpm: { type: 'integer', range: [0, 100] } },
      },
      {
        name: 'CALL',
        title: 'Call',
        acknowledgement: 'none',
        arguments: { reason: { type: 'string', optional: true } },
      },
    ],
    ...more,
  });

/** A rule with everything that is required filled in. */
export const ruleText = (rule: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: 'rule',
  title: 'A rule',
  level: 2,
  authority: 'advise',
  ...(!('action' in rule) && { steps: [{ command: 'CALL' }] }),
  because: 'A reason.',
  ...rule,
});

export const ruleSet = (file: {
  monitors?: readonly Record<string, unknown>[];
  functionalMonitors?: readonly Record<string, unknown>[];
  eventActions?: readonly Record<string, unknown>[];
}): RuleSet => ({
  sha256: '',
  ...rulesFileSchema.parse({ ...file, eventActions: (file.eventActions ?? []).map(ruleText) }),
});

export const problemsOf = (rules: RuleSet, mission = testMission()): readonly string[] =>
  validateRules(rules, mission).problems.map(({ message }) => message);

export const program = (rules: RuleSet, mission = testMission()): RuleProgram => {
  const { program: compiled, problems } = compileRules(rules, mission);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  return compiled;
};

/** What arrives at second `at`; a parameter that is not named did not arrive; `held` says what is still fresh of those. */
export interface Second {
  readonly at: number;
  readonly values?: Readonly<Record<string, number>>;
  readonly held?: Readonly<Record<string, number>>;
  readonly mode?: string;
  readonly more?: Partial<Observations>;
}

const row = (mission: Mission, values: Readonly<Record<string, number>>): Float64Array =>
  Float64Array.from(mission.parameters, ({ id }) => values[id] ?? NaN);

/** Observes second by second; one step a second. */
export const observeSeconds = (
  compiled: Pick<RuleProgram, 'monitoring' | 'inhibitions'>,
  seconds: readonly Second[],
  mission = testMission(),
): readonly ObserverStep[] => {
  const observer = { mission, program: compiled };
  let state = initialObserver(observer);
  return seconds.map(({ at, values = {}, held = {}, mode, more }) => {
    const time = T0 + at * 1000;
    const step = observe(observer, state, {
      modes: mode === undefined ? [] : [{ time, mode }],
      frames: [
        {
          kind: 'frame',
          slot: time / 1000,
          frame: { time, values: row(mission, { ...held, ...values }) },
          received: row(mission, values),
        },
      ],
      checks: [],
      scores: new Map(),
      found: [],
      inference: undefined,
      ...more,
    });
    state = step.state;
    return step;
  });
};
