/** `GET /metrics` and nothing else, on an address of its own: it goes on when the console is off. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FdirError } from '../../domain/errors';

export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface MetricsServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly contentType: string;
  readonly exposition: () => Promise<string>;
}

/** A scraper sends a line and a few headers; who is slower than this is none. */
const HEADERS_TIMEOUT_MS = 5000;
/** Prometheus opens one connection a server. */
const MAX_CONNECTIONS = 16;

const addressOf = (server: Server): AddressInfo => server.address() as AddressInfo;

/** @throws FdirError `runtime` when the address is taken or not ours. */
export const startMetricsServer = async (options: MetricsServerOptions): Promise<MetricsServer> => {
  const { host, port, contentType, exposition } = options;
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: HEADERS_TIMEOUT_MS },
    (request, response) => {
      const isAsked = request.url === '/metrics';
      if (!isAsked || (request.method !== 'GET' && request.method !== 'HEAD')) {
        response.writeHead(isAsked ? 405 : 404, isAsked ? { allow: 'GET, HEAD' } : {}).end();
        return;
      }
      exposition().then(
        (text) => response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text),
        () => response.writeHead(500).end(),
      );
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'the port is taken; choose another in `metrics: { port }`' : error.message;
      reject(new FdirError('runtime', `metrics at ${host}:${String(port)}: ${why}`));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: addressOf(server).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};
