/** Everything an arrival led to that was found, as the events the world is told, in packet-time order. */
import { map, type OperatorFunction } from 'rxjs';
import type { OnboardEvent } from '../domain/onboard-event';
import type { PipelineEvent } from '../domain/events';
import type { WithExplained } from './with-explanations';
import type { WithMonitoring } from './with-monitoring';

export interface WithEvents {
  readonly events: readonly PipelineEvent[];
}

type EventSources = Pick<WithMonitoring, 'checks' | 'monitorEvents'> &
  WithExplained & { readonly reports?: readonly OnboardEvent[] };

/** At one packet time: the plain limits and monitors, then what the model found. A stable sort keeps the order within each. */
const inOrder = ({ checks, monitorEvents, explained, reports = [] }: EventSources): readonly PipelineEvent[] => {
  // Of most frames there is nothing to tell.
  if (reports.length + checks.length + monitorEvents.length + explained.length === 0) return [];
  const timed: { readonly time: number; readonly event: PipelineEvent }[] = [
    ...[...reports, ...checks, ...monitorEvents].map((event) => ({ time: Date.parse(event.time), event })),
    ...explained.flatMap(({ time, explanations }) =>
      explanations.map((explanation) => ({ time, event: { type: 'anomaly' as const, ...explanation } })),
    ),
  ];
  return timed.sort((a, b) => a.time - b.time).map(({ event }) => event);
};

export const withEvents = <E extends EventSources>(): OperatorFunction<E, E & WithEvents> =>
  map((event) => ({ ...event, events: inOrder(event) }));
