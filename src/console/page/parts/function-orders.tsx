/** Orders about the whole function and about an equipment. The spacecraft's operating mode is no order: it is telemetry. */
import type { EquipmentView, Pulse } from '../../api/overview';
import { id } from '../client';
import { HEALTH, MODE } from '../words';
import { askFor } from './orders';

const entries = <K extends string, V>(table: Readonly<Record<K, V>>): readonly (readonly [K, V])[] =>
  Object.entries(table) as [K, V][];

export const SwitchMode = ({ mode }: { mode: Pulse['mode'] }) => (
  <button
    type="button"
    class="plain inline"
    aria-label="Switch recoveries"
    onClick={() => {
      askFor({
        title: 'Switch recoveries',
        text: 'For all rules together, and until somebody switches again: what is passive or disabled stays so over a restart.',
        path: 'mode',
        choices: [
          {
            name: 'state',
            label: 'Recoveries are',
            options: entries(MODE).map(([name, means]) => [name, `${name}: ${means}`] as const),
            chosen: mode,
          },
        ],
        isReasonRequired: true,
        isGrave: true,
        verb: 'Switch',
      });
    }}
  >
    Switch
  </button>
);

export const SetHealth = ({ view: { equipment, title, health } }: { view: EquipmentView }) => (
  <button
    type="button"
    class="plain inline"
    aria-label={`Set health of ${title}`}
    onClick={() => {
      askFor({
        title: `Health of ${title}`,
        text: 'Rules ask for it before they act: of what is permanently faulty or under other control nothing is requested.',
        path: `equipment/${id(equipment)}/health`,
        choices: [
          {
            name: 'health',
            label: 'Health',
            options: entries(HEALTH).map(([name, { label }]) => [name, label] as const),
            chosen: health,
          },
        ],
        isReasonRequired: true,
        verb: 'Set',
      });
    }}
  >
    Set health
  </button>
);
