/** Everything an arrival led to, as the events the world is told, in packet-time order. */
import { map, type OperatorFunction } from 'rxjs';
import type { PipelineEvent } from '../domain/events';
import type { Checked } from './with-checks';
import type { WithRequests } from './with-actions';
import type { WithExplained } from './with-explanations';

export interface WithEvents {
  readonly events: readonly PipelineEvent[];
}

/** At one packet time: the plain limit, what the model found, what was asked for. A stable sort keeps the order within each. */
const inOrder = ({ checks, explained, requests }: Checked & WithExplained & WithRequests): PipelineEvent[] => {
  const timed: { readonly time: number; readonly event: PipelineEvent }[] = [
    ...checks.map((event) => ({ time: Date.parse(event.time), event })),
    ...explained.flatMap(({ time, explanations }) =>
      explanations.map((explanation) => ({ time, event: { type: 'anomaly' as const, ...explanation } })),
    ),
    ...requests.map((request) => ({ time: Date.parse(request.time), event: { type: 'action' as const, ...request } })),
  ];
  return timed.sort((a, b) => a.time - b.time).map(({ event }) => event);
};

export const withEvents = <E extends Checked & WithExplained & WithRequests>(): OperatorFunction<E, E & WithEvents> =>
  map((event) => ({ ...event, events: inOrder(event) }));
