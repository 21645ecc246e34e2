/**
 * `npm run openmct [-- --url CONSOLE] [--port N]`: Open MCT 4 with the plugin, on a page of its own. Without a url it starts the
 * demonstration and shows that. The page's server hands what is asked under `/fdir/` to the console, so that both have one origin.
 */
import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize, resolve as absolute } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError } from '../domain/errors';
import { endWithUs } from './end-with-us';
import { until } from './until';

const ROOT = absolute(__dirname, '../..');
/** What is asked of the console begins with it. */
const PROXIED = '/fdir';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Open MCT with FDIR</title>
    <script src="/dist/openmct.js"></script>
    <script src="${PROXIED}/openmct/fdir.js"></script>
  </head>
  <body>
    <script src="/start.js"></script>
  </body>
</html>
`;

/** A token may be given in the address, which only this server sees. */
const START = `'use strict';
const minutes = (count) => count * 60000;
const start = async () => {
  const url = location.origin + '${PROXIED}';
  const token = new URLSearchParams(location.search).get('token') ?? undefined;
  const overview = await (await fetch(url + '/api/v1/overview', token ? { headers: { authorization: 'Bearer ' + token } } : {})).json();
  const newest = Date.parse(overview.pulse?.packetTime ?? '') || Date.now();
  openmct.setAssetPath('/dist');
  openmct.install(openmct.plugins.LocalStorage());
  openmct.install(openmct.plugins.MyItems());
  openmct.install(openmct.plugins.Espresso());
  openmct.install(openmct.plugins.UTCTimeSystem());
  openmct.install(openmct.plugins.Hyperlink());
  openmct.install(openmct.plugins.Timeline());
  openmct.install(openmct.plugins.PlanLayout({ creatable: true }));
  openmct.install(openmct.plugins.FaultManagement());
  openmct.install(
    openmct.plugins.Conductor({
      menuOptions: [
        { name: 'Fixed', timeSystem: 'utc', bounds: { start: newest - minutes(360), end: newest } },
        { name: 'Realtime', timeSystem: 'utc', clock: 'local', clockOffsets: { start: -minutes(30), end: minutes(1) } },
      ],
    }),
  );
  openmct.install(installFdir({ url, token }));
  openmct.start(document.body);
};
start().catch((error) => {
  document.body.textContent = 'The FDIR console does not answer: ' + error.message;
});
`;

const send = (response: ServerResponse, type: string, text: string): void => {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' }).end(text);
};

/** Hands a request on as this machine's own; a console that does not answer is a 502. */
const proxy = (target: string, from: IncomingMessage, to: ServerResponse): void => {
  const { hostname, port, host } = new URL(target);
  const { authorization, accept, 'content-type': type, 'last-event-id': last } = from.headers;
  const headers = Object.fromEntries(
    Object.entries({ host, authorization, accept, 'content-type': type, 'last-event-id': last }).filter(
      ([, value]) => value !== undefined,
    ),
  ) as Record<string, string>;
  const path = (from.url ?? '').slice(PROXIED.length) || '/';
  const asked = request({ hostname, port, path, method: from.method, headers }, (answer) => {
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(to);
  });
  asked.on('error', () => {
    if (!to.headersSent) to.writeHead(502);
    to.end();
  });
  to.on('close', () => {
    asked.destroy();
  });
  from.pipe(asked);
};

const sendFile = (folder: string, path: string, response: ServerResponse): void => {
  const file = normalize(join(folder, decodeURIComponent(path)));
  if (!file.startsWith(folder) || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(response);
};

/** @param consoleUrl of the daemon that is shown. */
export const openmctServer = (consoleUrl: string): Server => {
  // Its package lets nothing be named but itself.
  const openmct = join(ROOT, 'node_modules/openmct');
  return createServer((from, to) => {
    const path = (from.url ?? '/').split('?', 1)[0] ?? '/';
    if (path === '/') send(to, 'text/html; charset=utf-8', PAGE);
    else if (path === '/start.js') send(to, 'text/javascript; charset=utf-8', START);
    else if (path.startsWith(`${PROXIED}/`)) proxy(consoleUrl, from, to);
    else sendFile(openmct, path, to);
  });
};

/** Resolves with its address. */
export const listenOn = (server: Server, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : port)}`);
    });
  });

const startDemo = async (): Promise<string> => {
  const demo = spawn(process.execPath, [join(ROOT, 'dist/cli.js'), 'demo', '--stay']);
  endWithUs(demo);
  let told = '';
  demo.stdout.resume();
  demo.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    process.stderr.write(text);
  });
  return until('the console', () => /console stays at (http:\S+)/.exec(told)?.[1], 120_000);
};

const main = async (): Promise<void> => {
  const { url, port } = parseArgs({
    options: { url: { type: 'string' }, port: { type: 'string', default: '8090' } },
  }).values;
  const address = await listenOn(openmctServer(url ?? (await startDemo())), Number(port));
  process.stderr.write(`Open MCT with the plugin is at ${address}/ until Ctrl-C\n`);
};

if (require.main === module)
  void main().catch((error: unknown) => {
    process.stderr.write(`openmct: ${describeError(error)}\n`);
    process.exitCode = 3;
  });
