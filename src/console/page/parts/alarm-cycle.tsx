/** The life of an alarm: where it stands between being pending and cleared, and how it came there. */
import { useEffect } from 'preact/hooks';
import { alarmStatus } from '../../../core/alarms/severity-status';
import type { Alarm } from '../../../domain/alarm';
import type { AlarmAccount } from '../../api/recovery';
import { id } from '../client';
import { useResource } from '../hooks';
import { ALARM, alarmTitle } from '../words';
import { AlarmActions } from './alarm-actions';
import { SeverityMark, Time } from './basic';

const STATES = ['pending', 'triggered', 'acknowledged', 'returned', 'cleared'] as const;

export const AlarmCycle = ({ alarm, isLive }: { alarm: Alarm; isLive: boolean }) => {
  const { data, reload } = useResource<AlarmAccount>(isLive ? `alarms/${id(alarm.name)}` : null);
  useEffect(reload, [alarm.changedAt, alarm.state, alarm.shelved?.until]);
  return (
    <article class="alarm-cycle">
      <h3>
        <SeverityMark severity={alarm.severity} status={alarmStatus(alarm)} /> {alarmTitle(alarm)}
      </h3>
      <ol class="cycle" aria-label="Life of the alarm">
        {STATES.map((state) => (
          <li key={state} aria-current={state === alarm.state ? 'step' : undefined}>
            {state}
          </li>
        ))}
      </ol>
      <p class="note">
        {ALARM[alarm.state]}
        {alarm.acknowledged !== null &&
          `; ${alarm.acknowledged.by} acknowledged it: ${alarm.acknowledged.comment || 'no comment'}`}
        {alarm.shelved !== null && (
          <>
            ; <b>shelved</b> by {alarm.shelved.by} until <Time at={alarm.shelved.until} />: {alarm.shelved.reason}
          </>
        )}
        {alarm.isLatching && '; it stays until a person clears it'}
      </p>
      {isLive && <AlarmActions alarm={alarm} hasKeys />}
      {data !== null && (
        <ol class="timeline">
          {data.steps.map((step, index) => (
            <li key={index}>
              <Time at={step.time} />
              <span>
                <b>{step.change}</b> {step.by !== '' && <span class="quiet">by {step.by}</span>}
                {step.note !== '' && ` – ${step.note}`}
              </span>
            </li>
          ))}
        </ol>
      )}
    </article>
  );
};
