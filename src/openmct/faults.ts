/** Alarms as Open MCT's faults: listed, followed, acknowledged and shelved. The daemon judges every order, as it does over MQTT. */
import { describeError } from '../domain/errors';
import type { Alarm } from '../domain/alarm';
import type { DaemonApi } from './daemon-api';
import type { DomainObject, OpenMctFault, FaultNews, FaultValue, OpenMct } from './open-mct';

const FAULT_VIEW = 'faultManagement';

/** Open MCT knows three; red is for what must be done now. */
const SEVERITY: Readonly<Record<Alarm['severity'], OpenMctFault['severity']>> = {
  high: 'CRITICAL',
  medium: 'WARNING',
  low: 'WATCH',
  informative: 'WATCH',
};

/** The daemon never shelves for ever. */
const SHELVE_DURATIONS = [
  { name: '15 minutes', value: 15 * 60_000 },
  { name: '1 hour', value: 3_600_000 },
  { name: 'A shift of 8 hours', value: 8 * 3_600_000 },
  { name: 'A day', value: 24 * 3_600_000 },
];

const valueOf = (value: number | null, alarm: Alarm): FaultValue => ({
  value: value ?? '–',
  rangeCondition: alarm.severity.toUpperCase(),
  monitoringResult: alarm.state.toUpperCase(),
});

export const faultOf = (alarm: Alarm): OpenMctFault => ({
  id: alarm.name,
  name: alarm.name,
  namespace: '/fdir',
  seqNum: alarm.sequence,
  severity: SEVERITY[alarm.severity],
  acknowledged: alarm.acknowledged !== null,
  shelved: alarm.shelved !== null,
  shortDescription: alarm.title,
  triggerTime: alarm.occurrence?.since ?? alarm.trigger.time,
  currentValueInfo: valueOf(alarm.current.value, alarm),
  triggerValueInfo: valueOf(alarm.trigger.value, alarm),
});

interface ShelveData {
  readonly shelved?: boolean;
  readonly comment?: string;
  readonly shelveDuration?: number | null;
}

const DAY_MS = 86_400_000;

export const addFaults = (openmct: OpenMct, api: DaemonApi): void => {
  const isFaults = ({ type }: DomainObject): boolean => type === FAULT_VIEW;
  /** Whoever gave the order is told in words when it was refused. */
  const order = async (path: string, body: object): Promise<{ success: boolean }> => {
    try {
      await api.order(path, body);
      return { success: true };
    } catch (error) {
      openmct.notifications?.error(describeError(error));
      return { success: false };
    }
  };
  openmct.faults.addProvider({
    supportsRequest: isFaults,
    request: async () => (await api.alarms()).map((alarm) => ({ type: 'alarms', fault: faultOf(alarm) })),
    supportsSubscribe: isFaults,
    subscribe: (_object: DomainObject, callback: (news: FaultNews) => void) => {
      const known = new Set<string>();
      callback({ type: 'global-alarm-status' });
      return api.events.listen(({ name, data }) => {
        // After a loss of the connection, the whole list.
        if (name === 'snapshot') callback({ type: 'global-alarm-status' });
        if (name !== 'alarm') return;
        const alarm = data as Alarm;
        // One that begins or is over changes the list; any other changes its row.
        if (alarm.state === 'cleared' || !known.has(alarm.name)) callback({ type: 'global-alarm-status' });
        else callback({ type: 'alarms', fault: faultOf(alarm) });
        if (alarm.state === 'cleared') known.delete(alarm.name);
        else known.add(alarm.name);
      });
    },
    acknowledgeFault: ({ id }: OpenMctFault, { comment = '' }: { readonly comment?: string } = {}) =>
      order(`alarms/${encodeURIComponent(id)}/ack`, { comment }),
    shelveFault: ({ id }: OpenMctFault, { shelved = true, comment = '', shelveDuration }: ShelveData = {}) => {
      const path = `alarms/${encodeURIComponent(id)}`;
      if (!shelved) return order(`${path}/unshelve`, { comment });
      const duration = shelveDuration ?? DAY_MS;
      return order(`${path}/shelve`, {
        // The daemon shelves nothing without a reason.
        comment: comment.trim() === '' ? 'shelved in Open MCT' : comment,
        for: `${String(Math.max(1, Math.round(duration / 1000)))}s`,
      });
    },
    getShelveDurations: () => SHELVE_DURATIONS,
  });
};
