/** An HTTP server that does as it is told, and remembers what it was sent. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface SentRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A status; `silence` never answers; `until` takes it once that is over; `forward` asks another server; `torn` takes it and hangs up. */
export type Manner = number | 'silence' | 'torn' | { readonly forward: string } | { readonly until: Promise<void> };

export class HttpReceiver {
  /** All of them, and those that were answered with success. */
  readonly requests: SentRequest[] = [];
  readonly taken: SentRequest[] = [];
  manner: Manner = 200;

  private constructor(
    private readonly server: Server,
    private readonly scheme: 'http' | 'https',
  ) {}

  static async open(tls?: ServerOptions): Promise<HttpReceiver> {
    const server = tls === undefined ? createServer() : createSecureServer(tls);
    const receiver = new HttpReceiver(server, tls === undefined ? 'http' : 'https');
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const sent = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString() };
        receiver.requests.push(sent);
        const answer = (status: number): void => {
          if (status < 300) receiver.taken.push(sent);
          response.writeHead(status).end();
        };
        const { manner } = receiver;
        if (manner === 'silence') return;
        if (manner === 'torn') request.socket.destroy();
        else if (typeof manner === 'number') answer(manner);
        else if ('until' in manner)
          void manner.until.then(() => {
            answer(200);
          });
        else
          fetch(`${manner.forward}${sent.path}`, {
            method: 'POST',
            body: sent.body,
            headers: { 'content-type': 'application/json' },
          }).then(
            ({ status }) => {
              answer(status);
            },
            () => {
              answer(502);
            },
          );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
