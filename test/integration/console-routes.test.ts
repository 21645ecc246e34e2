/**
 * Every route that the console describes, asked for with everything it takes damaged: path, query, body, headers. Over HTTP, and over
 * a real log. Routes come from the description itself, so that none is forgotten. fast-check prints seed and path of a failure.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { openLog } from '../../src/adapters/log/sqlite-log';
import { consoleLog } from '../../src/compose/console-log';
import { ReplayRuns } from '../../src/console/server/replay-runs';
import { openConsole, TOKEN, type ConsoleWorld } from '../support/console-world';
import { anomalyEvent, recoveryEntries } from '../support/full-log';
import { damagedText, damagedTree, POLLUTING } from '../support/mutations';
import { T0 } from '../support/tiny-mission';

interface Described {
  readonly in?: string;
  readonly name: string;
  readonly schema?: { readonly enum?: readonly string[]; readonly type?: string };
}
interface Operation {
  readonly parameters?: readonly Described[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { readonly schema: { readonly properties?: Record<string, Described['schema']> } }>
    >;
  };
}
interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

let folder: string;
let world: ConsoleWorld;
let log: ReturnType<typeof consoleLog>;
let routes: readonly Route[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-routes-'));
  const writer = openLog(join(folder, 'log.db'), T0);
  for (let index = 0; index < 20; index += 1) {
    const id = `TINY-1/${String(index)}`;
    const recoveries = recoveryEntries(id, { rule: 'off', state: 'verified', startedAt: T0 });
    writer.commit([anomalyEvent({ id, start: T0 + index * 60_000, equipment: 'rw1' })], recoveries);
  }
  writer.close();
  log = consoleLog(join(folder, 'log.db'), () => T0 + 3_600_000);
  const replays = new ReplayRuns({
    configFile: 'fdir.yaml',
    folder,
    file: '/nowhere',
    openLog: () => log,
    now: () => T0,
    onChange: () => undefined,
  });
  world = await openConsole({}, { log, replays });
  const { paths = {} } = world.server.swagger();
  routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations as Record<string, Operation>).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
});
afterAll(async () => {
  await world.close();
  log.close();
  rmSync(folder, { recursive: true });
});

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** One request as it is; a stream that does not end is left at once. */
const ask = (method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(world.url);
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const { statusCode: status = 0 } = response;
      const type = response.headers['content-type'] ?? '';
      let text = '';
      const end = (): void => {
        resolve({ status, type, text });
      };
      if (type.startsWith('text/event-stream')) {
        sent.destroy();
        end();
        return;
      }
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', end).on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** Half a surrogate pair has no encoding. */
const whole = (text: string): string => Buffer.from(text).toString();

/** What a value of a query or a path may be. */
const word = (...examples: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(
      ...examples,
      ...POLLUTING,
      '',
      '..',
      '%',
      '%00',
      '%2e%2e/x',
      "' OR 1=1 --",
      '*',
      '"',
      '🛰',
      'NaN',
      '-1',
      '1e999',
    ),
    fc.constantFrom(
      '9'.repeat(30),
      `${'9'.repeat(20)}d`,
      '999999999999999',
      '2h',
      '2026-03-01T04:12:08Z',
      'fric* AND',
      '(((',
      'x'.repeat(600),
    ),
    fc.string({ maxLength: 20 }),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );

const examplesOf = ({ schema }: Described): readonly string[] =>
  schema?.enum ?? (schema?.type === 'boolean' ? ['true'] : ['1']);

const queryOf = ({ parameters = [] }: Operation): fc.Arbitrary<string> => {
  const known = parameters.filter(({ in: where }) => where === 'query');
  const pair = fc.oneof(
    ...known.map((parameter) =>
      word(...examplesOf(parameter)).map((value): [string, string] => [parameter.name, value]),
    ),
    fc.tuple(fc.oneof(fc.constantFrom(...POLLUTING), fc.string({ maxLength: 6 })), word()),
  );
  return fc.oneof(
    fc
      .array(pair, { maxLength: 4 })
      .map((pairs) =>
        new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, whole(value)])).toString(),
      ),
    // Not even encoded.
    fc.string({ maxLength: 30 }).map((text) => text.replaceAll(/[^\x21-\x7e]|#/g, '%')),
  );
};

