/** Orders of people over HTTP: the same requests as over MQTT, by whom the token names, answered by the same daemon. */
import { z } from 'zod';
import { commentBody, idText, problemSchema, takenSchema, type OrderReceipt } from '../../api/common';
import { verdictBody } from '../../api/anomalies';
import { confirmBody, handOverBody, noteBody } from '../../api/report';
import { equipmentHealthBody, modeBody, rearmBody, ruleStateBody, shelveBody } from '../../api/recovery';
import { readingLog, type ConsoleContext, type ZodServer } from '../context';
import type { ConsoleOrder } from '../../port/messages';
import { HttpProblem } from '../problems';

/** Answers of an order, for the document. */
const response = { 200: takenSchema, '4xx': problemSchema, '5xx': problemSchema };

export const orderRoutes = (server: ZodServer, { orders: desk, log }: ConsoleContext): void => {
  const give = async (who: string | null, order: (by: string) => ConsoleOrder): Promise<OrderReceipt> => {
    if (who === null) throw new HttpProblem('no-token', 'whatever changes something needs a token');
    const reply = await desk.order(order(who));
    if (reply === undefined)
      throw new HttpProblem('no-answer', 'it may still be carried out; look again before you repeat it');
    if (!reply.ok) throw new HttpProblem('refused', reply.message);
    return { message: reply.message, by: who };
  };
  const params = { id: z.object({ id: idText }), name: z.object({ name: idText }), rule: z.object({ rule: idText }) };

  for (const name of ['action-approve', 'action-reject'] as const)
    server.post(
      `/actions/:id/${name === 'action-approve' ? 'approve' : 'reject'}`,
      { schema: { tags: ['actions'], params: params.id, body: commentBody, response } },
      ({ who, params: { id }, body: { comment } }) => give(who, (by) => ({ name, asked: { by, comment, id } })),
    );

  for (const name of ['alarm-ack', 'alarm-unshelve', 'alarm-clear'] as const)
    server.post(
      `/alarms/:name/${name.slice('alarm-'.length)}`,
      { schema: { tags: ['alarms'], params: params.name, body: commentBody, response } },
      ({ who, params: { name: alarm }, body: { comment } }) =>
        give(who, (by) => ({ name, asked: { by, comment, name: alarm } })),
    );

  server.post(
    '/alarms/:name/shelve',
    { schema: { tags: ['alarms'], params: params.name, body: shelveBody, response } },
    ({ who, params: { name }, body }) => give(who, (by) => ({ name: 'alarm-shelve', asked: { by, ...body, name } })),
  );
  server.post(
    '/rules/:rule/state',
    { schema: { tags: ['rules'], params: params.rule, body: ruleStateBody, response } },
    ({ who, params: { rule }, body }) => give(who, (by) => ({ name: 'action-state', asked: { by, ...body, rule } })),
  );
  server.post(
    '/rules/:rule/rearm',
    { schema: { tags: ['rules'], params: params.rule, body: rearmBody, response } },
    ({ who, params: { rule }, body }) => give(who, (by) => ({ name: 'rule-rearm', asked: { by, ...body, rule } })),
  );
  server.post('/mode', { schema: { tags: ['daemon'], body: modeBody, response } }, ({ who, body }) =>
    give(who, (by) => ({ name: 'action-state', asked: { by, ...body } })),
  );
  server.post(
    '/equipment/:equipment/health',
    {
      schema: { tags: ['daemon'], params: z.object({ equipment: idText }), body: equipmentHealthBody, response },
    },
    ({ who, params: { equipment }, body }) =>
      give(who, (by) => ({ name: 'equipment-health', asked: { by, ...body, equipment } })),
  );
  server.post('/notes', { schema: { tags: ['shift'], body: noteBody, response } }, ({ who, body }) =>
    give(who, (by) => ({ name: 'note-add', asked: { by, ...body } })),
  );
  server.post('/hand-overs', { schema: { tags: ['shift'], body: handOverBody, response } }, ({ who, body }) =>
    give(who, (by) => ({ name: 'shift-hand-over', asked: { by, ...body } })),
  );
  server.post(
    '/hand-overs/:number/confirm',
    {
      schema: {
        tags: ['shift'],
        params: z.object({ number: z.coerce.number().int().min(1) }),
        body: confirmBody,
        response,
      },
    },
    ({ who, params: { number }, body: { comment } }) =>
      give(who, (by) => ({ name: 'shift-confirm', asked: { by, comment, number } })),
  );
  server.post(
    '/anomalies/:id/verdict',
    { schema: { tags: ['anomalies'], params: params.id, body: verdictBody, response } },
    ({ who, params: { id }, body: { verdict, comment } }) => {
      if (readingLog(() => log.account(id)) === undefined)
        throw new HttpProblem('not-found', `no anomaly is called ${id}`);
      return give(who, (by) => ({ name: 'verdict', asked: { id, by, verdict, comment } }));
    },
  );
};
