/** The operators' tools beside a running daemon: Alertmanager, notes and the report of a shift, and the terminal view. */
import { Alertmanager, isAlertmanagerInstalled } from '../support/alertmanager';
import { DaemonWorld } from '../support/daemon-world';
import { describeWithBroker } from '../support/mosquitto';
import { isScriptInstalled, Pty } from '../support/pty';
import { until } from '../support/until';
import { wheelRules } from '../support/wheel-rules';
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
        ['confirmation', ''],
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

  (isScriptInstalled || CI ? test : test.skip)(
    'a person at a terminal approves one recovery and rejects the next, by name and with a reason',
    async () => {
      world.work.write('rules.yaml', wheelRules({ step: ['expiry: 10m'] }));
      await world.start();
      const environment = { TERM: 'vt100', NO_COLOR: '1' };
      const pty = new Pty(['watch', '--config', world.config, '--by', 'ada'], { rows: 24, columns: 80, environment });
      await until('the state', () => pty.screen[0]?.includes('online'));
      const asked = (wheel: string) => () =>
        pty.screen.some((line) => line.includes(`APPROVE?  switch-wheel on ${wheel}`));
      const decide = async (key: 'y' | 'n', reason: string): Promise<void> => {
        pty.type(key);
        await until('the question', () => pty.screen.at(-1)?.includes('because:'));
        pty.type(`${reason}\r`);
      };
      await world.pass(10);
      await world.pass(12, { rw1_current: 10 });
      await until('the request for rw1', asked('rw1'));
      await decide('y', 'seen on the bench');
      const [request] = await until('the request to leave', () => {
        const requests = world.documents<object>('action');
        return requests.length > 0 && requests;
      });
      expect(request).toMatchObject({ command: 'WHEEL_OFF', arguments: { wheel: 'rw1' }, approvedBy: 'ada' });
      await until('nothing to approve', () => !asked('rw1')());
      await world.pass(20);
      await world.pass(12, { rw0_current: -10 });
      await until('the request for rw0', asked('rw0'));
      await decide('n', 'it is a test');
      await until('nothing to approve', () => !asked('rw0')());
      pty.type('q');
      expect(await pty.ended).toBe(0);
      const recoveries = await json<readonly { equipment: string; state: string; by: string; note: string }[]>(
        'action',
        'list',
        '--all',
      );
      expect(recoveries.find(({ equipment }) => equipment === 'rw0')).toMatchObject({ state: 'rejected' });
      expect(world.on('action')).toHaveLength(1);
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
