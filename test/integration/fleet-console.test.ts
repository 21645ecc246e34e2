/** The console of a fleet: the list, its filters and its page. */
import { ASTRO_LOOK } from '../../src/core/alarms/severity-status';
import type { Alarm } from '../../src/domain/alarm';
import type { FleetRow, FleetView } from '../../src/console/api/fleet';
import { createFleetServer } from '../../src/console/server/fleet/serve-fleet';
import type { SpacecraftLog } from '../../src/console/server/fleet/spacecraft-routes';
import { openAnomaly } from '../support/open-anomaly';

const row = (spacecraft: string, given: Partial<FleetRow> = {}): FleetRow => ({
  spacecraft,
  member: 'BUS-A',
  partition: null,
  state: 'online',
  reasons: [],
  packetTime: null,
  ageSeconds: 1,
  openAnomalies: 0,
  openAlarms: 0,
  worst: 0,
  status: 'normal',
  frames: 5,
  ...given,
});

const ROWS = [
  row('SAT-1', { ageSeconds: 90 }),
  row('SAT-2', { openAnomalies: 1, openAlarms: 1, worst: 4.5, status: 'critical' }),
  row('SAT-3', { state: 'degraded', status: 'serious', reasons: ['the model does not work'] }),
  row('PROBE', { member: 'BUS-B', ageSeconds: null }),
];

const MOMENT = { time: '2026-03-01T00:00:00Z', value: 4.5 };
const RECORD = { ...openAnomaly({ id: 'SAT-2/2026-03-01T00:00:00Z/rw1' }), spacecraft: 'SAT-2' };
const alarm = (name: string): Alarm => ({
  ...{ name, sequence: 1, state: 'triggered', severity: 'high', title: 'rw1', isLatching: false, causes: {} },
  ...{ trigger: MOMENT, worst: MOMENT, current: MOMENT, count: 1, nearMisses: 0, changedAt: MOMENT.time },
  ...{ acknowledged: null, shelved: null, explanationId: RECORD.id, squelch: { tokens: 1, at: 0, suppressed: 0 } },
});
const asked: unknown[] = [];
const log: SpacecraftLog = {
  list: (query) => {
    asked.push(query);
    return { items: [], next: null };
  },
  alarms: () => [alarm('SAT-2/anomaly/rw1'), alarm('SAT-22/anomaly/rw1')],
  account: (id) =>
    id === RECORD.id
      ? { revisions: [RECORD], requests: [], recoveries: [], alarms: [], verdicts: [], notes: [] }
      : undefined,
};

const server = createFleetServer(
  { host: '127.0.0.1', allowedHosts: [], tokens: [{ name: 'ops', token: 'a-token-of-the-tests' }], worker: 'w1' },
  () => ({ kind: 'fleet', time: '2026-03-01T00:00:00.000Z', rows: ROWS }),
  log,
);

afterAll(() => server.close());

const ask = async (query: string): Promise<FleetView> => {
  const answer = await server.inject({ url: `/api/v1/fleet${query}`, headers: { host: 'localhost' } });
  expect(answer.statusCode).toBe(200);
  return answer.json();
};
const namesOf = async (query: string): Promise<readonly string[]> =>
  (await ask(query)).rows.map(({ spacecraft }) => spacecraft);

test('the gravest status comes first', async () => {
  expect(await namesOf('')).toEqual(['SAT-2', 'SAT-3', 'PROBE', 'SAT-1']);
});

test('it is ordered by name or age, and filtered by state and words', async () => {
  expect(await namesOf('?sort=name')).toEqual(['PROBE', 'SAT-1', 'SAT-2', 'SAT-3']);
  expect(await namesOf('?sort=age')).toEqual(['PROBE', 'SAT-1', 'SAT-2', 'SAT-3']);
  expect(await namesOf('?state=degraded')).toEqual(['SAT-3']);
  expect(await namesOf('?search=bus-b')).toEqual(['PROBE']);
  expect(await namesOf('?search=MODEL')).toEqual(['SAT-3']);
  expect(await ask('?search=SAT&limit=1')).toMatchObject({ total: 4, found: 3, worker: 'w1' });
});

