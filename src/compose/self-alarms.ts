/** Alarms about the daemon itself: a part that stops working, or works again, comes into the flow as one more control. */
import { map, ReplaySubject, Subject, type Observable } from 'rxjs';
import { initialAlarms } from '../core/alarms/alarm-book';
import { raise } from '../core/alarms/alarms';
import { vitalCondition } from '../core/alarms/alarm-sources';
import type { Control } from '../core/response/response';
import type { AlarmStep } from '../domain/alarm';
import { arrivalOf } from '../pipeline/arrival';
import type { Arrival, Clock, Diagnostics } from '../pipeline/ports';
import type { Vitals } from '../pipeline/vitals';

type Vital = Omit<Extract<Control, { kind: 'vital' }>, 'kind'>;

export interface VitalAlarms {
  /** The same, and alarms are raised. */
  readonly diagnostics: Diagnostics;
  readonly arrivals$: Observable<Arrival>;
  /**
   * The alarm of a log that does not work. The alarm of the flow waits for the log, as everything does. This one is published at
   * once and has no record. One with a record follows it.
   */
  readonly urgent$: Observable<AlarmStep>;
  /** The last of them while its cause stands: whoever comes later is told too. */
  readonly unrecorded: AlarmStep | undefined;
  raise(vital: Vital): void;
}

/** Changes before the flow begins, or while it is held up, are not many. */
const MAX_WAITING = 100;

export const raiseVitals = (told: Diagnostics, vitals: Vitals, clock: Clock): VitalAlarms => {
  const changes = new ReplaySubject<Vital>(MAX_WAITING);
  const urgent = new Subject<AlarmStep>();
  let unrecorded: AlarmStep | undefined;
  const tellOfLog = (vital: Vital): void => {
    unrecorded = undefined;
    if (vital.works) return;
    const { steps } = raise(initialAlarms, vitalCondition(vital, clock.now()));
    for (const step of steps) {
      if (step.change !== 'triggered') continue;
      unrecorded = step;
      urgent.next(step);
    }
  };
  return {
    raise: (vital) => {
      changes.next(vital);
    },
    arrivals$: changes.pipe(
      map((vital) => arrivalOf({ controls: [{ kind: 'vital', ...vital }], receivedAt: clock.now() })),
    ),
    urgent$: urgent.asObservable(),
    get unrecorded() {
      return unrecorded;
    },
    diagnostics: {
      ...told,
      vital: (part, works, detail = '') => {
        const was = !vitals.impaired.includes(part);
        told.vital(part, works, detail);
        if (was === works) return;
        const vital = { part, works, detail };
        changes.next(vital);
        if (part === 'log') tellOfLog(vital);
      },
    },
  };
};
