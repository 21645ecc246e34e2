/** `GET /commands` and `GET /reports` over HTTP, from a real log. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../src/adapters/log/sqlite-log';
import { consoleLog } from '../../src/compose/console-log';
import type { OnboardEvent } from '../../src/domain/onboard-event';
import { isoTime } from '../../src/domain/units';
import { ask, openConsole, type ConsoleWorld } from '../support/console-world';
import { T0 } from '../support/tiny-mission';

const command = (second: number, name: string) => ({
  time: isoTime(T0 + second * 1000),
  name,
  arguments: { gain: second },
});
const report: OnboardEvent = {
  type: 'report',
  time: isoTime(T0 + 5000),
  name: 'EVENT_STALL',
  number: 17,
  severity: 'high',
  apid: 7,
  sequence: 3,
  values: { friction: 300, wheel: 'RW2' },
};

let folder: string;
let log: ReturnType<typeof consoleLog>;
let world: ConsoleWorld;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-sent-'));
  const path = join(folder, 'log.db');
  const writer = openLog(path, T0);
  const told = [command(1, 'SET_GAIN'), command(2, 'HEATER_ON'), command(3, 'SET_GAIN')];
  writer.commit(
    [report],
    told.map((record) => ({ kind: 'telecommand' as const, record })),
  );
  writer.close();
  log = consoleLog(path, () => T0 + 180_000);
  world = await openConsole({}, { log });
});
afterAll(async () => {
  await world.close();
  log.close();
  rmSync(folder, { recursive: true });
});

const get = async (path: string): Promise<{ status: number; body: unknown }> => {
  const { status, text } = await ask(world.url, `/api/v1/${path}`);
  return { status, body: JSON.parse(text) };
};

test('telecommands come newest first, by name and time, and say when there are more', async () => {
  expect(await get('commands?limit=2')).toEqual({
    status: 200,
    body: { items: [command(3, 'SET_GAIN'), command(2, 'HEATER_ON')], hasMore: true },
  });
  const until = isoTime(T0 + 3000);
  expect(await get(`commands?name=SET_GAIN&until=${until}`)).toEqual({
    status: 200,
    body: { items: [command(1, 'SET_GAIN')], hasMore: false },
  });
});

test('reports of the spacecraft come with all that they carry', async () => {
  expect(await get('reports')).toEqual({ status: 200, body: { items: [report], hasMore: false } });
});

test.each(['commands?limit=0', 'reports?since=yesterday', 'commands?kind=x'])('%s is refused', async (path) => {
  expect((await get(path)).status).toBe(400);
});
