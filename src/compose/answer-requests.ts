/** Answers what people asked of the running daemon, from what was decided and from the log. */
import { describeError } from '../domain/errors';
import type { MqttLink } from '../adapters/mqtt/mqtt-link';
import type { LedgerReader } from '../adapters/log/sqlite-ledger';
import { byUrgency } from '../core/alarms/alarm-orders';
import { excerpt } from '../core/telemetry/drop';
import type { Answer } from '../core/response/response';
import type { Note } from '../domain/note';
import type { OperatorRequest, Reply } from '../domain/requests';
import type { RequestAnswerer } from '../pipeline/ports';

/** The newest note that is just so was kept with this request; none: the log says why not. */
const noteReply = (ledger: LedgerReader, note: Note): Reply => {
  const { kind, about, target, by, text } = note;
  const [kept] = ledger
    .notes({ about, target, kinds: [kind], limit: 20 })
    .filter((item) => item.by === by && item.text === text);
  if (kept === undefined) return { ok: false, message: ledger.noteProblem(note) ?? 'the note was not kept: try again' };
  const number = String(kept.sequence);
  switch (kind) {
    case 'note':
      return { ok: true, message: `note ${number} on ${about === 'shift' ? 'the shift' : target}`, data: kept };
    case 'hand-over':
      return {
        ok: true,
        message: `hand-over ${number}; the next one confirms it: fdir note confirm ${number}`,
        data: kept,
      };
    case 'confirmation':
      return { ok: true, message: `${by} has confirmed the hand-over ${target}`, data: kept };
  }
};

const lookUp = (ledger: LedgerReader, request: OperatorRequest): Reply => {
  switch (request.name) {
    case 'action-list': {
      const data = ledger.listRecoveries({ all: request.asked.all });
      return { ok: true, message: `${String(data.length)} recoveries`, data };
    }
    case 'action-show': {
      const data = ledger.showRecovery(request.asked.id);
      return data === undefined
        ? { ok: false, message: `no action is called ${request.asked.id}` }
        : { ok: true, message: request.asked.id, data };
    }
    case 'alarm-list': {
      const data = byUrgency(ledger.listAlarms({ all: request.asked.all }));
      return { ok: true, message: `${String(data.length)} alarms`, data };
    }
    case 'verdict': {
      const { id, verdict } = request.asked;
      return ledger.hasAnomaly(id)
        ? { ok: true, message: `${id}: ${verdict}` }
        : { ok: false, message: `no anomaly has the id ${id}` };
    }
    case 'note-list': {
      const data = ledger.notes(request.asked);
      return { ok: true, message: `${String(data.length)} notes`, data };
    }
    case 'note-add': {
      const { by, about, target, text } = request.asked;
      return noteReply(ledger, { kind: 'note', about, target, by, text });
    }
    case 'shift-hand-over':
      return noteReply(ledger, { kind: 'hand-over', about: 'shift', target: '', ...request.asked });
    case 'shift-confirm': {
      const { by, comment, number } = request.asked;
      return noteReply(ledger, { kind: 'confirmation', about: 'shift', target: String(number), by, text: comment });
    }
    case 'action-approve':
    case 'action-reject':
    case 'action-state':
    case 'rule-rearm':
    case 'equipment-health':
    case 'alarm-ack':
    case 'alarm-shelve':
    case 'alarm-unshelve':
    case 'alarm-clear':
    case 'reload':
      return { ok: false, message: `${request.name} is no question` };
  }
};

/** A record that cannot be read is told to the one who asked: a question is no reason for the daemon to stop. */
export const queryLog = (ledger: LedgerReader, request: OperatorRequest): Reply => {
  try {
    return lookUp(ledger, request);
  } catch (error) {
    const why = describeError(error);
    return { ok: false, message: `the log cannot be read: ${excerpt(why)}; "fdir log verify" tells more` };
  }
};

/** @param ledgerNow the log may be replaced while the daemon runs. */
export const requestAnswerer = (link: Pick<MqttLink, 'reply'>, ledgerNow: () => LedgerReader): RequestAnswerer => ({
  answer: ({ asked, reply }: Answer) => {
    // What the daemon ordered itself has no topic, and nobody waits for an answer.
    if (asked.topic !== '') link.reply(asked, 'query' in reply ? queryLog(ledgerNow(), reply.query) : reply);
  },
});
