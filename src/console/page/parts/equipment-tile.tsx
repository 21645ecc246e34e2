/** One equipment: how it is, which recovery or person made it so, and what is open on it. */
import { alarmStatus, gravestStatus, type AstroStatus } from '../../../core/alarms/severity-status';
import type { Alarm } from '../../../domain/alarm';
import type { EquipmentView } from '../../api/overview';
import { hrefTo } from '../route';
import { count, HEALTH, RECOVERY } from '../words';
import { Status, Time } from './basic';
import { SetHealth } from './function-orders';

/** @param status the gravest of its alarms; left out when none of them is up. */
const Open = ({ view, status }: { view: EquipmentView; status?: AstroStatus | undefined }) => {
  const { openAnomalies, alarms } = view;
  const [first] = openAnomalies;
  if (first !== undefined)
    return <a href={hrefTo('anomalies', first)}>{count(openAnomalies.length, 'open anomaly', 'open anomalies')}</a>;
  const told = count(alarms.length, 'alarm');
  if (alarms.length > 0) return status === undefined ? <>{told}</> : <Status status={status}>{told}</Status>;
  return <span class="quiet">nothing open</span>;
};

/** Who or what made its health what it is. */
const Why = ({ view: { recovery, by, note } }: { view: EquipmentView }) => {
  if (recovery !== null)
    return (
      <p class="tile-why">
        <a href={hrefTo('actions', recovery.id)}>{recovery.ruleTitle}</a>{' '}
        <span class={`state state-${recovery.state}`}>{RECOVERY[recovery.state] ?? recovery.state}</span>{' '}
        <span class="quiet">
          {recovery.isOver ? 'ended' : 'since'} <Time at={recovery.since} />
        </span>
      </p>
    );
  if (note === '') return null;
  return (
    <p class="tile-why quiet">
      {by}: {note}
    </p>
  );
};

/**
 * The frame of the tile is as grave as what is gravest on it. The mark beside the name is that of its health, or of an open anomaly.
 * @param alarms all that are up: those of this equipment tell how urgent it is.
 */
export const EquipmentTile = ({ view, alarms }: { view: EquipmentView; alarms: readonly Alarm[] }) => {
  const { label, status } = HEALTH[view.health];
  const isOpen = view.openAnomalies.length > 0 && status === 'normal';
  const own = alarms.filter(({ name }) => view.alarms.includes(name)).map(alarmStatus);
  const shown = gravestStatus([isOpen ? 'serious' : status, ...own]);
  return (
    <li class={`tile tile-${shown}`}>
      <span class="tile-name">{view.title}</span>
      <Status status={isOpen ? shown : status}>{isOpen ? 'Anomaly' : label}</Status>
      <span class="tile-more">
        <Open view={view} status={own.length === 0 ? undefined : gravestStatus(own)} />
        {isOpen && <span class="quiet"> · health: {label.toLowerCase()}</span>}
      </span>
      <SetHealth view={view} />
      <Why view={view} />
    </li>
  );
};
