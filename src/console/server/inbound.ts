/** The console's side of the port: keeps what stands, and tells everybody who listens. */
import { equipmentIds, type Mission } from '../../domain/mission';
import { isoTime } from '../../domain/units';
import type { ConsoleEvent } from '../api/events';
import type { Pulse } from '../api/overview';
import type { LiveChange, LiveState } from '../port/live-state';
import { equipmentView, overviewOf, recoveryView } from './views';

export interface InboundOptions {
  readonly mission: Mission;
  readonly live: LiveState;
  readonly pulse: () => Pulse;
  readonly send: (event: ConsoleEvent) => void;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

/** Equipments whose view a change may alter; `live` is still as it was before. */
const touched = (mission: Mission, live: LiveState, change: LiveChange): readonly string[] => {
  switch (change.kind) {
    case 'equipment':
    case 'recovery':
      return [change.record.equipment];
    case 'anomaly': {
      // A verdict may pass from one to another.
      const before = live.anomalies.get(change.record.id)?.equipment ?? change.record.equipment;
      return [before, change.record.equipment];
    }
    case 'alarm': {
      const subject = change.record.name.slice(change.record.name.indexOf('/') + 1);
      const parameter = mission.parameters.find(({ id }) => id === subject);
      return [parameter?.equipment ?? subject];
    }
    default:
      return [];
  }
};

/** `live` is still as it was before. */
const eventOf = ({ live, now }: InboundOptions, change: LiveChange): ConsoleEvent | undefined => {
  switch (change.kind) {
    case 'anomaly':
      return { name: 'anomaly', data: live.judged(change.record) };
    case 'alarm':
      return { name: 'alarm', data: change.record };
    case 'recovery':
      return { name: 'recovery', data: recoveryView(change.record, live.rules) };
    case 'rule':
    case 'override':
      return { name: 'rule', data: { rule: change.record.rule } };
    case 'operator': {
      const { by, request, target, ok, message } = change.record;
      return { name: 'order', data: { by, request, target, ok, message } };
    }
    case 'verdict': {
      const { anomaly: id, by, verdict, comment } = change.record;
      return { name: 'verdict', data: { id, entry: { time: isoTime(now()), by, verdict, comment } } };
    }
    case 'model': {
      const { id, sha256 } = change.manifest;
      return { name: 'model', data: { id, sha256 } };
    }
    case 'rules':
      return { name: 'rule', data: { rule: '' } };
    case 'equipment':
      // Told as its view, below.
      return undefined;
  }
};

export class Inbound {
  constructor(private readonly options: InboundOptions) {}

  changes(changes: readonly LiveChange[]): void {
    const { mission, live, send } = this.options;
    const known = new Set(equipmentIds(mission));
    const equipments = new Set<string>();
    for (const change of changes) {
      for (const equipment of touched(mission, live, change)) if (known.has(equipment)) equipments.add(equipment);
      const event = eventOf(this.options, change);
      const severity = change.kind === 'alarm' ? live.anomalyOf(change.record)?.severity : undefined;
      live.take(change);
      if (event !== undefined) send(event);
      const now = change.kind === 'alarm' ? live.anomalyOf(change.record) : undefined;
      if (now !== undefined && now.severity !== severity) send({ name: 'anomaly', data: now });
    }
    for (const equipment of equipments) send({ name: 'equipment', data: equipmentView(mission, live, equipment) });
  }

  snapshot(changes: readonly LiveChange[]): void {
    const { mission, live, pulse, send } = this.options;
    live.reset(changes);
    send({ name: 'snapshot', data: overviewOf(mission, live, pulse()) });
  }
}
