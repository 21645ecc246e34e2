/** The operators' tools beside a running daemon: Alertmanager, notes and the report of a shift, and the terminal view. */
import { Alertmanager, isAlertmanagerInstalled } from '../support/alertmanager';
import { DaemonWorld } from '../support/daemon-world';
import { describeWithBroker } from '../support/mosquitto';
import { isScriptInstalled, Pty } from '../support/pty';
import { until } from '../support/until';
import type { NoteRecord } from '../../src/domain/note';
import type { ShiftReport } from '../../src/domain/shift-report';

const TIMEOUT_MS = 60_000;
const CI = process.env['CI'] === 'true';

describeWithBroker("the operators' desk", () => {
  let world: DaemonWorld;
  beforeEach(async () => {
    world = await DaemonWorld.open();
  });
  afterEach(async () => {
    await world.close();
  });

  /** A speed beyond its limit, for as long as it takes to be an alarm. */
  const raiseAlarm = async (): Promise<void> => {
    await world.pass(10);
    await world.pass(6, { rw0_speed: 60 });
    await until('the alarm', () => world.on('alarm').some((text) => text.includes('check/rw0_speed')));
  };
  const json = async <T>(...args: readonly string[]): Promise<T> =>
    JSON.parse((await world.fdir(...args, '--json')).stdout) as T;

  (isAlertmanagerInstalled || CI ? test : test.skip)(
    'Alertmanager hears of an alarm, of its acknowledgement and of its end',
    async () => {
      const alerts = await Alertmanager.make();
      await alerts.start();
      world.configure({ notify: { alertmanager: { url: alerts.url }, page: 'https://fdir.example' } });
      await world.start();
      await raiseAlarm();
      const about = async () => (await alerts.active()).find(({ labels }) => labels['alarm'] === 'check/rw0_speed');
      await until('the alert', async () => (await about()) !== undefined);
      expect(await about()).toMatchObject({ labels: { spacecraft: 'TINY-1', severity: 'medium', equipment: 'rw0' } });
      await world.fdir('alarm', 'ack', 'check/rw0_speed', '--by', 'ada', '--comment', 'a test');
      await until('the acknowledgement', async () => (await about())?.annotations['acknowledgedBy'] === 'ada');
      await world.pass(6);
      await until('the end', async () => (await about()) === undefined);
      await alerts.close();
    },
    TIMEOUT_MS,
  );

  test(
    'what people write is kept, handed over, confirmed and reported',
    async () => {
      await world.start();
      await raiseAlarm();
      const by = (who: string, ...args: readonly string[]) => world.fdir('note', ...args, '--by', who);
      expect((await by('ada', 'add', '--alarm', 'check/rw0_speed', 'seen before a slew')).stdout).toMatch(
        /^note \d+ on check\/rw0_speed/,
      );
      expect(await by('ada', 'add', '--anomaly', 'nowhere', 'hm')).toMatchObject({
        status: 1,
        stdout: 'no anomaly has the id nowhere\n',
      });
      await by('ada', 'hand-over', 'wheel 0 is fast');
      const notes = await json<readonly NoteRecord[]>('note', 'list');
      const number = String(notes.find(({ kind }) => kind === 'hand-over')?.sequence);
      expect((await by('bob', 'confirm', number)).stdout).toBe(`bob has confirmed the hand-over ${number}\n`);
      const report = await json<ShiftReport>('report', '--since', '1h');
      expect(report.notes.map(({ kind, text }) => [kind, text])).toEqual([
        ['note', 'seen before a slew'],
        ['hand-over', 'wheel 0 is fast'],
      ]);
      const packets = ['--since', '2026-03-01T00:00:00Z', '--until', '2026-03-02T00:00:00Z'];
      const markdown = (await world.fdir('report', ...packets)).stdout;
      expect(markdown).toContain('check/rw0\\_speed');
      await world.stop();
      expect((await world.fdir('report', ...packets)).stdout).toBe(markdown);
      expect((await world.fdir('report', ...packets, '--html')).stdout).toMatch(/^<!doctype html>/);
    },
    TIMEOUT_MS,
  );

  (isScriptInstalled || CI ? test : test.skip)(
    'a person at a terminal of 80 by 24 without colour acknowledges an alarm, and leaves',
    async () => {
      await world.start();
      const environment = { TERM: 'vt100', NO_COLOR: '1' };
      const pty = new Pty(['watch', '--config', world.config, '--by', 'ada'], { rows: 24, columns: 80, environment });
      await until('the state', () => pty.screen[0]?.includes('online'));
      await raiseAlarm();
      await until('the alarm', () => pty.screen.join('\n').includes('check/rw0_speed'));
      pty.type('a');
      await until('the question', () => pty.screen.at(-1)?.includes('because:'));
      pty.type('a test of ours\r');
      await until('the answer', () => pty.screen.at(-1)?.includes('is acknowledged by ada'));
      await until('the mark', () => pty.screen.join('\n').includes('ack ada'));
      expect(pty.screen.length).toBeLessThanOrEqual(24);
      expect(pty.written).not.toMatch(/\u001b\[[0-9;]*m/);
      pty.type('q');
      expect(await pty.ended).toBe(0);
      // The terminal is left as it was found.
      expect(pty.written.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
    },
    TIMEOUT_MS,
  );

  test('fdir watch without a terminal says what to use instead', async () => {
    expect(await world.fdir('watch')).toMatchObject({
      status: 2,
      stderr: 'fdir: fdir watch needs a terminal; for programs there is fdir status --json\n',
    });
  });
});
