/** What a rule test expects against what came of it. */
import type { PipelineEvent } from '../../domain/events';
import type { LedgerEntry } from '../../domain/ledger';
import type { ExpectedState, RuleTest } from '../../domain/rule-test';

/** What one packet time came to. */
export interface RehearsalStep {
  /** Milliseconds since the start of the test. */
  readonly at: number;
  readonly events: readonly PipelineEvent[];
  readonly ledger: readonly LedgerEntry[];
  /** Established status by monitor. */
  readonly monitors: Readonly<Record<string, string>>;
}

export interface Difference {
  /** Where in `expect` it belongs. */
  readonly path: readonly (string | number)[];
  /** `- expected`, `+ got`, or what is not as it should be. */
  readonly text: string;
}

type Fields = Readonly<Record<string, unknown>>;

const seconds = (ms: number): string => `${String(ms / 1000)}s`;

const shown = ({ at, ...fields }: Fields): string =>
  [
    ...(typeof at === 'number' ? [`at ${seconds(at)}`] : []),
    ...Object.entries(fields).flatMap(([key, value]) =>
      value === undefined || value === null
        ? []
        : [`${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`],
    ),
  ].join(', ');

const isSame = (expected: unknown, actual: unknown): boolean => {
  if (typeof expected !== 'object' || expected === null) return expected === (actual ?? null) || expected === actual;
  if (typeof actual !== 'object' || actual === null) return false;
  const [own, other] = [Object.entries(expected), Object.entries(actual)];
  return own.length === other.length && own.every(([key, value]) => isSame(value, (actual as Fields)[key]));
};

/** Every key that is expected must be as expected; keys that are not named are not looked at. */
const matches = (expected: Fields, actual: Fields): boolean =>
  Object.entries(expected).every(([key, value]) => value === undefined || isSame(value, actual[key]));

/** The whole list, in whatever order within: what is missing, and what nobody expected. */
const compareLists = (key: string, expected: readonly Fields[], actual: readonly Fields[]): Difference[] => {
  const left = [...actual];
  const missing = expected.flatMap((item, index): Difference[] => {
    const found = left.findIndex((other) => matches(item, other));
    if (found >= 0) {
      left.splice(found, 1);
      return [];
    }
    return [{ path: [key, index], text: `- ${key}: ${shown(item)}` }];
  });
  return [...missing, ...left.map((item) => ({ path: [key], text: `+ ${key}: ${shown(item)}` }))];
};

const eventsOf = (rehearsed: readonly RehearsalStep[]): Fields[] =>
  rehearsed.flatMap(({ at, events }) =>
    events.flatMap((event): Fields[] => {
      if (event.type === 'monitor') {
        const { monitor, from, to, mutedBy } = event;
        return [{ at, monitor, from, to, mutedBy }];
      }
      if (event.type !== 'check') return [];
      const { monitor, parameter, limit, from, to, mutedBy } = event;
      return [{ at, ...(monitor === undefined ? { parameter, limit } : { monitor, parameter }), from, to, mutedBy }];
    }),
  );

/** Requests, and answers that were only recorded. */
export const actionsOf = (rehearsed: readonly RehearsalStep[]): Fields[] =>
  rehearsed.flatMap(({ at, events }) =>
    events.flatMap((event): Fields[] => {
      if (event.type !== 'action') return [];
      const { rule, command, arguments: given, level, disposition, authority, step } = event;
      return [{ at, rule, command, arguments: given, level, disposition, authority: authority?.granted, step }];
    }),
  );

const mutedOf = (rehearsed: readonly RehearsalStep[]): Fields[] =>
  rehearsed.flatMap(({ at, events }) =>
    events.flatMap((event) => (event.type === 'muted' ? [{ at, rule: event.id, by: event.by }] : [])),
  );

const stateOf = (expected: ExpectedState, rehearsed: readonly RehearsalStep[]): string => {
  const passed = rehearsed.filter(({ at }) => at <= expected.at);
  const entries = passed.flatMap(({ ledger }) => ledger);
  if ('monitor' in expected) return passed.at(-1)?.monitors[expected.monitor] ?? 'unchecked';
  if ('rule' in expected) {
    const found = entries.findLast((entry) => entry.kind === 'recovery' && entry.record.rule === expected.rule);
    return found?.kind === 'recovery' ? found.record.state : 'none';
  }
  if ('alarm' in expected) {
    const found = entries.findLast((entry) => entry.kind === 'alarm' && entry.record.name === expected.alarm);
    return found?.kind === 'alarm' ? found.record.state : 'none';
  }
  const found = entries.findLast((entry) => entry.kind === 'equipment' && entry.record.equipment === expected.health);
  return found?.kind === 'equipment' ? found.record.health : 'healthy';
};

/** Every difference; none when the test passes. */
export const compare = (
  { expect, fires = [], silent = [] }: RuleTest,
  rehearsed: readonly RehearsalStep[],
): readonly Difference[] => {
  const actions = actionsOf(rehearsed);
  const fired = new Set(actions.map(({ rule }) => rule));
  return [
    ...fires.filter((rule) => !fired.has(rule)).map((rule) => ({ path: ['fires'], text: `- rule ${rule} fires` })),
    ...silent.filter((rule) => fired.has(rule)).map((rule) => ({ path: ['silent'], text: `+ rule ${rule} fires` })),
    ...(expect.events === undefined ? [] : compareLists('events', expect.events, eventsOf(rehearsed))),
    ...(expect.actions === undefined ? [] : compareLists('actions', expect.actions, actions)),
    ...(expect.muted === undefined ? [] : compareLists('muted', expect.muted, mutedOf(rehearsed))),
    ...expect.states.flatMap((expected, index): Difference[] => {
      const actual = stateOf(expected, rehearsed);
      if (actual === expected.state) return [];
      return [{ path: ['states', index], text: `- states: ${shown(expected)}, and it is ${actual}` }];
    }),
  ];
};
