import type { Overview } from '../../api/overview';
import { daemonTimeAt, missionTimeAt } from '../clock';
import { useNow, useStableList } from '../hooks';
import { heardAt, overview } from '../live';
import { aboutAnomaly, AlarmRow, sentenceOf } from '../parts/alarm-row';
import { AttentionSwitch } from '../parts/attention-switch';
import { Empty, Loading, Section, Status, Time, WaitingBar } from '../parts/basic';
import { EquipmentTile } from '../parts/equipment-tile';
import { SwitchMode } from '../parts/function-orders';
import { RecoveryRow } from '../parts/recovery-row';
import { hrefTo } from '../route';
import { useStore } from '../store';
import { duration } from '../time';
import { DAEMON } from '../words';

/** Telemetry comes every few seconds: silence for so long is no jitter. */
const OLD_SECONDS = 30;

const State = ({ view, at }: { view: Overview; at: number }) => {
  const { pulse } = view;
  const { label, status, means } = DAEMON[pulse.state];
  const silence = pulse.lastMessageAt === null ? null : (at - Date.parse(pulse.lastMessageAt)) / 1000;
  const age = pulse.packetTime === null ? null : (at - Date.parse(pulse.packetTime)) / 1000;
  const heard = silence === null ? 'none yet' : `${duration(silence)} ago`;
  const dropped = Object.entries(pulse.dropped);
  return (
    <section class="state-strip" aria-label="Spacecraft">
      <div class="state-main">
        <h1>{view.title}</h1>
        <Status status={status}>{label}</Status>
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
        <div>
          <dt>Last telemetry</dt>
          <dd>{silence === null || silence > OLD_SECONDS ? <Status status="serious">{heard}</Status> : heard}</dd>
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
          <dd>{pulse.isConnected ? 'connected' : <Status status="serious">not connected</Status>}</dd>
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

const Lists = ({ view, missionNow }: { view: Overview; missionNow: number | null }) => {
  const recoveries = useStableList(view.recoveries, ({ id }) => id);
  const alarms = useStableList(view.alarms, ({ name, sequence }) => `${name} ${String(sequence)}`);
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
      <div>
        <Section title="Equipment">
          {view.equipment.length === 0 ? (
            <Empty>The mission names no equipment.</Empty>
          ) : (
            <ul class="tiles">
              {view.equipment.map((item) => (
                <EquipmentTile key={item.equipment} view={item} alarms={view.alarms} />
              ))}
            </ul>
          )}
        </Section>
        <Section title="Shift">
          <ul class="lines">
            <li>
              <a href={hrefTo('shift')}>Notes and hand-over</a>
            </li>
            <li>
              <a href={hrefTo('shift', 'report')}>Report of the last hours</a>
            </li>
            <li>
              <a href={hrefTo('todo')}>To do, for a phone</a>
            </li>
          </ul>
        </Section>
        <AttentionSwitch />
      </div>
    </div>
  );
};

export const OverviewPage = () => {
  const view = useStore(overview);
  const heard = useStore(heardAt);
  const now = useNow();
  if (view === null || heard === null) return <Loading />;
  const at = daemonTimeAt(view.pulse, heard, now);
  return (
    <>
      <State view={view} at={at} />
      <Lists view={view} missionNow={missionTimeAt(view.pulse, heard, now)} />
    </>
  );
};
