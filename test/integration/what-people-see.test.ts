/** Numbers, dates, names and ages as people give and read them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../src/adapters/log/sqlite-log';
import { filterOf } from '../../src/commands/log/filters';
import { renderStatus } from '../../src/commands/render/status';
import { healthSchema } from '../../src/domain/health';
import { runCli } from '../support/cli';
import { anomalyEvent } from '../support/full-log';
import { openAnomaly } from '../support/open-anomaly';
import { T0 } from '../support/tiny-mission';

let folder: string;
const path = (): string => join(folder, 'x.db');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-see-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const page = { sort: 'start', order: 'desc', limit: 10 } as const;

test('a confidence that is shown as 95 % is found as one of at least and of at most 95 %', () => {
  const log = openLog(path(), T0);
  log.commit(
    [0.944, 0.946, 0.954, 0.956].map((confidence) => {
      const record = openAnomaly({ id: String(confidence), equipment: 'rw1' });
      return { type: 'anomaly' as const, ...record, verdict: { ...record.verdict, confidence } };
    }),
    [],
  );
  const ids = (filter: object) =>
    log
      .list(filter, page)
      .items.map(({ id }) => id)
      .sort();
  const found = { least: ids({ minConfidence: 0.95 }), most: ids({ maxConfidence: 0.95 }) };
  log.close();
  expect(found).toEqual({ least: ['0.946', '0.954', '0.956'], most: ['0.944', '0.946', '0.954'] });
});

test('a date without a time is its first instant', () => {
  expect(filterOf({ since: '2026-03-01', until: '2026-03-02' }, T0)).toEqual({
    since: '2026-03-01T00:00:00Z',
    until: '2026-03-02T00:00:00Z',
  });
});

test('an equipment or fault that the log does not have is told, in list and in history', async () => {
  const log = openLog(path(), T0);
  log.commit([anomalyEvent({ id: 'a', equipment: 'rw1' })], []);
  log.close();
  for (const command of ['list', 'history']) {
    const { status, stderr } = await runCli([
      'log',
      command,
      '--log',
      path(),
      '--equipment',
      'rv1',
      '--fault',
      'ofset',
    ]);
    expect({ command, status, told: stderr.split('\n').slice(0, 2) }).toEqual({
      command,
      status: 0,
      told: [
        'no anomaly of the log has the equipment rv1; it has rw1',
        'no anomaly of the log has the fault ofset; it has friction-rise',
      ],
    });
  }
}, 60_000);

test.each([
  [-10_811, '3 h ahead of this clock'],
  [-90, '1 min ahead of this clock'],
  [-0.4, '-0.4 s old'],
  [12, '12 s old'],
  [90_000, '1 d 1 h old'],
  [null, 'an unknown time old'],
])('a newest frame of age %s is said to be "%s"', (packetAgeSeconds, words) => {
  const health = healthSchema.parse({
    ...{ schemaVersion: 1, time: '2026-03-01T00:00:00Z', state: 'online', mode: 'active', impaired: [] },
    ...{ uptimeSeconds: 5, model: null, mqttVersion: '5', frames: 1, windows: 0, unscored: 0, anomalies: 0 },
    ...{ actions: 0, checks: 0, muted: 0, clockSteps: 0, dropped: {}, lastMessageAgeSeconds: 1 },
    ...{ packetAgeSeconds, packetTime: '2026-03-01T03:00:11Z' },
  });
  const lines = renderStatus({ spacecraft: 'T1', state: 'online', health, healthAgeSeconds: 1 });
  expect(lines.join('\n')).toContain(words);
});
