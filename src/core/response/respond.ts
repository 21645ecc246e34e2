/**
 * What is made of everything an arrival led to: rules that match become recoveries, acknowledgements and people's orders move them,
 * and alarms are raised. A pure fold over instants in packet-time order; the pipeline threads the state, a rule test too.
 *
 * A request is as old as what it was decided on: its expiry counts from the arrival of the telemetry. A disk that was full for
 * a minute makes no late command.
 */
import type { PipelineEvent } from '../../domain/events';
import { ResponseBuilder } from './response-builder';
import type { ResponseInput, ResponseParts, ResponseState, ResponseStep } from './response';

const timeOf = (event: PipelineEvent): number => Date.parse(event.type === 'anomaly' ? event.revisedAt : event.time);

/** In packet-time order: what happened, then what the rules make of the instant; orders and acknowledgements come before all. */
export const respond = (parts: ResponseParts, state: ResponseState, input: ResponseInput): ResponseStep => {
  const builder = new ResponseBuilder(parts, state, input.base ?? 0);
  for (const control of input.controls) builder.control(control, input.receivedAt);
  const last = input.instants.at(-1);
  if (input.beginsBase !== undefined)
    builder.beginBase(input.beginsBase, last?.time ?? input.beginsBase.to, input.receivedAt);
  // What the clock closed arrived before, and says nothing of how late telemetry comes.
  const arrivedAt = input.closing === undefined ? input.receivedAt : undefined;
  if (last !== undefined && arrivedAt !== undefined) builder.noteLateness(last.time, arrivedAt);
  let next = 0;
  let nextMiss = 0;
  // After all else of their frame, however many frames an arrival completes.
  const nearMissesBefore = (time: number): void => {
    for (; nextMiss < input.nearMisses.length; nextMiss += 1) {
      const nearMiss = input.nearMisses[nextMiss];
      if (nearMiss === undefined || nearMiss.time >= time) return;
      builder.nearMiss(nearMiss);
    }
  };
  const eventsUntil = (time: number): void => {
    for (; next < input.events.length; next += 1) {
      const event = input.events[next];
      if (event === undefined || timeOf(event) > time) return;
      nearMissesBefore(timeOf(event));
      builder.event(event);
    }
  };
  for (const change of input.absences ?? []) builder.absence(change);
  for (const instant of input.instants) {
    builder.approach(instant);
    eventsUntil(instant.time);
    nearMissesBefore(instant.time);
    builder.instant(instant);
  }
  eventsUntil(Infinity);
  nearMissesBefore(Infinity);
  if (last !== undefined && arrivedAt !== undefined) builder.anchor(last.time, arrivedAt);
  return builder.finish();
};
