/** What people do to a daemon that runs: take its log away, order before telemetry comes, publish while it is stopped. */
import { existsSync, rmSync, statSync } from 'node:fs';
import { readLog } from '../../src/adapters/log/sqlite-log';
import type { Health } from '../../src/domain/health';
import { DaemonWorld, ROOT } from '../support/daemon-world';
import { describeWithBroker } from '../support/mosquitto';
import { until } from '../support/until';

const TIMEOUT_MS = 60_000;

describeWithBroker('a daemon', () => {
  let world: DaemonWorld;
  beforeEach(async () => {
    world = await DaemonWorld.open();
    world.configure({ mode: 'passive', model: undefined, rules: undefined });
  });
  afterEach(() => world.close());

  const path = (): string => world.work.path('daemon.db');

  test(
    'D.12: notices that its log was deleted, tells it, and keeps what comes after in a new one',
    async () => {
      await world.start('passive');
      rmSync(path());
      await until('a new log', () => existsSync(path()) && statSync(path()).size > 0, 20_000);
      const ordered = await world.fdir('action', 'state', 'disabled', '--by', 'bob');
      expect(ordered.status).toBe(0);
      await world.stop();
      const reader = readLog(path());
      const { entries } = reader.history({ kinds: ['order'] }, 10);
      const kinds = reader.events({}, { limit: 100 }).map(({ kind }) => kind);
      reader.close();
      expect(entries.map(({ text }) => text)).toEqual([expect.stringContaining('bob asked for action-state')]);
      expect(kinds).toContain('log-gone');
    },
    TIMEOUT_MS,
  );

  test(
    'F.18: an order before the first frame is dated by the wall clock, and is in the time line',
    async () => {
      const before = Date.now();
      await world.start('passive');
      await world.fdir('action', 'state', 'disabled', '--by', 'bob');
      await world.stop();
      const shown = await world.fdir('log', 'history', '--kind', 'order', '--json');
      const [order] = JSON.parse(shown.stdout) as { time: string; about: string }[];
      expect(order?.about).toBe('action-state');
      expect(Date.parse(order?.time ?? '')).toBeGreaterThanOrEqual(before - 1000);
    },
    TIMEOUT_MS,
  );

  test(
    'B.8: a bare number that waited at the broker while it was stopped is no sample of now',
    async () => {
      await world.start('passive');
      await world.stop();
      await world.listener.publish(`${ROOT}/tm/rw0_speed`, '-9999');
      await world.start('passive');
      const isOld = ({ dropped }: Health): boolean => (dropped['not-live'] ?? 0) > 0;
      const { dropped } = await world.health('a drop as not-live', isOld, 20_000);
      expect({ dropped, checks: world.on('check') }).toEqual({ dropped: { 'not-live': 1 }, checks: [] });
    },
    TIMEOUT_MS,
  );
});
