/** The rows of a fleet that a person wants to see, the most urgent first. */
import { astroStatuses } from '../../../core/alarms/severity-status';
import type { FleetQuery, FleetRow, FleetView } from '../../api/fleet';

const byName = (a: FleetRow, b: FleetRow): number => (a.spacecraft < b.spacecraft ? -1 : 1);

const ORDERS: Readonly<Record<FleetQuery['sort'], (a: FleetRow, b: FleetRow) => number>> = {
  name: byName,
  urgency: (a, b) =>
    astroStatuses.indexOf(a.status) - astroStatuses.indexOf(b.status) || b.worst - a.worst || byName(a, b),
  age: (a, b) => (b.ageSeconds ?? Infinity) - (a.ageSeconds ?? Infinity) || byName(a, b),
};

const says = (row: FleetRow, sought: string): boolean =>
  [row.spacecraft, row.member, ...row.reasons].some((text) => text.toLowerCase().includes(sought));

export const fleetView = (
  { worker, time, rows }: { readonly worker: string; readonly time: string; readonly rows: readonly FleetRow[] },
  { search, state, sort, limit }: FleetQuery,
): FleetView => {
  const sought = search.trim().toLowerCase();
  const found = rows.filter((row) => (state === undefined || row.state === state) && says(row, sought));
  const shown = [...found].sort(ORDERS[sort]).slice(0, limit);
  return { worker, time, total: rows.length, found: found.length, rows: shown };
};
