import type { Alarm } from '../../../domain/alarm';
import type { EquipmentView, Overview } from '../../api/overview';
import type { RecoveryView } from '../../api/recovery';
import { useNow, useStableList } from '../hooks';
import { heardAt, overview } from '../live';
import { AlarmActions, argumentsText, RecoveryActions } from '../parts/alarm-actions';
import { Empty, Loading, Section, SeverityMark, Time, Tone, WaitingBar } from '../parts/basic';
import { SetHealth, SwitchMode } from '../parts/function-orders';
import { hrefTo } from '../route';
import { useStore } from '../store';
import { duration } from '../time';
import { ALARM, alarmTitle, count, DAEMON, figure, HEALTH, percent, RECOVERY, spoken } from '../words';

/** The daemon's clock now: what it last said, and the time since. */
const daemonNow = ({ pulse }: Overview, heard: number, now: number): number => Date.parse(pulse.now) + (now - heard);

const State = ({ view, at }: { view: Overview; at: number }) => {
  const { pulse } = view;
  const { label, tone, means } = DAEMON[pulse.state];
  const silence = pulse.lastMessageAt === null ? null : (at - Date.parse(pulse.lastMessageAt)) / 1000;
  const age = pulse.packetTime === null ? null : (at - Date.parse(pulse.packetTime)) / 1000;
  const dropped = Object.entries(pulse.dropped);
  return (
    <section class="state-strip" aria-label="Spacecraft">
      <div class="state-main">
        <h1>{view.title}</h1>
        <Tone tone={tone}>{label}</Tone>
        <span class="quiet">{pulse.impaired.length > 0 ? `does not work: ${pulse.impaired.join(', ')}` : means}</span>
      </div>
      {pulse.lastMessageAt === null && (
        <p class="note">
          {pulse.isConnected
            ? 'The broker is there, and no telemetry has come since the start.'
            : 'The broker does not answer and is tried again; the running log of the daemon says why.'}
        </p>
      )}
      <dl class="facts">
        <div class={silence === null || silence > 30 ? 'is-old' : ''}>
          <dt>Last telemetry</dt>
          <dd>{silence === null ? 'none yet' : `${duration(silence)} ago`}</dd>
        </div>
        <div>
          <dt>Newest frame</dt>
          <dd>{pulse.packetTime === null ? 'none yet' : <Time at={pulse.packetTime} />}</dd>
        </div>
        <div>
          <dt>Age of data</dt>
          <dd class="tick">{age === null ? '–' : duration(age)}</dd>
        </div>
        <div>
          <dt>Broker</dt>
          <dd>{pulse.isConnected ? 'connected' : <Tone tone="bad">not connected</Tone>}</dd>
        </div>
        <div>
          <dt>Recoveries</dt>
          <dd>
            {pulse.mode} <SwitchMode mode={pulse.mode} />
          </dd>
        </div>
        <div>
          <dt>Windows</dt>
          <dd>
            {pulse.windows.toLocaleString('en-GB')}
            {pulse.unscored > 0 && <span class="quiet"> ({pulse.unscored.toLocaleString('en-GB')} not scored)</span>}
          </dd>
        </div>
        {dropped.length > 0 && (
          <div>
            <dt>Not used</dt>
            <dd>{dropped.map(([reason, amount]) => `${reason} ${String(amount)}`).join(', ')}</dd>
          </div>
        )}
      </dl>
    </section>
  );
};

const RecoveryRow = ({
  recovery,
  isGone,
  missionNow,
}: {
  recovery: RecoveryView;
  isGone: boolean;
  missionNow: number | null;
}) => {
  const step = recovery.steps[recovery.step];
  const left = missionNow === null ? null : (Date.parse(recovery.deadline ?? recovery.expiry) - missionNow) / 1000;
  return (
    <li class={`request ${isGone ? 'is-gone' : ''}`}>
      <div class="request-what">
        <a data-row href={hrefTo('anomalies', recovery.explanationId)}>
          <b>{step?.command ?? recovery.ruleTitle}</b>{' '}
          {step !== undefined && <code>{argumentsText(step.arguments)}</code>}
        </a>
        <span>
          {recovery.ruleTitle}: {recovery.equipment.toUpperCase()} {spoken(recovery.fault)},{' '}
          {percent(recovery.confidence)}
        </span>
        {step !== undefined && <span class="quiet">{step.because}</span>}
      </div>
      <div class="request-when">
        <span class={`state state-${recovery.state}`}>
          {isGone ? 'over' : (RECOVERY[recovery.state] ?? recovery.state)}
        </span>
        {recovery.state === 'waiting' && !isGone && left !== null && (
          <span class={left < 60 ? 'countdown is-short' : 'countdown'} role="timer" aria-label="Expires in">
            {left > 0 ? `expires in ${duration(left)}` : 'has expired'}
          </span>
        )}
        {!isGone && <RecoveryActions recovery={recovery} />}
      </div>
    </li>
  );
};

const aboutAnomaly = ({ openAnomalies }: Overview, id: string | null): string => {
  const found = openAnomalies.find((item) => item.id === id);
  return found === undefined ? '' : `: ${spoken(found.fault)}, ${percent(found.confidence)}`;
};

