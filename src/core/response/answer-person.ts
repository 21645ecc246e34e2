/** What people ask of a running daemon: recoveries and alarms are moved at once, questions are put to the log. */
import type { Situation } from '../../domain/facts';
import type { LedgerEntry } from '../../domain/ledger';
import type { Note } from '../../domain/note';
import type { AskedRequest, OperatorRequest, Reply } from '../../domain/requests';
import { orderAlarm } from '../alarms/alarm-orders';
import type { AlarmsStep } from '../alarms/alarm-book';
import { operate, operatorEntry } from '../recovery/operate';
import type { SupervisorStep } from '../recovery/supervisor';
import type { Answer, ResponseState } from './response';

/** An answer, and what it changed. */
export interface PersonReply {
  readonly reply: Answer['reply'];
  readonly recovery?: SupervisorStep;
  readonly alarms?: AlarmsStep;
  readonly ledger?: readonly LedgerEntry[];
}

type AlarmRequest = Extract<OperatorRequest, { name: `alarm-${'ack' | 'shelve' | 'unshelve' | 'clear'}` }>;

const KINDS = { 'alarm-ack': 'acknowledge', 'alarm-unshelve': 'unshelve', 'alarm-clear': 'clear' } as const;
const DONE = {
  'alarm-ack': 'acknowledged',
  'alarm-shelve': 'shelved',
  'alarm-unshelve': 'unshelved',
  'alarm-clear': 'cleared',
} as const;

const answerAboutAlarm = (
  { alarms }: Pick<ResponseState, 'alarms'>,
  request: AlarmRequest,
  time: number,
): PersonReply => {
  const { name, by, comment } = request.asked;
  const who = { name, by, comment };
  const order =
    request.name === 'alarm-shelve'
      ? { ...who, kind: 'shelve' as const, forMs: request.asked.for }
      : { ...who, kind: KINDS[request.name] };
  const step = orderAlarm(alarms, order, time);
  const reply: Reply =
    step.refused === undefined
      ? { ok: true, message: `${name} is ${DONE[request.name]} by ${by}` }
      : { ok: false, message: `${name} ${step.refused}` };
  return { reply, alarms: step, ledger: [operatorEntry(time, { by, request: request.name, target: name }, reply)] };
};

/** Whether there is such an anomaly, alarm or hand-over the log knows, and says in its answer. */
const noted = (query: OperatorRequest, record: Note): PersonReply => ({
  reply: { query },
  ledger: [{ kind: 'note', record }],
});

/** @param situation the spacecraft at mission time `time`. */
export const answerPerson = (
  state: Pick<ResponseState, 'env' | 'supervisor' | 'alarms'>,
  request: AskedRequest['request'],
  time: number,
  situation: Situation,
): PersonReply => {
  switch (request.name) {
    case 'unreadable':
      return { reply: { ok: false, message: request.message } };
    case 'action-list':
    case 'action-show':
    case 'alarm-list':
    case 'note-list':
      return { reply: { query: request } };
    case 'verdict': {
      const { id, by, verdict, comment } = request.asked;
      // Whether there is such an anomaly the log knows.
      return {
        reply: { query: request },
        ledger: [{ kind: 'verdict', record: { anomaly: id, by, verdict, comment } }],
      };
    }
    case 'note-add': {
      const { by, about, target, text } = request.asked;
      return noted(request, { kind: 'note', about, target, by, text });
    }
    case 'shift-hand-over': {
      const { by, text } = request.asked;
      return noted(request, { kind: 'hand-over', about: 'shift', target: '', by, text });
    }
    case 'shift-confirm': {
      const { by, comment, number } = request.asked;
      return noted(request, { kind: 'confirmation', about: 'shift', target: String(number), by, text: comment });
    }
    case 'reload':
      // Reading files is the composition's business: what comes here was not taken up there.
      return { reply: { ok: false, message: 'nothing can be loaded anew here' } };
    case 'action-approve':
    case 'action-reject':
    case 'action-state':
    case 'rule-rearm':
    case 'equipment-health': {
      const { reply, ...recovery } = operate(state.env, state.supervisor, request, situation);
      return { reply, recovery };
    }
    case 'alarm-ack':
    case 'alarm-shelve':
    case 'alarm-unshelve':
    case 'alarm-clear':
      return answerAboutAlarm(state, request, time);
  }
};
