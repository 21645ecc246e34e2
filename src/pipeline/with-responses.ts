/**
 * What happened gains what is done about it: recoveries that rules, acknowledgements and people move, and alarms. All of it comes
 * as data; what is to leave leaves after it is written.
 */
import type { PipelineEvent } from '../domain/events';
import { respond } from '../core/response/respond';
import { initialResponse, type Control, type Response, type ResponseParts } from '../core/response/response';
import { resumeResponse } from '../core/response/resume-response';
import type { RuleProgram } from '../core/rules/rule-program';
import type { AbsenceChange } from '../core/telemetry/absence';
import type { Closing } from '../core/telemetry/slot-clock';
import { enrich } from './enrich';
import type { Remembering, ResumedResponse } from './memory';
import type { WithEvents } from './with-events';
import type { TimeStep } from './with-frames';
import type { WithMonitoring } from './with-monitoring';

export interface ControlInput extends Remembering {
  readonly controls?: readonly Control[];
  readonly receivedAt?: number | undefined;
  readonly closing?: Closing | undefined;
  readonly absences?: readonly AbsenceChange[];
  readonly base?: number | undefined;
  readonly beginsBase?: TimeStep | undefined;
}

export type WithResponses = Omit<Response, 'actions' | 'muted'> & WithEvents;

const timeOf = (event: PipelineEvent): number => Date.parse(event.type === 'anomaly' ? event.revisedAt : event.time);

export const withResponses = <E extends WithMonitoring & WithEvents & ControlInput>(
  parts: ResponseParts,
  program: RuleProgram | undefined,
  resumed?: ResumedResponse,
) =>
  enrich(
    resumeResponse(initialResponse(parts, program), resumed),
    (before, event: E) => {
      const { instants, nearMisses, absences, controls = [], receivedAt, closing, events, base, beginsBase } = event;
      const { state, added } = respond(parts, before, {
        instants,
        nearMisses,
        absences,
        controls,
        receivedAt,
        closing,
        events,
        base,
        beginsBase,
      });
      const { actions, muted, ledger, alarms, answers } = added;
      // At one packet time: what was found, what was held back, what was asked for. A stable sort keeps the order within each.
      const all: readonly PipelineEvent[] =
        actions.length + muted.length === 0
          ? events
          : [...events, ...muted, ...actions].sort((a, b) => timeOf(a) - timeOf(b));
      const responses: WithResponses = { events: all, ledger, alarms, answers };
      return { state, added: responses };
    },
    (response) => ({ response }),
  );