/** As it is known now: an alarm's title is what was known when it came up. */
const sentenceOf = ({ openAnomalies }: Overview, { explanationId, title }: Alarm): string =>
  openAnomalies.find(({ id }) => id === explanationId)?.sentence ?? title;

interface AlarmRowProps {
  readonly alarm: Alarm;
  readonly isGone: boolean;
  readonly about: string;
  readonly sentence: string;
}

const AlarmRow = ({ alarm, isGone, about, sentence }: AlarmRowProps) => {
  const look = isGone ? 'is-gone' : alarm.shelved !== null ? 'is-shelved' : '';
  const title = `${alarmTitle(alarm)}${about}`;
  return (
    <>
      <tr class={look}>
        <td>
          <SeverityMark severity={alarm.severity} />
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
        <td>{isGone ? 'cleared' : ALARM[alarm.state]}</td>
        <td class="number">
          {figure(alarm.current.value)} <span class="quiet">worst {figure(alarm.worst.value)}</span>
        </td>
        <td>
          <Time at={alarm.trigger.time} />
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

const EquipmentTile = ({ view }: { view: EquipmentView }) => {
  const { label, tone } = HEALTH[view.health];
  const open = view.openAnomalies.length;
  return (
    <li class={`tile tile-${open > 0 && tone === 'good' ? 'bad' : tone}`}>
      <span class="tile-name">{view.title}</span>
      <Tone tone={open > 0 && tone === 'good' ? 'bad' : tone}>{open > 0 && tone === 'good' ? 'Anomaly' : label}</Tone>
      <span class="tile-more">
        {open > 0 ? (
          <a href={hrefTo('anomalies', view.openAnomalies[0] ?? '')}>{count(open, 'open anomaly', 'open anomalies')}</a>
        ) : view.alarms.length > 0 ? (
          count(view.alarms.length, 'alarm')
        ) : (
          <span class="quiet">nothing open</span>
        )}
        {open > 0 && tone === 'good' && <span class="quiet"> · health: {label.toLowerCase()}</span>}
        {view.note !== '' && (
          <span class="quiet">
            {' '}
            · {view.by}: {view.note}
          </span>
        )}
      </span>
      <SetHealth view={view} />
    </li>
  );
};

const Lists = ({ view, at }: { view: Overview; at: number }) => {
  const recoveries = useStableList(view.recoveries, ({ id }) => id);
  const alarms = useStableList(view.alarms, ({ name, sequence }) => `${name} ${String(sequence)}`);
  const { packetTime, lastMessageAt } = view.pulse;
  const missionNow =
    packetTime === null ? null : Date.parse(packetTime) + Math.max(0, at - Date.parse(lastMessageAt ?? view.pulse.now));
  const waiting = view.recoveries.filter(({ state }) => state === 'waiting').length;
  return (
    <div class="overview-grid">
      <div>
        <Section title="Waiting for a decision" aside={<b>{waiting}</b>} class={waiting > 0 ? 'is-urgent' : ''}>
          <WaitingBar amount={recoveries.waiting} what="requests" show={recoveries.show} />
          {recoveries.rows.length === 0 ? (
            <Empty>No recovery waits for you, and none is under way.</Empty>
          ) : (
            <ul class="requests">
              {recoveries.rows.map(({ item, isGone }) => (
                <RecoveryRow key={item.id} recovery={item} isGone={isGone} missionNow={missionNow} />
              ))}
            </ul>
          )}
        </Section>
        <Section title="Open alarms" aside={<b>{view.alarms.filter(({ shelved }) => shelved === null).length}</b>}>
          <WaitingBar amount={alarms.waiting} what="alarms" show={alarms.show} />
          {alarms.rows.length === 0 ? (
            <Empty>
              No alarm is up. What was is in the <a href={hrefTo('log')}>log</a>.
            </Empty>
          ) : (
            <div class="table-frame" role="group" aria-label="Open alarms, the most urgent first" tabIndex={0}>
              <table class="alarms">
                <thead>
                  <tr>
                    <th scope="col">Severity</th>
                    <th scope="col">Alarm</th>
                    <th scope="col">State</th>
                    <th scope="col">Value</th>
                    <th scope="col">Since</th>
                    <th scope="col">To do</th>
                  </tr>
                </thead>
                <tbody>
                  {alarms.rows.map(({ item, isGone }) => (
                    <AlarmRow
                      key={`${item.name} ${String(item.sequence)}`}
                      alarm={item}
                      isGone={isGone}
                      about={aboutAnomaly(view, item.explanationId)}
                      sentence={sentenceOf(view, item)}
                    />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Section>
      </div>
      <Section title="Equipment">
        {view.equipment.length === 0 ? (
          <Empty>The mission names no equipment.</Empty>
        ) : (
          <ul class="tiles">
            {view.equipment.map((item) => (
              <EquipmentTile key={item.equipment} view={item} />
            ))}
          </ul>
        )}
      </Section>
    </div>
  );
};

export const OverviewPage = () => {
  const view = useStore(overview);
  const heard = useStore(heardAt);
  const now = useNow();
  if (view === null || heard === null) return <Loading />;
  const at = daemonNow(view, heard, now);
  return (
    <>
      <State view={view} at={at} />
      <Lists view={view} at={at} />
    </>
  );
};