test('a query that is none is refused with the field', async () => {
  const answer = await server.inject({ url: '/api/v1/fleet?state=lost', headers: { host: 'localhost' } });
  expect(answer.statusCode).toBe(400);
  expect(answer.body).toContain('state');
});

test('from beyond this machine the list needs a token, and other sites are refused', async () => {
  const from = (headers: Readonly<Record<string, string>>) =>
    server.inject({ url: '/api/v1/fleet', headers: { host: 'localhost', ...headers }, remoteAddress: '10.0.0.9' });
  expect((await from({})).statusCode).toBe(401);
  expect((await from({ authorization: 'Bearer a-token-of-the-tests' })).statusCode).toBe(200);
  expect((await server.inject({ url: '/api/v1/fleet', headers: { host: 'evil.example' } })).statusCode).toBe(421);
});

test('the page is served with its script and style, and nothing inline', async () => {
  const page = await server.inject({ url: '/', headers: { host: 'localhost' } });
  expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  expect(page.body).toContain('src="/fleet.js"');
  expect(page.body).not.toMatch(/<script>|style=/);
  const { body: style } = await server.inject({ url: '/fleet.css', headers: { host: 'localhost' } });
  for (const [status, { colour }] of Object.entries(ASTRO_LOOK))
    expect(style).toContain(`.status-${status} { --status: ${colour}; }`);
  for (const file of ['/fleet-common.js', '/fleet.js', '/spacecraft.js', '/fleet.css'])
    expect((await server.inject({ url: file, headers: { host: 'localhost' } })).statusCode).toBe(200);
});

describe('the page of a spacecraft', () => {
  const get = async (url: string) => {
    const { statusCode, body } = await server.inject({ url, headers: { host: 'localhost' } });
    return { statusCode, body };
  };

  test('reads the anomalies of that one alone, with the filters of the log', async () => {
    expect((await get('/api/v1/fleet/SAT-2/anomalies?state=open&limit=5')).statusCode).toBe(200);
    expect(asked.at(-1)).toMatchObject({ spacecraft: 'SAT-2', state: 'open', limit: 5 });
    expect((await get('/api/v1/fleet/SAT-2/anomalies?spacecraft=SAT-1')).statusCode).toBe(400);
  });

  test('reads its alarms, and not those of one whose name begins alike', async () => {
    const { items } = JSON.parse((await get('/api/v1/fleet/SAT-2/alarms')).body) as { items: Alarm[] };
    expect(items.map(({ name }) => name)).toEqual(['SAT-2/anomaly/rw1']);
  });

  test('shows the account of its anomaly, and none of another spacecraft', async () => {
    const at = (name: string, id: string) =>
      get(`/api/v1/fleet/${name}/anomaly?${new URLSearchParams({ id }).toString()}`);
    expect(JSON.parse((await at('SAT-2', RECORD.id)).body)).toMatchObject({ record: { id: RECORD.id }, revisions: 1 });
    expect((await at('SAT-1', RECORD.id)).statusCode).toBe(404);
    expect((await at('SAT-2', 'SAT-2/nothing')).statusCode).toBe(404);
  });

  test('says when there is no such spacecraft', async () => {
    for (const what of ['anomalies', 'alarms', 'anomaly?id=x']) {
      const { statusCode, body } = await get(`/api/v1/fleet/SAT-9/${what}`);
      expect({ statusCode, isNamed: body.includes('SAT-9') }).toEqual({ statusCode: 404, isNamed: true });
    }
  });

  test('is served with its script, and nothing inline', async () => {
    const page = await get('/spacecraft/SAT-2');
    expect(page.body).toContain('src="/spacecraft.js"');
    expect(page.body).not.toMatch(/<script>|style=/);
    expect((await get('/spacecraft.js')).statusCode).toBe(200);
  });
});
