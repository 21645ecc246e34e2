/**
 * The calls of Yamcs that openmct-yamcs makes for alarms: list, acknowledge, shelve, unshelve, and the WebSocket. Off unless
 * `yamcsApi` is configured. Refusals have the form of Yamcs.
 */
import type {} from '@fastify/websocket';
import type { FastifyError, FastifyReply } from 'fastify';
import type { z } from 'zod';
import { LONGEST_SHELVING_MS } from '../../../core/alarms/alarm-orders';
import type { Alarm } from '../../../domain/alarm';
import { yamcsAlarmListSchema, yamcsOrderBody } from '../../api/yamcs';
import type { ConsoleContext, ZodServer } from '../context';
import type { ConsoleOrder, YamcsApi } from '../../port/messages';
import { HttpProblem } from '../problems';
import { alarmNameOf, isListed, yamcsAlarmOf } from './alarm-data';
import { YamcsSubscriptions, type YamcsTarget } from './sockets';

/** Listeners at once; each holds a connection. */
const MAX_SOCKETS = 64;
/** A client says some hundred bytes. */
const MAX_MESSAGE_BYTES = 16 * 1024;

/** `/{namespace}/{name}/{seqNum}:{verb}` after `alarms`. */
const ORDER = /^(\/.+)\/(\d+):(acknowledge|shelve|unshelve)$/;

const TYPES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'BadRequest',
  504: 'GatewayTimeout',
};

const sendException = (reply: FastifyReply, { status, message }: HttpProblem): FastifyReply =>
  reply
    .code(status)
    .serializer(JSON.stringify)
    .type('application/json; charset=utf-8')
    .send({ code: status, type: TYPES[status] ?? 'InternalServerError', msg: message });

type Body = z.infer<typeof yamcsOrderBody>;

const orderOf = (verb: string, name: string, by: string, body: Body): ConsoleOrder => {
  const comment = body?.comment ?? '';
  switch (verb) {
    case 'acknowledge':
      return { name: 'alarm-ack', asked: { by, comment, name } };
    case 'unshelve':
      return { name: 'alarm-unshelve', asked: { by, comment, name } };
    default: {
      const forMs = Math.min(body?.shelveDuration ?? LONGEST_SHELVING_MS, LONGEST_SHELVING_MS);
      // Open MCT asks for no reason; ours are never shelved without one.
      return {
        name: 'alarm-shelve',
        asked: { by, comment: comment === '' ? 'shelved over the Yamcs API' : comment, name, for: forMs },
      };
    }
  }
};

const routes = (server: ZodServer, context: ConsoleContext, api: YamcsApi): void => {
  const { live, mission, orders, listen } = context;
  const { spacecraft } = mission;
  const check = ({ instance, processor }: YamcsTarget): void => {
    if (instance !== api.instance) throw new HttpProblem('not-found', `no instance is called ${instance}`);
    if (processor !== api.processor) throw new HttpProblem('not-found', `no processor is called ${processor}`);
  };
  server.setErrorHandler((error: FastifyError, _request, reply) => {
    const { statusCode = 500 } = error;
    if (!(error instanceof HttpProblem) && statusCode >= 500) throw error;
    return sendException(reply, error instanceof HttpProblem ? error : new HttpProblem('invalid-input', error.message));
  });
  server.get<{ Params: YamcsTarget }>(
    '/processors/:instance/:processor/alarms',
    { schema: { hide: true, response: { 200: yamcsAlarmListSchema } } },
    ({ params }) => {
      check(params);
      return { alarms: [...live.alarms.values()].filter(isListed).map((alarm) => yamcsAlarmOf(spacecraft, alarm)) };
    },
  );
  server.post<{ Params: YamcsTarget & { '*': string } }>(
    '/processors/:instance/:processor/alarms/*',
    { schema: { hide: true } },
    async ({ params, body, who }, reply) => {
      check(params);
      const by = who ?? api.actAs;
      if (by === undefined) throw new HttpProblem('no-token', 'whatever changes something needs a token');
      const [, qualified = '', seqNum = '', verb = ''] = ORDER.exec(`/${params['*'].replace(/^\//, '')}`) ?? [];
      const name = alarmNameOf(spacecraft, qualified);
      const alarm: Alarm | undefined = name === undefined ? undefined : live.alarms.get(name);
      if (name === undefined || alarm === undefined || alarm.sequence !== Number(seqNum))
        throw new HttpProblem('not-found', `no alarm is called ${qualified} with the number ${seqNum}`);
      const read = yamcsOrderBody.safeParse(body);
      if (!read.success)
        throw new HttpProblem('invalid-input', 'the body is { comment, shelveDuration }: milliseconds or null');
      const answer = await orders.order(orderOf(verb, name, by, read.data));
      if (answer === undefined) throw new HttpProblem('no-answer', 'it may still be carried out; look again');
      if (!answer.ok) throw new HttpProblem('refused', answer.message);
      return reply.code(200).send({});
    },
  );
  let sockets = 0;
  server.get('/websocket', { websocket: true, schema: { hide: true } }, (socket) => {
    if (sockets >= MAX_SOCKETS) {
      socket.close(1013, 'too many listen already');
      return;
    }
    sockets += 1;
    const subscriptions = new YamcsSubscriptions(socket, {
      target: api,
      spacecraft,
      alarms: () => live.alarms.values(),
    });
    const leave = listen((event) => {
      if (event.name === 'alarm') subscriptions.changed(event.data);
      else if (event.name === 'snapshot') subscriptions.renewed();
    });
    socket.on('message', (data: Buffer) => {
      subscriptions.take(data.toString());
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets -= 1;
      leave();
    });
  });
};

/** Under `/api`, beside our own API. */
export const yamcsRoutes = async (server: ZodServer, context: ConsoleContext, api: YamcsApi): Promise<void> => {
  // A connection that asked for more than HTTP is no longer the server's: a refused one would stay open, and keep `close` waiting.
  server.addHook('onResponse', ({ headers, raw }, { statusCode }, done) => {
    if (headers.upgrade !== undefined && statusCode >= 400) raw.socket.destroySoon();
    done();
  });
  // Loaded where it is wanted: a small computer has no room for what it does not use.
  const { default: websocket } = await import('@fastify/websocket');
  await server.register(websocket, { options: { maxPayload: MAX_MESSAGE_BYTES } });
  await server.register(
    (scope, _options, done) => {
      routes(scope as ZodServer, context, api);
      done();
    },
    { prefix: '/api' },
  );
};
