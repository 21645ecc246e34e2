/** One equipment: how it is, which recovery or person made it so, and what is open on it. */
import type { EquipmentView } from '../../api/overview';
import { hrefTo } from '../route';
import { count, HEALTH, RECOVERY } from '../words';
import { Time, Tone } from './basic';
import { SetHealth } from './function-orders';

const Open = ({ view: { openAnomalies, alarms } }: { view: EquipmentView }) => {
  const [first] = openAnomalies;
  if (first !== undefined)
    return <a href={hrefTo('anomalies', first)}>{count(openAnomalies.length, 'open anomaly', 'open anomalies')}</a>;
  if (alarms.length > 0) return <>{count(alarms.length, 'alarm')}</>;
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

export const EquipmentTile = ({ view }: { view: EquipmentView }) => {
  const { label, tone } = HEALTH[view.health];
  const isOpen = view.openAnomalies.length > 0 && tone === 'good';
  const shown = isOpen ? 'bad' : tone;
  return (
    <li class={`tile tile-${shown}`}>
      <span class="tile-name">{view.title}</span>
      <Tone tone={shown}>{isOpen ? 'Anomaly' : label}</Tone>
      <span class="tile-more">
        <Open view={view} />
        {isOpen && <span class="quiet"> · health: {label.toLowerCase()}</span>}
      </span>
      <SetHealth view={view} />
      <Why view={view} />
    </li>
  );
};
