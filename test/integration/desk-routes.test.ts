/** Routes of the desk: the report of a shift, notes and hand-overs, and annotations for plots of others. */
import { createHash } from 'node:crypto';
import { annotationListSchema } from '../../src/console/api/annotations';
import type { NoteRecord } from '../../src/domain/note';
import { shiftReportSchema } from '../../src/domain/shift-report';
import { ask, openConsole, TOKEN, type Answered, type ConsoleWorld } from '../support/console-world';
import { T0 } from '../support/tiny-mission';

let world: ConsoleWorld;
beforeEach(async () => {
  world = await openConsole();
});
afterEach(async () => {
  await world.close();
});

const get = (path: string): Promise<Answered> => ask(world.url, `/api/v1${path}`);
const post = (path: string, body: object): Promise<Answered> =>
  ask(world.url, `/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify(body),
  });
const NOTE: NoteRecord = {
  ...{ sequence: 7, time: '2026-03-01T00:00:00Z', target: '', by: 'ada', text: '<b>quiet</b>' },
  kind: 'note',
  about: 'shift',
};

describe('the report', () => {
  beforeEach(() => {
    world.log.kept = [NOTE];
  });

  test('is a page whose own style alone may be used, and holds what people wrote as text', async () => {
    const { status, headers, text } = await get('/report?since=8h');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toContain('&lt;b&gt;quiet&lt;/b&gt;');
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
  });

  test('is also Markdown and JSON, of the same range: 8h back from its end', async () => {
    const range = 'since=8h&until=2026-03-01T08:00:00Z';
    expect((await get(`/report?${range}&format=md`)).text).toMatch(
      /^# Shift 2026-03-01 00:00:00 to 2026-03-01 08:00:00 UTC/,
    );
    const { headers, text } = await get(`/report?${range}&format=json`);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(shiftReportSchema.parse(JSON.parse(text))).toMatchObject({ since: '2026-03-01T00:00:00Z', notes: [NOTE] });
    expect((await get(`/report?${range}&format=json`)).text).toBe(text);
  });

  test.each([
    ['since=yesterday', /since "yesterday" is no time/],
    ['since=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z', /must be the earlier one/],
    ['format=pdf', /format: Invalid option/],
  ])('of "%s" is refused with what to give', async (query, detail) => {
    const { status, text } = await get(`/report?${query}`);
    expect(status).toBe(400);
    expect((JSON.parse(text) as { detail: string }).detail).toMatch(detail);
  });

  test('of a log that cannot be read now is told to come back', async () => {
    world.log.trouble = 'locked';
    expect((await get('/report')).status).toBe(503);
  });
});

test('notes are listed, and written as orders by the name of the token', async () => {
  world.log.kept = [NOTE];
  expect(JSON.parse((await get('/notes')).text)).toEqual({ items: [NOTE] });
  await post('/notes', { about: 'alarm', target: 'check/p', text: 'seen' });
  await post('/hand-overs', { text: 'all quiet' });
  await post('/hand-overs/7/confirm', {});
  expect(world.orders).toEqual([
    { name: 'note-add', asked: { by: 'ann', about: 'alarm', target: 'check/p', text: 'seen' } },
    { name: 'shift-hand-over', asked: { by: 'ann', text: 'all quiet' } },
    { name: 'shift-confirm', asked: { by: 'ann', comment: '', number: 7 } },
  ]);
  expect((await post('/notes', { about: 'shift', text: ' ' })).status).toBe(400);
  expect((await post('/hand-overs/x/confirm', {})).status).toBe(400);
});

describe('annotations', () => {
  const range = `from=${String(T0 - 1e9)}&to=${String(T0 + 1e9)}`;

  test('hold anomalies as regions and telecommands as points, in the order of time', async () => {
    world.log.sent = [{ time: '2026-03-01T00:00:01Z', name: 'SLEW', arguments: { rate: 2 } }];
    const items = annotationListSchema.parse(JSON.parse((await get(`/annotations?${range}`)).text));
    expect(items).toEqual([
      {
        ...{ kind: 'command', time: T0 + 1000, timeEnd: null, title: 'SLEW', text: 'rate=2', id: '' },
        tags: ['command', 'SLEW'],
      },
      {
        ...{ kind: 'anomaly', time: Date.parse('2026-03-01T04:12:08Z'), timeEnd: null, title: 'rw1: friction-rise' },
        text: 'rw1: friction-rise. very likely, 93 %',
        tags: ['anomaly', 'rw1', 'friction-rise', 'medium', 'open'],
        id: 'AURORA-1/2026-03-01T04:12:08Z/rw1',
      },
    ]);
    const only = annotationListSchema.parse(JSON.parse((await get(`/annotations?${range}&kinds=command`)).text));
    expect(only.map(({ kind }) => kind)).toEqual(['command']);
  });

  test.each(['', '?from=2&to=1', '?from=x&to=2', `?${range}&kinds=pictures`, `?${range}&limit=1e9`])(
    'for "%s" are refused as unreadable',
    async (query) => {
      expect((await get(`/annotations${query}`)).status).toBe(400);
    },
  );
});
