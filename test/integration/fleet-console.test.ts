/** The console of a fleet: the list, its filters and its page. */
import type { FleetRow, FleetView } from '../../src/console/api/fleet';
import { createFleetServer } from '../../src/console/server/fleet/serve-fleet';

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
  frames: 5,
  ...given,
});

const ROWS = [
  row('SAT-1', { ageSeconds: 90 }),
  row('SAT-2', { openAnomalies: 1, openAlarms: 1, worst: 4.5 }),
  row('SAT-3', { state: 'degraded', reasons: ['the model does not work'] }),
  row('PROBE', { member: 'BUS-B', ageSeconds: null }),
];

const server = createFleetServer(
  { host: '127.0.0.1', allowedHosts: [], tokens: [{ name: 'ops', token: 'a-token-of-the-tests' }], worker: 'w1' },
  () => ({ kind: 'fleet', time: '2026-03-01T00:00:00.000Z', rows: ROWS }),
);

afterAll(() => server.close());

const ask = async (query: string): Promise<FleetView> => {
  const answer = await server.inject({ url: `/api/v1/fleet${query}`, headers: { host: 'localhost' } });
  expect(answer.statusCode).toBe(200);
  return answer.json();
};
const namesOf = async (query: string): Promise<readonly string[]> =>
  (await ask(query)).rows.map(({ spacecraft }) => spacecraft);

test('what has alarms comes first, then what does not work', async () => {
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
  for (const file of ['/fleet.js', '/fleet.css'])
    expect((await server.inject({ url: file, headers: { host: 'localhost' } })).statusCode).toBe(200);
});
