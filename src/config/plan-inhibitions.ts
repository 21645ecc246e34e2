/**
 * Root causes: which rules and monitors mute which rules, monitors and equipments.
 *
 * A root cause mutes effects at the rule. Refused: to mute the event. What is explained is still recorded, with `mutedBy`, and
 * its alarm waits on the shelf.
 */
import type { Inhibition } from '../core/rules/rule-program';
import type { FunctionalMonitor, Monitor } from '../domain/monitors';
import type { EventAction } from '../domain/rules';
import type { RuleScope } from './rule-scope';

/**
 * After start-up a cause may still be counting repetitions, or be a window away, when its effects are already seen. A minute is
 * nearly a window of AURORA-1 (64 s). No recovery on board is so urgent that it could not wait for it once.
 */
const DEFAULT_HOLD_MS = 60_000;

/** Who mutes what; checked: what is muted exists, and nothing mutes itself. */
export const planInhibitions = (scope: RuleScope): readonly Inhibition[] => {
  const { eventActions, monitors, functionalMonitors } = scope.rules;
  const ids = new Set([...eventActions, ...monitors, ...functionalMonitors].map(({ id }) => id));
  const make = (
    kind: Inhibition['kind'],
    { id, inhibits, hold }: EventAction | Monitor | FunctionalMonitor,
  ): Inhibition[] => {
    const report = scope.reporter(kind, id);
    inhibits.forEach((name, index) => {
      if (name === id) report(['inhibits', index], 'cannot inhibit itself');
      else if (!ids.has(name) && !scope.equipments.includes(name)) {
        report(['inhibits', index], `no rule, monitor or equipment is called "${name}"`);
      }
    });
    if (inhibits.length === 0) return [];
    const equipments = new Set(inhibits.filter((name) => scope.equipments.includes(name)));
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
};