const pathOf = ({ path }: Route): fc.Arbitrary<string> => {
  const parts = path.split('/');
  const ids = ['TINY-1/3', 'TINY-1/3/off', 'check/rw0_speed', 'replay-1', 'off', 'rw1', 'none'];
  return fc
    .tuple(
      ...parts.map((part) =>
        part.startsWith('{') ? word(...ids).map((id) => encodeURIComponent(whole(id))) : fc.constant(part),
      ),
    )
    .map((items) => items.join('/'));
};

const bodyOf = ({ requestBody }: Operation): fc.Arbitrary<string> => {
  const properties = requestBody?.content['application/json']?.schema.properties ?? {};
  const example = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, schema?.enum?.[0] ?? (name === 'for' ? '1h' : 'x')]),
  );
  return fc.oneof(
    fc.constant(JSON.stringify(example)),
    damagedTree(example).map((tree) => JSON.stringify(tree) ?? ''),
    damagedText(JSON.stringify(example)),
    fc.constantFrom('', 'null', '[]', '{"__proto__":{"polluted":1}}', '['.repeat(5000), `"${'x'.repeat(20_000)}"`),
  );
};

const headers = fc
  .record(
    {
      authorization: fc.oneof(fc.constant(`Bearer ${TOKEN}`), fc.constantFrom('Bearer', 'Basic eA==', 'Bearer  x y')),
      'content-type': fc.constantFrom('application/json', 'text/plain', 'application/json; charset=x', ''),
      'last-event-id': fc.constantFrom('', 'test-1', 'x'.repeat(300), '-1'),
      origin: fc.constantFrom('http://evil.example', 'null', 'x'),
      accept: fc.constantFrom('*/*', 'x'),
    },
    { requiredKeys: [] },
  )
  .map((given): Record<string, string> => ({
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
    ...given,
  }));

/** Refused ones say so as problem details, and which field it was when one was wrong. */
const isProper = (answer: Answered, isHead: boolean): void => {
  expect(answer.status).toBeLessThan(500);
  if (answer.status < 400 || isHead) return;
  expect(answer.type).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(answer.text) as { status: number; detail: string };
  expect(problem.status).toBe(answer.status);
  expect(problem.detail).not.toBe('');
};

test('the description names every kind of route', () => {
  expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual(
    expect.arrayContaining(['GET /api/v1/anomalies', 'GET /api/v1/events', 'POST /api/v1/replays']) as string[],
  );
  expect(routes.length).toBeGreaterThan(20);
});

test('whatever any route is asked with, it answers properly, and the console goes on', async () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  for (const route of routes) {
    const { method, operation } = route;
    const query = queryOf(operation);
    const body = method === 'GET' ? fc.constant(undefined) : bodyOf(operation);
    await fc.assert(
      fc.asyncProperty(pathOf(route), query, headers, body, async (path, asked, sent, text) => {
        isProper(await ask(method, `${path}?${asked}`, sent, text), false);
      }),
      { numRuns: 60 },
    );
  }
  expect(world.defects).toEqual([]);
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect((await ask('GET', '/api/v1/overview', {})).status).toBe(200);
});

test('a request that is no request is refused', async () => {
  const methods = fc.constantFrom('PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'POST', 'GET');
  const anywhere = fc.oneof(
    fc.webPath().map((path) => `/api/v1${path}`),
    fc.webPath(),
    fc.string({ maxLength: 30 }).map((text) => `/${text.replaceAll(/[^\x21-\x7e]/g, '%')}`),
  );
  await fc.assert(
    fc.asyncProperty(methods, anywhere, headers, async (method, path, sent) => {
      isProper(await ask(method, path, sent), method === 'HEAD');
    }),
    { numRuns: 300 },
  );
  expect(world.defects).toEqual([]);
});
