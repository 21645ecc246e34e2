/**
 * Alarms as a pure reducer. ISA-18.2 life in the words of Yamcs: pending, triggered, acknowledged, returned to normal, cleared.
 * One alarm a name: what violates (an anomaly, a limit set) is its cause, and it is triggered while there is at least one.
 * An alarm is cleared when it has returned to normal and somebody has acknowledged it; a latching one only by hand.
 */
import type { Alarm } from '../../domain/alarm';
import { severities, type Severity } from '../../domain/monitors';
import { isoTime } from '../../domain/units';
import { openSquelch } from '../squelch';
import { ALARM_SQUELCH, AlarmBook, isDone, type AlarmsState, type AlarmsStep } from './alarm-book';

/** One cause of an alarm as it stands at `time`, milliseconds. */
export interface AlarmCondition {
  readonly name: string;
  readonly cause: string;
  /** `pending`: violated, but not as often as the repetition number asks. */
  readonly status: 'violated' | 'pending' | 'normal';
  readonly severity: Severity;
  readonly title: string;
  readonly isLatching: boolean;
  readonly value: number | null;
  /** The value is none that the sensor can measure: it is no worst value. */
  readonly isInvalid?: boolean | undefined;
  /** Which value is the worse one of two that are equally grave; left out: the one of larger magnitude. */
  readonly worse?: 'lower' | 'higher' | undefined;
  readonly explanationId: string | null;
  /** The active rule or monitor that explains it: the alarm is kept from people while that one is active. */
  readonly explainedBy?: string | undefined;
  readonly time: number;
}

const rank = (severity: Severity): number => severities.indexOf(severity);

const gravest = (causes: Alarm['causes'], otherwise: Severity): Severity =>
  Object.values(causes).reduce<Severity | undefined>(
    (worst, severity) => (worst === undefined || rank(severity) > rank(worst) ? severity : worst),
    undefined,
  ) ?? otherwise;

const fresh = (book: AlarmBook, condition: AlarmCondition): Alarm => {
  const { name, severity, title, isLatching, value, isInvalid = false, explanationId, time } = condition;
  const moment = { time: isoTime(time), value };
  return {
    name,
    sequence: (book.state.sequences[name] ?? 0) + 1,
    state: 'pending',
    severity,
    title,
    isLatching,
    causes: {},
    titles: {},
    trigger: moment,
    worst: isInvalid ? { ...moment, value: null } : { ...moment, severity },
    current: moment,
    count: 0,
    nearMisses: 0,
    changedAt: isoTime(time),
    acknowledged: null,
    shelved: null,
    explanationId,
    squelch: openSquelch(ALARM_SQUELCH, time),
  };
};

const isBeyond = (value: number, before: number, worse: AlarmCondition['worse']): boolean => {
  if (worse === 'lower') return value < before;
  return worse === 'higher' ? value > before : Math.abs(value) > Math.abs(before);
};

/** The values an alarm keeps: the newest, and the worst among the gravest. A normal or an invalid value is never the worst. */
const withValue = (
  alarm: Alarm,
  { value, time, severity, status, isInvalid = false, worse }: AlarmCondition,
): Alarm => {
  const current = { time: isoTime(time), value };
  if (value === null || isInvalid || status === 'normal') return { ...alarm, current };
  const { worst } = alarm;
  const graver = rank(severity) - rank(worst.severity ?? alarm.severity);
  const isWorse = worst.value === null || graver > 0 || (graver === 0 && isBeyond(value, worst.value, worse));
  return { ...alarm, current, worst: isWorse ? { ...current, severity } : worst };
};

type Occurrence = Alarm['occurrence'];
/** With `value` as its worst one, when it is. */
const worsened = <T extends Occurrence>(
  occurrence: T,
  { value, time, worse }: Pick<AlarmCondition, 'value' | 'time' | 'worse'>,
): T => {
  if (occurrence === undefined || value === null) return occurrence;
  const isWorse = occurrence.worst.value === null || isBeyond(value, occurrence.worst.value, worse);
  return isWorse ? { ...occurrence, worst: { time: isoTime(time), value } } : occurrence;
};

/**
 * What the alarm is about now. Another begins when it had returned to normal, or when another anomaly is its cause. A second
 * limit of the same parameter goes on with the first.
 */
const occurrenceOf = (before: Alarm, { value, time, explanationId, isInvalid = false, worse }: AlarmCondition) => {
  const moment = { time: isoTime(time), value: isInvalid ? null : value };
  const isActive = before.state === 'triggered' || before.state === 'acknowledged';
  const isSame = explanationId === null || explanationId === before.explanationId;
  const { occurrence } = before;
  if (occurrence === undefined || !isActive || !isSame)
    return { number: (occurrence?.number ?? before.count) + 1, since: moment.time, worst: moment };
  return worsened(occurrence, { value: moment.value, time, worse });
};

/** The title is that of the gravest cause; of equals the newest. Without a cause it stays as it was. */
const titleOf = (causes: Alarm['causes'], titles: Readonly<Record<string, string>>, otherwise: string): string => {
  const gravestFirst = Object.entries(causes).reverse();
  gravestFirst.sort(([, a], [, b]) => rank(b) - rank(a));
  const [cause] = gravestFirst[0] ?? [];
  return (cause === undefined ? undefined : titles[cause]) ?? otherwise;
};

/** Nothing that explains others for longer than this is news: they come back, and are looked at again. */
const LONGEST_EXPLANATION_MS = 24 * 3_600_000;

