/** What needs a person now: recoveries that wait for a decision, and alarms that nobody has taken. Pure. */
import { alarmStatus } from '../../core/alarms/severity-status';
import type { Alarm } from '../../domain/alarm';
import type { Overview } from '../api/overview';
import type { RecoveryView } from '../api/recovery';
import { alarmTitle } from './words';

export type Need =
  | { readonly kind: 'decision'; readonly key: string; readonly recovery: RecoveryView }
  | { readonly kind: 'alarm'; readonly key: string; readonly alarm: Alarm };

const isOpen = (alarm: Alarm): boolean =>
  alarm.shelved === null && alarm.acknowledged === null && ['triggered', 'returned'].includes(alarm.state);

/** Decisions first, for they expire; then alarms, as urgent as the overview lists them. */
export const needsOf = ({ recoveries, alarms }: Overview): readonly Need[] => [
  ...recoveries
    .filter(({ state }) => state === 'waiting')
    .map((recovery): Need => ({ kind: 'decision', key: recovery.id, recovery })),
  ...alarms
    .filter(isOpen)
    .map((alarm): Need => ({ kind: 'alarm', key: `${alarm.name} ${String(alarm.sequence)}`, alarm })),
];

/** What is called out to a person who looks elsewhere. */
export interface Call {
  readonly key: string;
  readonly title: string;
  readonly text: string;
}

/** Low and informative alarms can wait until somebody looks. */
export const callsOf = (view: Overview): readonly Call[] =>
  needsOf(view).flatMap((need): Call[] => {
    if (need.kind === 'decision') {
      const { ruleTitle, equipment } = need.recovery;
      return [{ key: need.key, title: 'A recovery waits for a decision', text: `${ruleTitle} on ${equipment}` }];
    }
    const { alarm } = need;
    const isUrgent = alarm.state === 'triggered' && ['critical', 'serious'].includes(alarmStatus(alarm));
    return isUrgent ? [{ key: need.key, title: alarmTitle(alarm), text: alarm.title }] : [];
  });

/** Those that were not there before. Before the first overview nothing is known, and nothing is called out. */
export const newCalls = (before: Overview | null, now: Overview | null): readonly Call[] => {
  if (before === null || now === null) return [];
  const known = new Set(callsOf(before).map(({ key }) => key));
  return callsOf(now).filter(({ key }) => !known.has(key));
};
