/** The open alarms, and the transitions and entries that changes of them lead to. */
import type { Alarm, AlarmStep } from '../../domain/alarm';
import type { LedgerEntry } from '../../domain/ledger';
import { isoTime } from '../../domain/units';
import { squelch, type SquelchLimits } from '../squelch';

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

export const initialAlarms: AlarmsState = { alarms: [], sequences: {}, forgotten: 0 };

/** A person follows one alarm in ten minutes (EEMUA 191); a thousand open ones are a storm, and the oldest say least. */
export const MAX_ALARMS = 1000;
/** A flapping alarm is told so often at once, and then once in ten minutes. */
export const ALARM_SQUELCH: SquelchLimits = { burst: 10, everyMs: 600_000 };

type Change = AlarmStep['change'];

export interface AlarmComment {
  readonly by: string;
  readonly note: string;
}
const byItself: AlarmComment = { by: 'rule', note: '' };

/** Gathers what changes; an alarm that is cleared leaves the state and stays in the log. */
export class AlarmBook {
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
      ...(change === 'shelved' && alarm.shelved !== null && { until: alarm.shelved.until }),
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

/** Of what is explained nobody is asked to take notice: its cause has an alarm of its own. */
export const isDone = ({ isLatching, acknowledged, shelved }: Alarm): boolean =>
  !isLatching && (acknowledged !== null || shelved?.cause !== undefined);