/** The alarm put on the shelf when something explains it, or taken from there when nothing does; what a person shelved stays. */
const explain = (book: AlarmBook, alarm: Alarm, { explainedBy: cause, time }: AlarmCondition): Alarm => {
  const { shelved } = alarm;
  if (cause === undefined) return shelved?.cause === undefined ? alarm : { ...alarm, shelved: null };
  if (shelved !== null) return alarm;
  const reason = `explained by ${cause}`;
  const until = isoTime(time + LONGEST_EXPLANATION_MS);
  const next: Alarm = { ...alarm, shelved: { by: 'rule', reason, until, cause } };
  // One that nobody has heard of yet need not be told away.
  return alarm.count === 0 ? next : book.put(next, 'shelved', time, { by: 'rule', note: reason });
};

const violate = (book: AlarmBook, condition: AlarmCondition): void => {
  const { time, cause, severity, value, title, explanationId } = condition;
  const before = explain(book, book.find(condition.name) ?? fresh(book, condition), condition);
  const { [cause]: _before, ...others } = before.causes;
  const causes = { ...others, [cause]: severity };
  const titles = { ...before.titles, [cause]: title };
  const graver = gravest(causes, severity);
  const isActive = before.state === 'triggered' || before.state === 'acknowledged';
  const isGraver = rank(graver) > rank(before.severity);
  const isLatching = before.isLatching || condition.isLatching;
  const told = titleOf(causes, titles, title);
  const occurrence = occurrenceOf(before, condition);
  const next = {
    ...withValue(before, condition),
    causes,
    titles,
    title: told,
    severity: graver,
    isLatching,
    occurrence,
  };
  if (isActive && !isGraver && cause in before.causes) {
    book.keep(next);
    return;
  }
  const triggered: Alarm = {
    ...next,
    explanationId: explanationId ?? next.explanationId,
    state: 'triggered',
    count: next.count + 1,
    // Whoever acknowledged it acknowledged something else.
    acknowledged: null,
    ...(before.count === 0 && { trigger: { time: isoTime(time), value } }),
  };
  book.put(triggered, before.count === 0 ? 'triggered' : 'retriggered', time);
};

const wait = (book: AlarmBook, condition: AlarmCondition): void => {
  const known = book.find(condition.name);
  if (known === undefined) book.put(fresh(book, condition), 'pending', condition.time);
  else book.keep(withValue(known, condition));
};

const calm = (book: AlarmBook, condition: AlarmCondition): void => {
  const before = book.find(condition.name);
  if (before === undefined) return;
  const { [condition.cause]: _over, ...causes } = before.causes;
  const { [condition.cause]: _told, ...titles } = before.titles ?? {};
  // An anomaly that is over has a last account of its own; a limit that holds again says nothing of what was.
  const isOwnAnomaly = condition.explanationId !== null && condition.explanationId === before.explanationId;
  const title = titleOf(causes, titles, isOwnAnomaly ? condition.title : before.title);
  // Its value is that of its worst window, also when it is over.
  const told = isOwnAnomaly ? { title, occurrence: worsened(before.occurrence, condition) } : { title };
  const next: Alarm = { ...withValue(before, condition), causes, titles, ...told };
  if (before.state === 'pending') {
    book.put({ ...next, state: 'cleared', nearMisses: before.nearMisses + 1 }, 'near-miss', condition.time);
    return;
  }
  if (Object.keys(causes).length > 0 || before.state === 'returned') {
    book.keep({ ...next, severity: gravest(causes, before.severity) });
    return;
  }
  const returned = book.put({ ...next, state: 'returned' }, 'returned', condition.time);
  if (isDone(returned)) book.put({ ...returned, state: 'cleared' }, 'cleared', condition.time);
};

/** Takes what is known of one cause. An unknown normal condition is none. */
export const raise = (state: AlarmsState, condition: AlarmCondition): AlarmsStep => {
  const book = new AlarmBook(state);
  switch (condition.status) {
    case 'violated':
      violate(book, condition);
      break;
    case 'pending':
      wait(book, condition);
      break;
    case 'normal':
      calm(book, condition);
      break;
  }
  return book.finish();
};

/** What was kept back because of a cause that is no longer active; people hear of it now, when it still stands. */
export const unshelveUnexplained = (state: AlarmsState, active: ReadonlySet<string>, time: number): AlarmsStep => {
  const book = new AlarmBook(state);
  for (const alarm of state.alarms) {
    const cause = alarm.shelved?.cause;
    if (cause === undefined || active.has(cause)) continue;
    const note = `${cause}, which explained it, is over`;
    book.put({ ...alarm, shelved: null }, 'unshelved', time, { by: 'rule', note });
  }
  return book.finish();
};

/** What violates at the moment, anomalies among it: the root of a cascade explains its symptoms for so long. */
export const causesOf = ({ alarms }: AlarmsState): readonly string[] =>
  alarms.flatMap(({ causes }) => Object.keys(causes));

/** Shelves that are over. */
export const unshelveExpired = (state: AlarmsState, time: number): AlarmsStep => {
  const book = new AlarmBook(state);
  for (const alarm of state.alarms) {
    if (alarm.shelved !== null && Date.parse(alarm.shelved.until) <= time)
      book.put({ ...alarm, shelved: null }, 'unshelved', time, { by: 'time', note: 'the shelving is over' });
  }
  return book.finish();
};
