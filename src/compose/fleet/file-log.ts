/** The log of a fleet in one file, as the parts of a fleet take it. */
import type { FleetLog } from '../../adapters/log/fleet-log';
import type { LastingFleetLog } from '../../adapters/log/lasting-fleet-log';
import { queryLog } from '../answer-requests';

export const asFleetLog = (log: LastingFleetLog): FleetLog => ({
  get epoch() {
    return log.epoch;
  },
  restore: (subjects) => new Map([...subjects].map(([name, subject]) => [name, log.restore(name, subject)])),
  waiting: () => log.waiting(),
  commit: (batch, settled) => {
    log.commit(batch, settled);
  },
  note: (time, event) => {
    log.note(time, event);
  },
  query: (spacecraft, request) => queryLog(log.ledgerOf(spacecraft), request),
  close: () => {
    log.close();
  },
});
