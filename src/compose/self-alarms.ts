/** Alarms about the daemon itself: a part that stops working, or works again, comes into the flow as one more control. */
import { map, ReplaySubject, type Observable } from 'rxjs';
import { initialAlarms, raise } from '../core/alarms/alarms';
import { vitalCondition } from '../core/alarms/alarm-sources';
import type { Control } from '../core/response/response';
import type { AlarmStep } from '../domain/alarm';
import type { Arrival, Clock, Diagnostics } from '../pipeline/ports';
import type { Vitals } from '../pipeline/vitals';

type Vital = Omit<Extract<Control, { kind: 'vital' }>, 'kind'>;

export interface VitalAlarms {
  /** The same, and alarms are raised. */
  readonly diagnostics: Diagnostics;
  readonly arrivals$: Observable<Arrival>;
  raise(vital: Vital): void;
}

/** Changes before the flow begins, or while it is held up, are not many. */
const MAX_WAITING = 100;

/**
 * @param sayAtOnce tells people when the log does not work: the alarm of the flow waits for it as everything does. It has no record,
 * and is followed by one that has.
 */
export const raiseVitals = (
  told: Diagnostics,
  vitals: Vitals,
  clock: Clock,
  sayAtOnce: (step: AlarmStep) => void,
): VitalAlarms => {
  const changes = new ReplaySubject<Vital>(MAX_WAITING);
  return {
    raise: (vital) => {
      changes.next(vital);
    },
    arrivals$: changes.pipe(
      map((vital) => ({
        frames: [],
        drops: [],
        controls: [{ kind: 'vital' as const, ...vital }],
        receivedAt: clock.now(),
        isLast: false,
        acknowledge: () => undefined,
      })),
    ),
    diagnostics: {
      ...told,
      vital: (part, works, detail = '') => {
        const was = !vitals.impaired.includes(part);
        told.vital(part, works, detail);
        if (was === works) return;
        changes.next({ part, works, detail });
        if (part !== 'log' || works) return;
        const { steps } = raise(initialAlarms, vitalCondition({ part, works, detail }, clock.now()));
        for (const step of steps) if (step.change === 'triggered') sayAtOnce(step);
      },
    },
  };
};
