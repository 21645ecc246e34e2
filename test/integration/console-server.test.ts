/** The console's server over real HTTP: who may what, what is refused and how, and that nothing of it is a defect. */
import fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Telemetry } from '../../src/console/api/history';
import { isoTime } from '../../src/domain/units';
import { ask, openConsole, TOKEN, type ConsoleWorld } from '../support/console-world';
import { openStream } from '../support/event-stream';
import { T0 } from '../support/tiny-mission';
import { until } from '../support/until';

let world: ConsoleWorld;
beforeEach(async () => {
  world = await openConsole();
});
afterEach(async () => {
  await world.close();
  expect(world.defects).toEqual([]);
});

const get = (path: string, headers: Record<string, string> = {}) => ask(world.url, path, { headers });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  ask(world.url, path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
const withToken = { authorization: `Bearer ${TOKEN}` };

const READS = [
  'overview',
  'mission',
  'session',
  'health',
  'rules',
  'alarms',
  'alarms?all=true',
  'actions?all=true',
  'anomalies',
  'anomalies/histogram',
  'anomalies/export?format=csv',
  'replays',
  'openapi.json',
];
const ORDERS: readonly [path: string, body: object][] = [
  ['actions/x/approve', {}],
  ['actions/x/reject', { comment: 'no' }],
  ['alarms/anomaly%2Frw1/ack', {}],
  ['alarms/anomaly%2Frw1/shelve', { for: '30m' }],
  ['alarms/anomaly%2Frw1/unshelve', {}],
  ['alarms/anomaly%2Frw1/clear', {}],
  ['rules/r/state', { state: 'disabled' }],
  ['rules/r/rearm', { equipment: 'rw1' }],
  ['mode', { state: 'passive' }],
  ['equipment/rw1/health', { health: 'faulty' }],
  ['anomalies/AURORA-1%2F2026-03-01T04%3A12%3A08Z%2Frw1/verdict', { verdict: 'false' }],
];

describe('who may what', () => {
  test.each(READS)('on this machine anybody reads %s', async (path) => {
    const { status, headers } = await get(`/api/v1/${path}`);
    expect({ status, cache: headers['cache-control'] }).toEqual({ status: 200, cache: 'no-store' });
  });

  test.each(READS)('from beyond it nobody reads %s without a token', async (path) => {
    const from = (authorization?: string) =>
      world.server.inject({
        url: `/api/v1/${path}`,
        remoteAddress: '192.0.2.7',
        headers: { host: 'fdir.example', ...(authorization !== undefined && { authorization }) },
      });
    expect((await from()).statusCode).toBe(401);
    expect((await from('Bearer wrong-0123456789abc')).statusCode).toBe(401);
    expect((await from(`Bearer ${TOKEN}`)).statusCode).toBe(200);
  });

  test('behind a proxy on this machine everybody is from beyond it', async () => {
    const statuses = await Promise.all(
      ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'].map(
        async (name) => (await get('/api/v1/overview', { [name]: '127.0.0.1' })).status,
      ),
    );
    expect(statuses).toEqual([401, 401, 401, 401]);
  });

  test.each(ORDERS)('%s needs a token, also on this machine', async (path, body) => {
    const refused = await post(`/api/v1/${path}`, body);
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe('Bearer realm="fdir"');
    expect(world.orders).toEqual([]);
    const { status, text } = await post(`/api/v1/${path}`, body, withToken);
    expect({ status, answer: JSON.parse(text) as unknown }).toEqual({
      status: 200,
      answer: { message: 'done', by: 'ann' },
    });
    expect(world.orders).toHaveLength(1);
  });

  test('the name of the token is who asks, whatever the body says', async () => {
    const forged = await post('/api/v1/alarms/x/ack', { by: 'bob', comment: 'seen' }, withToken);
    expect(forged.status).toBe(400);
    await post('/api/v1/alarms/check%2Frw0_speed/shelve', { for: '90s', comment: 'seen' }, withToken);
    expect(world.orders).toEqual([
      { name: 'alarm-shelve', asked: { by: 'ann', comment: 'seen', name: 'check/rw0_speed', for: 90_000 } },
    ]);
  });

  test.each([
    'Basic YW5uOng=',
    'Bearer',
    'Bearer ',
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Token ${TOKEN}`,
  ])('%s is no token of ours, also where none is needed', async (authorization) => {
    const { status, text } = await get('/api/v1/overview', { authorization });
    expect([status, (JSON.parse(text) as { type: string }).type]).toEqual([401, '#no-token']);
  });

  test('who guesses is made to wait; reading without a token goes on', async () => {
    for (let guess = 0; guess < 10; guess += 1)
      expect((await get('/api/v1/overview', { authorization: `Bearer guess-${String(guess)}` })).status).toBe(401);
    const { status, headers } = await get('/api/v1/overview', { authorization: 'Bearer guess-10' });
    expect([status, headers['retry-after']]).toEqual([429, '60']);
    expect((await get('/api/v1/overview')).status).toBe(200);
  });

  test('a session tells whose token it is', async () => {
    expect(JSON.parse((await get('/api/v1/session')).text)).toEqual({ name: null, mayChange: false, hasTokens: true });
    expect(JSON.parse((await get('/api/v1/session', withToken)).text)).toEqual({
      name: 'ann',
      mayChange: true,
      hasTokens: true,
    });
  });
});

describe('other sites', () => {
  const host = (): string => new URL(world.url).host;

  test.each(['evil.example', 'evil.example:8080', 'localhost.evil.example', 'a@localhost', '[::1', 'fdir.example.'])(
    'host name "%s"',
    async (name) => {
      const { status } = await get('/api/v1/overview', { host: name });
      expect(status).toBe(name === 'fdir.example.' ? 200 : 421);
    },
  );

  test.each(['localhost', 'localhost:1', '127.0.0.1', '[::1]:8080', '192.0.2.1:8080', 'FDIR.example'])(
    'host name "%s" is ours, or an address, which no other site can have',
    async (name) => {
      expect((await get('/api/v1/overview', { host: name })).status).toBe(200);
    },
  );

  test('an origin is the host that was asked, or refused, for reading and for orders', async () => {
    const statuses = async (origin: string): Promise<number[]> => [
      (await get('/api/v1/overview', { origin })).status,
      (await post('/api/v1/mode', { state: 'passive' }, { ...withToken, origin })).status,
    ];
    expect(await statuses(`http://${host()}`)).toEqual([200, 200]);
    expect(await statuses('http://evil.example')).toEqual([403, 403]);
    expect(await statuses('null')).toEqual([403, 403]);
    expect(await statuses(`http://${host()}.evil.example`)).toEqual([403, 403]);
    // Another port of this machine is another site.
    expect(await statuses('http://127.0.0.1:1')).toEqual([403, 403]);
  });

  test.each(['cross-site', 'same-site'])('what a page of a %s asks is refused', async (site) => {
    const { status, text } = await get('/api/v1/overview', { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' });
    expect([status, (JSON.parse(text) as { type: string }).type]).toEqual([403, '#cross-site']);
    const link = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await get('/api/v1/overview', link)).status).toBe(403);
    // A link to the page itself; it was not built here.
    expect((await get('/', link)).status).toBe(404);
  });

  test.each(['same-origin', 'none'])('Sec-Fetch-Site %s is welcome', async (site) => {
    expect((await get('/api/v1/overview', { 'sec-fetch-site': site })).status).toBe(200);
  });
});

