/** The console of a fleet in its thread: the grid, and a page for each spacecraft. The daemon never waits for it. */
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
import { answerProblems, HttpProblem, sendProblem } from '../problems';
import { COMMON_JS, FLEET_CSS } from './fleet-document';
import { FLEET_HTML, FLEET_JS } from './fleet-page';
import { fleetView } from './fleet-view';
import { SPACECRAFT_HTML, SPACECRAFT_JS } from './spacecraft-page';
import { spacecraftRoutes, type SpacecraftLog } from './spacecraft-routes';

/** A page asks once in two seconds, and at every letter that is typed. */
const REQUESTS = { burst: 200, perSecond: 20 };
const MAX_CONNECTIONS = 256;

const FILES: readonly (readonly [string, string, string])[] = [
  ['/', 'text/html; charset=utf-8', FLEET_HTML],
  ['/fleet.css', 'text/css; charset=utf-8', FLEET_CSS],
  ['/fleet-common.js', 'text/javascript; charset=utf-8', COMMON_JS],
  ['/fleet.js', 'text/javascript; charset=utf-8', FLEET_JS],
  // The page reads the name from its address.
  ['/spacecraft/:spacecraft', 'text/html; charset=utf-8', SPACECRAFT_HTML],
  ['/spacecraft.js', 'text/javascript; charset=utf-8', SPACECRAFT_JS],
];

/** The server, not yet listening. @param latest what the daemon said last. */
export const createFleetServer = (
  setup: Pick<FleetConsoleSetup, 'host' | 'allowedHosts' | 'tokens' | 'worker'>,
  latest: () => FleetSnapshot | undefined,
  log: SpacecraftLog,
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
      throw new HttpProblem('too-many-requests', 'wait a second', undefined, { 'retry-after': '1' });
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
  void server.register(
    (scoped, _options, done) => {
      const isKnown = (name: string): boolean => latest()?.rows.some(({ spacecraft }) => spacecraft === name) === true;
      spacecraftRoutes(scoped.withTypeProvider<ZodTypeProvider>(), log, isKnown);
      done();
    },
    { prefix: API_ROOT },
  );
  server.setNotFoundHandler((request, reply) =>
    sendProblem(reply, new HttpProblem('not-found', `nothing is served at ${request.url.slice(0, 200)}`)),
  );
  return server;
};

export const serveFleet = async (
  setup: FleetConsoleSetup,
  port: Pick<MessagePort, 'postMessage' | 'on'>,
  log: SpacecraftLog,
): Promise<void> => {
  let latest: FleetSnapshot | undefined;
  port.on('message', (snapshot: FleetSnapshot) => {
    latest = snapshot;
  });
  const tell = (message: FromFleetConsole): void => {
    port.postMessage(message);
  };
  const server = createFleetServer(setup, () => latest, log);
  try {
    await server.listen({ host: setup.host, port: setup.port });
    const address = server.server.address();
    const bound = typeof address === 'object' && address !== null ? address.port : setup.port;
    tell({ kind: 'listening', url: `http://${setup.host}:${String(bound)}/` });
  } catch (error) {
    tell({ kind: 'failed', reason: describeError(error) });
  }
};
