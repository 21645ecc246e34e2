/** What people do with alarms: acknowledge, shelve, unshelve, clear; and in which order they read them. */
import { alarmStates, type Alarm } from '../../domain/alarm';
import { severities } from '../../domain/monitors';
import { isoTime } from '../../domain/units';
import { AlarmBook, isDone, type AlarmComment, type AlarmsState, type AlarmsStep } from './alarm-book';

export type AlarmOrder = { readonly name: string; readonly by: string; readonly comment: string } & (
  { readonly kind: 'acknowledge' | 'unshelve' | 'clear' } | { readonly kind: 'shelve'; readonly forMs: number }
);

/** Longer than this an alarm is not shelved but switched off, in the rules. */
export const LONGEST_SHELVING_MS = 30 * 86_400_000;

const obey = (book: AlarmBook, alarm: Alarm, order: AlarmOrder, time: number): string | undefined => {
  const { by, comment } = order;
  const told: AlarmComment = { by, note: comment };
  switch (order.kind) {
    case 'acknowledge': {
      if (alarm.state === 'pending') return 'has not been triggered yet';
      if (alarm.acknowledged !== null) return `was acknowledged by ${alarm.acknowledged.by}`;
      const acknowledged = { by, time: isoTime(time), comment };
      const state = alarm.state === 'triggered' ? 'acknowledged' : alarm.state;
      const next = book.put({ ...alarm, state, acknowledged }, 'acknowledged', time, told);
      if (next.state === 'returned' && isDone(next)) book.put({ ...next, state: 'cleared' }, 'cleared', time, told);
      return undefined;
    }
    case 'shelve': {
      if (comment === '') return 'is not shelved without a reason';
      if (order.forMs <= 0 || order.forMs > LONGEST_SHELVING_MS) return 'is shelved for 30 days at most';
      const shelved = { by, reason: comment, until: isoTime(time + order.forMs) };
      book.put({ ...alarm, shelved }, 'shelved', time, told);
      return undefined;
    }
    case 'unshelve':
      if (alarm.shelved === null) return 'is not shelved';
      book.put({ ...alarm, shelved: null }, 'unshelved', time, told);
      return undefined;
    case 'clear':
      if (alarm.state !== 'returned') return 'has not returned to normal: it would come back at once';
      book.put({ ...alarm, state: 'cleared' }, 'cleared', time, told);
      return undefined;
  }
};

/** What a person wants with an alarm; `refused` says why it was not done. */
export const orderAlarm = (
  state: AlarmsState,
  order: AlarmOrder,
  time: number,
): AlarmsStep & { readonly refused: string | undefined } => {
  const book = new AlarmBook(state);
  const alarm = book.find(order.name);
  const refused = alarm === undefined ? 'is not among the open alarms' : obey(book, alarm, order, time);
  return { ...book.finish(), refused };
};

/** By state, then severity: what needs a person first. */
export const byUrgency = (alarms: readonly Alarm[]): readonly Alarm[] => {
  const urgency = ({ state, severity, shelved }: Alarm): number =>
    (shelved === null ? 0 : 100) +
    alarmStates.indexOf(state === 'pending' ? 'cleared' : state) * 10 -
    severities.indexOf(severity);
  return [...alarms].sort((a, b) => urgency(a) - urgency(b));
};
