/** The console of a fleet in its thread: one list, one page. The daemon never waits for it. */
import { fastify } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { MessagePort } from 'node:worker_threads';
import { describeError } from '../../../domain/errors';
import { API_ROOT } from '../../api/common';
import { fleetQuerySchema, fleetSchema } from '../../api/fleet';
import type { FleetConsoleSetup, FleetSnapshot, FromFleetConsole } from '../../port/fleet-messages';
import { Allowance } from '../allowance';
import { guard } from '../guard';
import { strictHeaders } from '../headers';
import { answerProblems, Problem, sendProblem } from '../problems';
import { FLEET_CSS, FLEET_HTML, FLEET_JS } from './fleet-page';
import { fleetView } from './fleet-view';

/** A page asks once in two seconds, and at every letter that is typed. */
const REQUESTS = { burst: 200, perSecond: 20 };
const MAX_CONNECTIONS = 256;

const FILES: readonly (readonly [string, string, string])[] = [
  ['/', 'text/html; charset=utf-8', FLEET_HTML],
  ['/fleet.css', 'text/css; charset=utf-8', FLEET_CSS],
  ['/fleet.js', 'text/javascript; charset=utf-8', FLEET_JS],
];

/** The server, not yet listening. @param latest what the daemon said last. */
export const createFleetServer = (
  setup: Pick<FleetConsoleSetup, 'host' | 'allowedHosts' | 'tokens' | 'worker'>,
  latest: () => FleetSnapshot | undefined,
) => {
  const server = fastify({
    logger: false,
    bodyLimit: 1024,
    requestTimeout: 15_000,
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  server.server.maxConnections = MAX_CONNECTIONS;
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  answerProblems(server, () => undefined);
  strictHeaders(server);
  const allowance = new Allowance(REQUESTS);
  server.addHook('onRequest', (request, _reply, done) => {
    if (!allowance.take(request.socket.remoteAddress ?? ''))
      throw new Problem('too-many-requests', 'wait a second', undefined, { 'retry-after': '1' });
    done();
  });
  guard(server, { tokens: setup.tokens, allowedHosts: [setup.host, ...setup.allowedHosts] });
  for (const [path, type, text] of FILES)
    server.get(path, (_request, reply) =>
      reply.header('content-type', type).header('cache-control', 'no-cache').send(text),
    );
  server.get(
    `${API_ROOT}/fleet`,
    { schema: { querystring: fleetQuerySchema, response: { 200: fleetSchema } } },
    ({ query }) => {
      const { time = new Date(0).toISOString(), rows = [] } = latest() ?? {};
      return fleetView({ worker: setup.worker, time, rows }, query);
    },
  );
  server.setNotFoundHandler((request, reply) =>
    sendProblem(reply, new Problem('not-found', `nothing is served at ${request.url.slice(0, 200)}`)),
  );
  return server;
};

export const serveFleet = async (
  setup: FleetConsoleSetup,
  port: Pick<MessagePort, 'postMessage' | 'on'>,
): Promise<void> => {
  let latest: FleetSnapshot | undefined;
  port.on('message', (snapshot: FleetSnapshot) => {
    latest = snapshot;
  });
  const tell = (message: FromFleetConsole): void => {
    port.postMessage(message);
  };
  const server = createFleetServer(setup, () => latest);
  try {
    await server.listen({ host: setup.host, port: setup.port });
    const address = server.server.address();
    const bound = typeof address === 'object' && address !== null ? address.port : setup.port;
    tell({ kind: 'listening', url: `http://${setup.host}:${String(bound)}/` });
  } catch (error) {
    tell({ kind: 'failed', reason: describeError(error) });
  }
};
