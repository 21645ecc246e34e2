/** The console's HTTP server: guards first, then the API, then the page's files. */
import fastifySwagger from '@fastify/swagger';
import { fastify } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { Allowance } from './allowance';
import { anomalyRoutes } from './routes/anomaly-routes';
import { API_ROOT } from '../api/common';
import type { ConsoleContext, ZodServer } from './context';
import { sentRoutes } from './routes/sent-routes';
import { daemonEventRoutes } from './routes/daemon-event-routes';
import { eventRoute } from './routes/event-route';
import { guard, type AccessOptions } from './guard';
import { STRICT_HEADERS, strictHeaders } from './headers';
import { logHistoryRoute } from './routes/log-history-route';
import { historyRoutes } from './routes/history-routes';
import { liveRoutes } from './routes/live-routes';
import { orderRoutes } from './routes/orders';
import { openmctFile } from './openmct-file';
import { pageFiles } from './page-files';
import { answerProblems, HttpProblem, sendProblem } from './problems';
import { annotationRoute } from './routes/annotation-route';
import { reportRoutes } from './routes/report-routes';
import { yamcsRoutes } from './yamcs/routes';
import { replayRoutes } from './routes/replay-routes';

/** An order has a comment at most. */
const MAX_BODY_BYTES = 16 * 1024;
/** Every listener of either stream holds one; the rest is for those who ask. */
const MAX_CONNECTIONS = 768;
/** A person with a page asks some ten times a second at most; a script that exports asks once. */
const REQUESTS = { burst: 600, perSecond: 100 };
/** Ids are longer than Fastify's hundred characters. */
const MAX_PARAM_LENGTH = 1000;

export interface ServerOptions extends AccessOptions {
  /** Folder of the page's files. */
  readonly page: string;
  /** Told of defects, for the daemon's log. */
  readonly onInternal: (error: unknown) => void;
  readonly requests?: typeof REQUESTS;
}

const limitRates = (server: ZodServer, { counters }: ConsoleContext, limits: typeof REQUESTS): void => {
  const allowance = new Allowance(limits);
  server.addHook('onRequest', (request, _reply, done) => {
    counters.requests += 1;
    if (!allowance.take(request.socket.remoteAddress ?? ''))
      throw new HttpProblem('too-many-requests', 'wait a second', undefined, { 'retry-after': '1' });
    done();
  });
  server.addHook('onResponse', (_request, { statusCode }, done) => {
    if (statusCode >= 400) counters.refused += 1;
    done();
  });
};

/** The server, not yet listening; `inject` and `listen` are Fastify's. */
export const createServer = async (context: ConsoleContext, options: ServerOptions): Promise<ZodServer> => {
  const server = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // What headers must have come by, and a whole request; slow writers hold nothing for longer.
    requestTimeout: 15_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    trustProxy: false,
    // A path that cannot be decoded reaches no hook and no route.
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply.headers(STRICT_HEADERS), new HttpProblem('invalid-input', error.message));
    },
  }).withTypeProvider<ZodTypeProvider>();
  server.server.maxConnections = MAX_CONNECTIONS;
  server.server.headersTimeout = 10_000;
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  answerProblems(server, options.onInternal);
  strictHeaders(server);
  limitRates(server, context, options.requests ?? REQUESTS);
  guard(server, options);
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'peephole-fdir console',
        version: '1',
        description: 'What the FDIR daemon sees, and takes orders about.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: (route) => {
      const { schema, url } = jsonSchemaTransform(route);
      const needsToken = route.route.method !== 'GET';
      return { url, schema: needsToken ? { ...schema, security: [{ token: [] }] } : schema };
    },
  });
  await server.register(
    (api, _options, done) => {
      const typed = api.withTypeProvider<ZodTypeProvider>();
      liveRoutes(typed, context);
      anomalyRoutes(typed, context);
      daemonEventRoutes(typed, context);
      logHistoryRoute(typed, context);
      sentRoutes(typed, context);
      orderRoutes(typed, context);
      replayRoutes(typed, context);
      reportRoutes(typed, context);
      annotationRoute(typed, context);
      historyRoutes(typed, context);
      eventRoute(typed, '/events', context.hub);
      eventRoute(typed, '/telemetry', context.telemetryHub);
      typed.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
      done();
    },
    { prefix: API_ROOT },
  );
  if (options.yamcs !== undefined) await yamcsRoutes(server, context, options.yamcs);
  openmctFile(server, options.openmct);
  await pageFiles(server, options.page);
  return server;
};
