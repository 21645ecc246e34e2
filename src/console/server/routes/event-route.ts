/** `GET /events`: the stream of everything that happens. `GET /telemetry`: that of telemetry, for those who look at it. */
import { z } from 'zod';
import { problemSchema } from '../../api/common';
import { MAX_CLIENTS, type EventHub } from '../event-hub';
import type { ZodServer } from '../context';
import { STRICT_HEADERS } from '../headers';
import { HttpProblem } from '../problems';

export const eventRoute = (server: ZodServer, path: '/events' | '/telemetry', hub: EventHub): void => {
  server.get(
    path,
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['events'],
        description: 'server-sent events; see eventSchemas',
        querystring: z.object({ lastEventId: z.string().max(60).optional() }),
        response: { 200: z.string(), '4xx': problemSchema, '5xx': problemSchema },
      },
    },
    (request, reply) => {
      if (hub.isFull)
        throw new HttpProblem('busy', `${String(MAX_CLIENTS)} clients listen already`, undefined, {
          'retry-after': '10',
        });
      const header = request.headers['last-event-id'];
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        ...STRICT_HEADERS,
        // What the guard allows a page of another origin.
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Proxies must not wait for more.
        'x-accel-buffering': 'no',
      });
      // A request that never ends must not be ended for idleness; a client that is gone closes the socket.
      request.socket.setTimeout(0);
      const leave = hub.join(raw, typeof header === 'string' ? header : request.query.lastEventId);
      raw.on('close', leave);
      raw.on('error', leave);
    },
  );
};