describe('headers', () => {
  test.each(['/api/v1/overview', '/api/v1/nothing', '/', '/api/v1/anomalies?limit=x'])(
    'of %s are strict',
    async (path) => {
      const { headers } = await get(path);
      expect(headers).toMatchObject({
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'x-frame-options': 'DENY',
      });
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|https?:/);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('server');
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  test('no answer allows another site anything, asked beforehand or not', async () => {
    const { status, headers } = await ask(world.url, '/api/v1/mode', {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(status).toBe(403);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('bad input', () => {
  const detailOf = (text: string) => JSON.parse(text) as { type: string; status: number; detail: string };

  test.each([
    ['anomalies?limit=0', 'querystring.limit'],
    ['anomalies?limit=many', 'querystring.limit'],
    ['anomalies?state=ajar', 'querystring.state'],
    ['anomalies?minConfidence=2', 'querystring.minConfidence'],
    ['anomalies?severty=high', 'severty'],
    ['anomalies?verdict=maybe', 'querystring.verdict'],
    ['anomalies?sort=colour', 'querystring.sort'],
    ['anomalies/histogram?buckets=1000000', 'querystring.buckets'],
    ['anomalies/export?format=xls', 'querystring.format'],
    ['alarms?all=1', 'querystring.all'],
  ])('%s names the field', async (path, field) => {
    const { status, headers, text } = await get(`/api/v1/${path}`);
    expect(status).toBe(400);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(detailOf(text)).toMatchObject({
      type: '#invalid-input',
      status: 400,
      detail: expect.stringContaining(field),
    });
  });

  test.each([
    ['not JSON', '{', 400],
    ['no object', '[]', 400],
    ['an unknown key', '{"comment":"x","by":"eve"}', 400],
    ['a comment that is a book', JSON.stringify({ comment: 'x'.repeat(1001) }), 400],
    ['a poisoned prototype', '{"__proto__":{"comment":"x"}}', 400],
    ['too much', JSON.stringify({ comment: 'x'.repeat(20_000) }), 413],
  ])('a body that is %s', async (_what, body, expected) => {
    const { status, text } = await post('/api/v1/alarms/x/ack', body, withToken);
    expect(status).toBe(expected);
    expect(text).not.toMatch(/\.ts:|\.js:|node_modules/);
    expect(world.orders).toEqual([]);
  });

  test('a body that is no JSON by its type', async () => {
    const { status } = await post('/api/v1/alarms/x/ack', 'comment=x', {
      ...withToken,
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(status).toBe(415);
  });

  test('ids that do not exist', async () => {
    const paths = ['anomalies/none', 'alarms/none', 'actions/none', 'replays/none', 'model', 'nothing'];
    const statuses = await Promise.all(paths.map(async (path) => (await get(`/api/v1/${path}`)).status));
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404]);
    expect((await post('/api/v1/anomalies/none/verdict', { verdict: 'true' }, withToken)).status).toBe(404);
  });

  test('whatever is asked is answered below 500, and the console goes on', async () => {
    const seed = 20_261_125;
    const word = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom('..', '%', '%00', '%2e%2e', 'anomalies', 'alarms', 'x/../..', "' OR 1=1 --", '\u{1f6f0}'),
    );
    const path = fc
      .tuple(
        fc.constantFrom('anomalies', 'alarms', 'actions', 'rules', 'replays', 'events/x', ''),
        fc.array(word, { maxLength: 3 }),
      )
      .map(([first, rest]) => `/api/v1/${[first, ...rest.map(encodeURIComponent)].join('/')}`);
    const query = fc
      .dictionary(
        fc.constantFrom('since', 'until', 'limit', 'cursor', 'text', 'equipment', 'buckets', '__proto__'),
        word,
      )
      .map((items) => new URLSearchParams(items).toString());
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map((text) => `{"comment":${text}}`),
    );
    await fc.assert(
      fc.asyncProperty(
        path,
        query,
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD'),
        body,
        async (where, what, method, text) => {
          const { status } = await ask(world.url, `${where}?${what}`, {
            method,
            headers: withToken,
            ...(method === 'POST' && { body: text }),
          });
          expect(status).toBeLessThan(500);
        },
      ),
      { seed, numRuns: 300 },
    );
    expect((await get('/api/v1/overview')).status).toBe(200);
  });
});

describe('the daemon and its log', () => {
  const verdictPath = `/api/v1/anomalies/${encodeURIComponent('AURORA-1/2026-03-01T04:12:08Z/rw1')}/verdict`;

  test('what the daemon refuses is a conflict, in its own words', async () => {
    world.answer = { ok: false, message: 'x is sent: too late to reject it' };
    const { status, text } = await post('/api/v1/actions/x/reject', {}, withToken);
    expect(JSON.parse(text)).toEqual({
      type: '#refused',
      title: 'The daemon refused',
      status: 409,
      detail: 'x is sent: too late to reject it',
    });
    expect(status).toBe(409);
  });

  test('a daemon that does not answer is told as such, because the order may still be carried out', async () => {
    world.answer = undefined;
    expect((await post('/api/v1/actions/x/approve', {}, withToken)).status).toBe(504);
  });

  test('a log that cannot be read is 503 where it is needed, and nothing else; it works again when it can', async () => {
    const needs = [
      'anomalies',
      'anomalies/histogram',
      'anomalies/export',
      'anomalies/x',
      'alarms?all=true',
      'actions?all=true',
    ];
    const without = ['overview', 'alarms', 'actions', 'rules', 'health', 'session', 'mission', 'replays'];
    const statuses = (paths: readonly string[]) =>
      Promise.all(paths.map(async (path) => (await get(`/api/v1/${path}`)).status));
    world.log.trouble = 'database is locked';
    expect(await statuses(needs)).toEqual(needs.map(() => 503));
    expect(await statuses(without)).toEqual(without.map(() => 200));
    expect((await post(verdictPath, { verdict: 'true' }, withToken)).status).toBe(503);
    const { headers, text } = await get('/api/v1/anomalies');
    expect(headers['retry-after']).toBe('5');
    expect(JSON.parse(text)).toMatchObject({ type: '#log-unavailable', detail: 'database is locked' });
    expect(JSON.parse((await get('/api/v1/health')).text)).toMatchObject({ console: { isLogReadable: false } });
    world.log.trouble = undefined;
    expect(await statuses(needs)).toEqual([200, 200, 200, 404, 200, 200]);
  });

  test('a spreadsheet that opens an export runs nothing', async () => {
    const [anomaly] = world.log.anomalies;
    if (anomaly !== undefined) world.log.anomalies.push({ ...anomaly, id: '=cmd()', sentence: 'a "b", c' });
    const { headers, text } = await get('/api/v1/anomalies/export?format=csv');
    expect(headers['content-disposition']).toBe('attachment; filename="anomalies.csv"');
    const lines = text.split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^id,revision,state,/);
    expect(lines[2]).toMatch(/^'=cmd\(\),/);
    expect(lines[2]).toMatch(/,"a ""b"", c"$/);
  });

  test('a Parquet export is a file that begins and ends as one', async () => {
    const response = await fetch(`${world.url}/api/v1/anomalies/export?format=parquet`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="anomalies.parquet"');
    expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
    const { paths } = JSON.parse((await get('/api/v1/openapi.json')).text) as {
      paths: Record<string, { get?: { parameters: { name: string; schema: { enum?: string[] } }[] } }>;
    };
    const format = paths['/api/v1/anomalies/export']?.get?.parameters.find(({ name }) => name === 'format');
    expect(format?.schema.enum).toEqual(['csv', 'ndjson', 'parquet']);
  });

  test('an export to somebody who leaves ends there', async () => {
    const { items } = world.log.list({ limit: 1, sort: 'start', order: 'asc' });
    const batch = Array.from({ length: 1000 }, () => items).flat();
    let read = 0;
    let isOver = false;
    world.log.batches = function* () {
      try {
        for (; read < 1_000_000; read += 1000) yield batch;
      } finally {
        isOver = true;
      }
    };
    const abort = new AbortController();
    const response = await fetch(`${world.url}/api/v1/anomalies/export`, { signal: abort.signal });
    await response.body?.getReader().read();
    abort.abort();
    await until('the export to end', () => isOver);
    expect(read).toBeLessThan(1_000_000);
    expect((await get('/api/v1/overview')).status).toBe(200);
  });
});

test('two hundred readers of the live page hear the same telemetry, once and in order, and one too many is told to wait', async () => {
  const { telemetryHub } = world.context;
  const readers = await Promise.all(Array.from({ length: 200 }, () => openStream(world.url, {}, 'telemetry')));
  expect(telemetryHub.size).toBe(200);
  const news = (second: number): Telemetry => ({
    stepSeconds: 1,
    measured: [{ time: isoTime(T0 + second * 1000), min: [second], max: [second], mean: [second], mode: null }],
    judged: [],
  });
  for (let second = 0; second < 3; second += 1) {
    telemetryHub.send({ name: 'telemetry', data: news(second) });
    await until('all readers to have it', () =>
      readers.every((reader) => reader.on('telemetry').length === second + 1),
    );
  }
  for (const reader of readers) expect(reader.on('telemetry')).toEqual([news(0), news(1), news(2)]);
  // Whoever asks for anything else is answered meanwhile.
  expect((await get('/api/v1/overview')).status).toBe(200);
  const more = await Promise.all(Array.from({ length: 56 }, () => openStream(world.url, {}, 'telemetry')));
  expect((await get('/api/v1/telemetry')).status).toBe(503);
  for (const reader of [...readers, ...more]) reader.close();
  await until('all to be gone', () => telemetryHub.size === 0);
});

test('too many requests are told to wait', async () => {
  const strict = await openConsole({ requests: { burst: 3, perSecond: 0.001 } });
  try {
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await ask(strict.url, '/api/v1/session')).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  } finally {
    await strict.close();
  }
});

test('the document describes every route, and a token where one is needed', async () => {
  const { text } = await get('/api/v1/openapi.json');
  const { openapi, paths } = JSON.parse(text) as {
    openapi: string;
    paths: Record<string, Record<string, { security?: unknown }>>;
  };
  expect(openapi).toBe('3.1.0');
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(described.sort()).toMatchSnapshot();
  const open = Object.values(paths).flatMap((methods) =>
    Object.entries(methods).filter(([method, { security }]) => (method === 'post') === (security === undefined)),
  );
  expect(open).toEqual([]);
});

describe('the files of the page', () => {
  let folder: string;
  let page: ConsoleWorld;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fdir-page-'));
    mkdirSync(join(folder, 'page/assets'), { recursive: true });
    writeFileSync(join(folder, 'page/index.html'), '<!doctype html><title>console</title>');
    writeFileSync(join(folder, 'page/assets/index-1a2b3c.js'), 'export {};');
    writeFileSync(join(folder, 'page/.secret'), 'hidden');
    writeFileSync(join(folder, 'beside.txt'), 'outside');
    page = await openConsole({ page: join(folder, 'page') });
  });
  afterEach(async () => {
    await page.close();
    rmSync(folder, { recursive: true, force: true });
    expect(page.defects).toEqual([]);
  });
  const look = async (path: string, headers: Record<string, string> = {}) => {
    const { status, text, headers: given } = await ask(page.url, path, { headers });
    return {
      status,
      text,
      cache: given['cache-control'],
      type: given['content-type'],
      policy: given['content-security-policy'],
    };
  };

  test('are served with strict headers; what has a hash in its name is kept, the rest asked for again', async () => {
    expect(await look('/')).toMatchObject({
      status: 200,
      cache: 'no-cache',
      type: expect.stringMatching(/^text\/html/),
    });
    expect(await look('/assets/index-1a2b3c.js')).toMatchObject({
      status: 200,
      cache: expect.stringContaining('immutable'),
      type: expect.stringMatching(/javascript/),
      policy: expect.stringContaining("script-src 'self'"),
    });
  });

  test('a place inside the page is the page; a file or route that is not there is not', async () => {
    expect((await look('/anomalies/AURORA-1%2Fx')).text).toContain('<title>console</title>');
    expect((await look('/assets/none.js')).status).toBe(404);
    expect((await look('/api/v1/none')).status).toBe(404);
    expect((await ask(page.url, '/place', { method: 'POST', headers: withToken })).status).toBe(404);
  });

  test.each([
    '/../beside.txt',
    '/%2e%2e/beside.txt',
    '/..%2fbeside.txt',
    '/assets/../../beside.txt',
    '/.secret',
    '/%00',
    '//etc/passwd',
  ])('%s leads nowhere', async (path) => {
    const { status, text } = await look(path);
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/outside|hidden|root:/);
  });

  test('are open to other machines, where a token is typed into them, and hold nothing of the spacecraft', async () => {
    const from = { remoteAddress: '192.0.2.7', headers: { host: 'fdir.example' } };
    expect((await page.server.inject({ url: '/', ...from })).statusCode).toBe(200);
    expect((await page.server.inject({ url: '/api/v1/mission', ...from })).statusCode).toBe(401);
    expect((await page.server.inject({ url: '/', method: 'POST', ...from })).statusCode).toBe(401);
  });
});
