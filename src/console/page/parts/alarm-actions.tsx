/** What can be done about an alarm and a recovery. */
import type { Alarm } from '../../../domain/alarm';
import type { RecoveryView } from '../../api/recovery';
import { id } from '../client';
import { alarmTitle } from '../words';
import { askFor } from './orders';

const SHELVE_TIMES = [
  ['30m', 'half an hour'],
  ['2h', 'two hours'],
  ['8h', 'a shift'],
  ['1d', 'a day'],
] as const;

export const AlarmActions = ({ alarm, hasKeys = false }: { alarm: Alarm; hasKeys?: boolean }) => {
  const path = `alarms/${id(alarm.name)}`;
  const title = alarmTitle(alarm);
  const canAcknowledge = ['pending', 'triggered', 'returned'].includes(alarm.state) && alarm.acknowledged === null;
  return (
    <span class="buttons">
      {canAcknowledge && (
        <button
          type="button"
          data-key={hasKeys ? 'a' : undefined}
          aria-label={`Acknowledge ${title}`}
          onClick={() => {
            askFor({
              title: `Acknowledge ${title}`,
              text: 'You have seen it and are taking care of it. It stays in the list until all is normal again.',
              path: `${path}/ack`,
              verb: 'Acknowledge',
            });
          }}
        >
          Acknowledge
        </button>
      )}
      {alarm.shelved === null ? (
        <button
          type="button"
          data-key={hasKeys ? 's' : undefined}
          aria-label={`Shelve ${title}`}
          onClick={() => {
            askFor({
              title: `Shelve ${title}`,
              text: 'It is put aside and comes back by itself. It is still watched and recorded.',
              path: `${path}/shelve`,
              choices: [{ name: 'for', label: 'For', options: SHELVE_TIMES, isFree: true }],
              isReasonRequired: true,
              verb: 'Shelve',
            });
          }}
        >
          Shelve
        </button>
      ) : (
        <button
          type="button"
          aria-label={`Take back ${title}`}
          onClick={() => {
            askFor({
              title: `Take back ${title}`,
              text: 'It counts again at once.',
              path: `${path}/unshelve`,
              verb: 'Take back',
            });
          }}
        >
          Take back
        </button>
      )}
      {alarm.isLatching && alarm.state !== 'pending' && alarm.state !== 'cleared' && (
        <button
          type="button"
          aria-label={`Clear ${title}`}
          onClick={() => {
            askFor({
              title: `Clear ${title}`,
              text: 'It stays until a person clears it; the daemon refuses while what caused it lasts.',
              path: `${path}/clear`,
              verb: 'Clear',
            });
          }}
        >
          Clear
        </button>
      )}
    </span>
  );
};

export const RecoveryActions = ({ recovery }: { recovery: RecoveryView }) => {
  if (recovery.state !== 'waiting') return null;
  const step = recovery.steps[recovery.step];
  const what = `${step?.command ?? recovery.ruleTitle} on ${recovery.equipment}`;
  return (
    <span class="buttons">
      <button
        type="button"
        class="primary"
        aria-label={`Approve ${what}`}
        onClick={() => {
          askFor({
            title: `Approve ${what}`,
            text: `${step?.because ?? ''} After your approval the request is sent to the spacecraft.`,
            path: `actions/${id(recovery.id)}/approve`,
            verb: 'Approve and send',
          });
        }}
      >
        Approve
      </button>
      <button
        type="button"
        aria-label={`Reject ${what}`}
        onClick={() => {
          askFor({
            title: `Reject ${what}`,
            text: 'Nothing is sent, and the recovery ends here.',
            path: `actions/${id(recovery.id)}/reject`,
            verb: 'Reject',
            isGrave: true,
          });
        }}
      >
        Reject
      </button>
    </span>
  );
};

export const argumentsText = (values: Readonly<Record<string, string | number | boolean>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(', ');
