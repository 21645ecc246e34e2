/**
 * Alarms as a pure reducer. ISA-18.2 life in the words of Yamcs: pending, triggered, acknowledged, returned to normal, cleared.
 * One alarm a name: what violates (an anomaly, a limit set) is its cause, and it is triggered while there is at least one.
 * An alarm is cleared when it has returned to normal and somebody has acknowledged it; a latching one only by hand.
 */
import { alarmStates, type Alarm, type AlarmStep } from '../../domain/alarm';
import type { LedgerEntry } from '../../domain/ledger';
import { severities, type Severity } from '../../domain/monitors';
import { isoTime } from '../../domain/units';
import { openSquelch, squelch, type SquelchLimits } from '../squelch';

export interface AlarmsState {
  /** Those that are not cleared, oldest first. */
  readonly alarms: readonly Alarm[];
  /** The highest sequence number of every name. */
  readonly sequences: Readonly<Record<string, number>>;
  /** Alarms let go because there were more than `MAX_ALARMS`. */
  readonly forgotten: number;
}

export interface AlarmsStep {
  readonly state: AlarmsState;
  /** Transitions to be told; those of shelved and of flapping alarms are logged as counts only. */
  readonly steps: readonly AlarmStep[];
  readonly ledger: readonly LedgerEntry[];
}

/** One cause of an alarm as it stands at `time`, milliseconds. */
export interface Condition {
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

export const initialAlarms: AlarmsState = { alarms: [], sequences: {}, forgotten: 0 };

/** A person follows one alarm in ten minutes (EEMUA 191); a thousand open ones are a storm, and the oldest say least. */
export const MAX_ALARMS = 1000;
/** A flapping alarm is told so often at once, and then once in ten minutes. */
export const ALARM_SQUELCH: SquelchLimits = { burst: 10, everyMs: 600_000 };

const rank = (severity: Severity): number => severities.indexOf(severity);

const gravest = (causes: Alarm['causes'], otherwise: Severity): Severity =>
  Object.values(causes).reduce<Severity | undefined>(
    (worst, severity) => (worst === undefined || rank(severity) > rank(worst) ? severity : worst),
    undefined,
  ) ?? otherwise;

type Change = AlarmStep['change'];

interface AlarmComment {
  readonly by: string;
  readonly note: string;
}
const byItself: AlarmComment = { by: 'rule', note: '' };

/** Gathers what changes; an alarm that is cleared leaves the state and stays in the log. */
class Book {
  readonly steps: AlarmStep[] = [];
  readonly ledger: LedgerEntry[] = [];
  constructor(public state: AlarmsState) {}

  find(name: string): Alarm | undefined {
    return this.state.alarms.find((alarm) => alarm.name === name);
  }

  /** The alarm as it now is, and the transition that made it so. */
  put(before: Alarm, change: Change, time: number, told: AlarmComment = byItself): Alarm {
    const { by, note } = told;
    const isByItself = told === byItself;
    const { passes, state: throttle } = squelch(ALARM_SQUELCH, before.squelch, time);
    // What people do is always told; of what happens by itself, what is shelved or flaps is counted.
    const isTold = !isByItself || (passes && before.shelved === null);
    const suppressed = before.squelch.suppressed + (isTold ? 0 : 1);
    const alarm: Alarm = {
      ...before,
      changedAt: isoTime(time),
      squelch: isByItself ? { ...throttle, suppressed } : before.squelch,
    };
    const { name, sequence, state, severity, current } = alarm;
    const step: AlarmStep = {
      name,
      sequence,
      time: isoTime(time),
      change,
      state,
      severity,
      value: current.value,
      by,
      note,
    };
    if (isTold) {
      this.steps.push(step);
      this.ledger.push({ kind: 'alarm-step', record: step });
    }
    this.keep(alarm);
    return alarm;
  }

  keep(alarm: Alarm): void {
    const others = this.state.alarms.filter(({ name }) => name !== alarm.name);
    const isKept = this.state.alarms.some(({ name }) => name === alarm.name);
    const alarms =
      alarm.state === 'cleared'
        ? others
        : isKept
          ? this.state.alarms.map((item) => (item.name === alarm.name ? alarm : item))
          : [...others, alarm];
    const excess = Math.max(0, alarms.length - MAX_ALARMS);
    this.state = {
      alarms: alarms.slice(excess),
      sequences: { ...this.state.sequences, [alarm.name]: alarm.sequence },
      forgotten: this.state.forgotten + excess,
    };
    this.ledger.push({ kind: 'alarm', record: alarm });
  }

