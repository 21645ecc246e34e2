/** One alarm in a list: the occurrence that is now, with its newest account, and how many came before it. */
import { alarmStatus } from '../../../core/alarms/severity-status';
import { tellConfidence } from '../../../core/anomaly/likelihood';
import type { Alarm } from '../../../domain/alarm';
import type { Overview } from '../../api/overview';
import { hrefTo } from '../route';
import { ALARM, alarmTitle, count, figure, spoken } from '../words';
import { AlarmActions } from './alarm-actions';
import { SeverityMark, Time } from './basic';

/** What older versions kept of an alarm does not tell its occurrences apart. */
const occurrenceOf = ({ occurrence, trigger, worst }: Alarm): NonNullable<Alarm['occurrence']> =>
  occurrence ?? { number: 1, since: trigger.time, worst };

export const aboutAnomaly = ({ openAnomalies }: Overview, id: string | null): string => {
  const found = openAnomalies.find((item) => item.id === id);
  return found === undefined ? '' : `: ${spoken(found.fault)}, ${tellConfidence(found.confidence)}`;
};

/** As it is known now; an alarm's title is the newest account that was published of it. */
export const sentenceOf = ({ openAnomalies }: Overview, { explanationId, title }: Alarm): string =>
  openAnomalies.find(({ id }) => id === explanationId)?.sentence ?? title;

interface AlarmRowProps {
  readonly alarm: Alarm;
  readonly isGone: boolean;
  readonly about: string;
  readonly sentence: string;
}

export const AlarmRow = ({ alarm, isGone, about, sentence }: AlarmRowProps) => {
  const look = isGone ? 'is-gone' : alarm.shelved !== null ? 'is-shelved' : '';
  const title = `${alarmTitle(alarm)}${about}`;
  const { number, since, worst } = occurrenceOf(alarm);
  return (
    <>
      <tr class={`${look} alarm-row`}>
        <td>
          <SeverityMark severity={alarm.severity} status={isGone ? 'off' : alarmStatus(alarm)} />
        </td>
        <th scope="row">
          {alarm.explanationId === null ? (
            <span data-row tabIndex={-1}>
              {title}
            </span>
          ) : (
            <a data-row href={hrefTo('anomalies', alarm.explanationId)}>
              {title}
            </a>
          )}
          <code class="alarm-name">{alarm.name}</code>
        </th>
        <td data-label="State">{isGone ? 'cleared' : ALARM[alarm.state]}</td>
        <td class="number" data-label="Value">
          {figure(alarm.current.value)} <span class="quiet">worst {figure(worst.value)}</span>
        </td>
        <td data-label="Since">
          <Time at={since} />
          {number > 1 && (
            <span class="quiet">
              {count(number - 1, 'occurrence')} before, the first at <Time at={alarm.trigger.time} />
            </span>
          )}
        </td>
        <td>{!isGone && <AlarmActions alarm={alarm} />}</td>
      </tr>
      {(alarm.explanationId !== null || alarm.shelved !== null) && (
        <tr class={`more ${look}`}>
          <td />
          <td colSpan={5}>
            {alarm.shelved !== null && !isGone && (
              <span class="shelved">
                Shelved by {alarm.shelved.by} until <Time at={alarm.shelved.until} />: {alarm.shelved.reason}
              </span>
            )}
            {alarm.explanationId !== null && sentence}
          </td>
        </tr>
      )}
    </>
  );
};