  finish(): AlarmsStep {
    return { state: this.state, steps: this.steps, ledger: this.ledger };
  }
}

const fresh = (book: Book, condition: Condition): Alarm => {
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

const isBeyond = (value: number, before: number, worse: Condition['worse']): boolean => {
  if (worse === 'lower') return value < before;
  return worse === 'higher' ? value > before : Math.abs(value) > Math.abs(before);
};

/** The values an alarm keeps: the newest, and the worst among the gravest. A normal or an invalid value is never the worst. */
const withValue = (alarm: Alarm, { value, time, severity, status, isInvalid = false, worse }: Condition): Alarm => {
  const current = { time: isoTime(time), value };
  if (value === null || isInvalid || status === 'normal') return { ...alarm, current };
  const { worst } = alarm;
  const graver = rank(severity) - rank(worst.severity ?? alarm.severity);
  const isWorse = worst.value === null || graver > 0 || (graver === 0 && isBeyond(value, worst.value, worse));
  return { ...alarm, current, worst: isWorse ? { ...current, severity } : worst };
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
const explain = (book: Book, alarm: Alarm, { explainedBy: cause, time }: Condition): Alarm => {
  const { shelved } = alarm;
  if (cause === undefined) return shelved?.cause === undefined ? alarm : { ...alarm, shelved: null };
  if (shelved !== null) return alarm;
  const reason = `explained by ${cause}`;
  const until = isoTime(time + LONGEST_EXPLANATION_MS);
  const next: Alarm = { ...alarm, shelved: { by: 'rule', reason, until, cause } };
  // One that nobody has heard of yet need not be told away.
  return alarm.count === 0 ? next : book.put(next, 'shelved', time, { by: 'rule', note: reason });
};

const violate = (book: Book, condition: Condition): void => {
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
  const next = { ...withValue(before, condition), causes, titles, title: told, severity: graver, isLatching };
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

const wait = (book: Book, condition: Condition): void => {
  const known = book.find(condition.name);
  if (known === undefined) book.put(fresh(book, condition), 'pending', condition.time);
  else book.keep(withValue(known, condition));
};

/** Of what is explained nobody is asked to take notice: its cause has an alarm of its own. */
const isDone = ({ isLatching, acknowledged, shelved }: Alarm): boolean =>
  !isLatching && (acknowledged !== null || shelved?.cause !== undefined);

const calm = (book: Book, condition: Condition): void => {
  const before = book.find(condition.name);
  if (before === undefined) return;
  const { [condition.cause]: _over, ...causes } = before.causes;
  const { [condition.cause]: _told, ...titles } = before.titles ?? {};
  const title = titleOf(causes, titles, before.title);
  const next: Alarm = { ...withValue(before, condition), causes, titles, title };
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
export const raise = (state: AlarmsState, condition: Condition): AlarmsStep => {
  const book = new Book(state);
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
  const book = new Book(state);
  for (const alarm of state.alarms) {
    const cause = alarm.shelved?.cause;
    if (cause === undefined || active.has(cause)) continue;
    const note = `${cause}, which explained it, is over`;
    book.put({ ...alarm, shelved: null }, 'unshelved', time, { by: 'rule', note });
  }
  return book.finish();
};

/** Shelves that are over. */
export const unshelveExpired = (state: AlarmsState, time: number): AlarmsStep => {
  const book = new Book(state);
  for (const alarm of state.alarms) {
    if (alarm.shelved !== null && Date.parse(alarm.shelved.until) <= time)
      book.put({ ...alarm, shelved: null }, 'unshelved', time, { by: 'time', note: 'the shelving is over' });
  }
  return book.finish();
};

export type AlarmOrder = { readonly name: string; readonly by: string; readonly comment: string } & (
  { readonly kind: 'acknowledge' | 'unshelve' | 'clear' } | { readonly kind: 'shelve'; readonly forMs: number }
);

/** Longer than this an alarm is not shelved but switched off, in the rules. */
export const LONGEST_SHELVING_MS = 30 * 86_400_000;

const obey = (book: Book, alarm: Alarm, order: AlarmOrder, time: number): string | undefined => {
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
  const book = new Book(state);
  const alarm = book.find(order.name);
  const refused = alarm === undefined ? 'is not among the open alarms' : obey(book, alarm, order, time);
  return { ...book.finish(), refused };
};

/** By state, then severity: what needs a person first. */
export const byUrgency = (alarms: readonly Alarm[]): readonly Alarm[] => {
  const urgency = ({ state, severity, shelved }: Alarm): number =>
    (shelved === null ? 0 : 100) + alarmStates.indexOf(state === 'pending' ? 'cleared' : state) * 10 - rank(severity);
  return [...alarms].sort((a, b) => urgency(a) - urgency(b));
};
