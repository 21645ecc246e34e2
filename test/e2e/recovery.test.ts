import type { Recovery } from '../../src/domain/recovery';
import { runCli } from '../support/cli';
import { DaemonWorld, ROOT } from '../support/daemon-world';
import { describeWithBroker } from '../support/mosquitto';
import { until } from '../support/until';
import { wheelRules } from '../support/wheel-rules';

const RULES = (because?: string): string =>
  wheelRules({
    step: [
      'expiry: 5m',
      '# An error while the speed of wheel 0 is below 1: then it stays armed.',
      'precondition: 10 % int(rw0_speed) >= 0',
      "verify: '${equipment}_current < 5.0 within 5m'",
    ],
    ...(because !== undefined && { because }),
  });

describeWithBroker('a recovery', () => {
  let world: DaemonWorld;
  beforeEach(async () => {
    world = await DaemonWorld.open();
    world.work.write('rules.yaml', RULES());
  });
  afterEach(() => world.close());

  const start = () => world.start();
  const killed = async (): Promise<void> => {
    await world.kill();
    await start();
  };
  const pass = (seconds: number, change: Record<string, number> = {}) => world.pass(seconds, change);
  const recoveries = (): readonly Recovery[] => world.log(({ ledger }) => ledger.listRecoveries({ all: true }));
  const isIn = (state: Recovery['state']): Promise<Recovery> =>
    until(`the recovery to be ${state}`, () => recoveries().find((recovery) => recovery.state === state));
  const stepsOf = (id: string): string[] =>
    world.log(({ ledger }) => (ledger.showRecovery(id)?.steps ?? []).map(({ to }) => to));
  const fdir = (...args: string[]) => world.fdir(...args);
  const requests = (): string[] => world.on('action');
  const faulty = { rw1_current: 10 };

  /** A whole recovery; `pause` comes whenever a state is in the log. */
  const wholeRecovery = async (pause: (state: Recovery['state']) => Promise<void>): Promise<Recovery> => {
    await pass(10);
    await pass(12, faulty);
    const { id } = await isIn('waiting');
    await pause('waiting');
    const approved = await fdir('action', 'approve', id, '--by', 'ann');
    expect({ status: approved.status, told: approved.stdout.includes('approved by ann') }).toEqual({
      status: 0,
      told: true,
    });
    await isIn('armed');
    await pause('armed');
    await pass(3, { ...faulty, rw0_speed: 1.5 });
    await isIn('sent');
    await pause('sent');
    await world.listener.publish(`${ROOT}/action/${id}/ack`, JSON.stringify({ stage: 'accepted' }));
    await isIn('accepted');
    await pause('accepted');
    await world.listener.publish(`${ROOT}/action/${id}/ack`, JSON.stringify({ stage: 'completed' }));
    await isIn('completed');
    await pause('completed');
    await pass(6, { rw0_speed: 1.5 });
    const over = await isIn('verified');
    await pause('verified');
    await pass(20, faulty);
    return over;
  };
  const course = ['proposed', 'waiting', 'armed', 'sent', 'accepted', 'completed', 'verified'];

  test('waits for a person, is sent once, acknowledged and verified; the daemon answers who did it', async () => {
    await start();
    const { id, approvedBy } = await wholeRecovery(() => Promise.resolve());
    expect({ approvedBy, steps: stepsOf(id) }).toEqual({ approvedBy: 'ann', steps: course });
    expect(world.documents('action')).toMatchObject([
      { id, command: 'WHEEL_OFF', arguments: { wheel: 'rw1' }, disposition: 'request', approvedBy: 'ann' },
    ]);
    expect(world.documents('advice')).toMatchObject([{ id, disposition: 'waiting' }]);
    const again = await fdir('action', 'approve', id, '--by', 'bob');
    expect({ status: again.status, stdout: again.stdout }).toEqual({ status: 1, stdout: `${id} is over already\n` });
    const shown = await fdir('action', 'show', id);
    for (const told of ['approved by ann', 'anomaly.confidence >= 0.5', 'A wheel that lies', 'completed -> verified'])
      expect(shown.stdout).toContain(told);
    await world.stop();
    const listed = await runCli(['action', 'list', '--all', '--log', world.work.path('daemon.db'), '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ id, state: 'verified' }]);
    const unanswered = await fdir('action', 'list', '--all', '--json');
    expect(JSON.parse(unanswered.stdout)).toMatchObject([{ id, state: 'verified' }]);
    expect(unanswered.stderr).toContain('no daemon answers');
  });

  test.each(course.slice(1))(
    'killed when it is %s, goes on to the same end after a restart, with one request on the wire',
    async (at) => {
      await start();
      const over = await wholeRecovery(async (state) => {
        if (state === at) await killed();
      });
      expect({ steps: stepsOf(over.id), requests: requests().length, all: recoveries().length }).toEqual({
        steps: course,
        requests: 1,
        all: 1,
      });
    },
  );

  test('killed after every step, still the same', async () => {
    await start();
    const over = await wholeRecovery(killed);
    expect({ steps: stepsOf(over.id), requests: requests().length }).toEqual({ steps: course, requests: 1 });
  });

  test('alarms are listed, acknowledged, shelved and cleared, and the log knows by whom', async () => {
    await start();
    await pass(10);
    await pass(4, { rw0_speed: 90 });
    await until('the alarm', () => world.on('alarm').length >= 1);
    const list = async () =>
      (JSON.parse((await fdir('alarm', 'list', '--json')).stdout) as { name: string; state: string }[])
        .map(({ name, state }) => `${name} ${state}`)
        .filter((text) => text.startsWith('check/'));
    expect(await list()).toEqual(['check/rw0_speed triggered']);
    const name = 'check/rw0_speed';
    const tell = async (...args: string[]) => {
      const { status, stdout } = await fdir('alarm', ...args, '--by', 'ann');
      return [status, stdout.trim()];
    };
    expect(await tell('clear', name)).toEqual([1, `${name} has not returned to normal: it would come back at once`]);
    expect(await tell('ack', name, '--comment', 'seen')).toEqual([0, `${name} is acknowledged by ann`]);
    expect(await tell('shelve', name, '--for', '2h')).toEqual([1, `${name} is not shelved without a reason`]);
    expect(await tell('shelve', name, '--for', '2h', '--comment', 'test')).toEqual([0, `${name} is shelved by ann`]);
    expect(await tell('unshelve', name)).toEqual([0, `${name} is unshelved by ann`]);
    await pass(4);
    await until('the return', async () => (await list()).includes(`${name} returned`));
    // A critical limit latches: acknowledged and back to normal, it stays until somebody clears it.
    expect(await tell('clear', name)).toEqual([0, `${name} is cleared by ann`]);
    expect(await list()).toEqual([]);
    expect(
      world
        .log(({ ledger }) => ledger.listOperatorActions())
        .map(({ by, request, ok }) => `${by} ${request} ${String(ok)}`),
    ).toEqual([
      'ann alarm-clear true',
      'ann alarm-unshelve true',
      'ann alarm-shelve true',
      'ann alarm-shelve false',
      'ann alarm-ack true',
      'ann alarm-clear false',
    ]);
  });

  test('rules are reloaded on SIGHUP and on request; invalid ones are refused and the old ones stay', async () => {
    await start();
    world.work.write('rules.yaml', RULES('Changed.'));
    world.daemon?.child.kill('SIGHUP');
    await until('the reload', () => world.daemon?.stderr().includes('1 rules are loaded'));
    world.work.write('rules.yaml', 'eventActions: [ nonsense ]\n');
    const refused = await fdir('reload', '--by', 'ann');
    expect({ status: refused.status, text: refused.stdout }).toEqual({
      status: 1,
      text: expect.stringContaining('the rules stay as they were') as string,
    });
    await pass(10);
    await pass(12, faulty);
    const { steps } = await isIn('waiting');
    expect(steps[0]?.request.because).toBe('Changed.');
  });

  test('a daemon that is passive by request stays so over a restart, and sends nothing', async () => {
    await start();
    const told = await fdir('action', 'state', 'passive', '--by', 'ann');
    expect(told.stdout).toBe('the daemon is passive by ann\n');
    await world.isUp('passive');
    await world.kill();
    await world.start('passive');
    await pass(10);
    await pass(12, faulty);
    expect((await isIn('recorded')).grant).toEqual({
      asked: 'confirm',
      granted: 'observe',
      reason: 'the daemon is passive',
    });
    expect(requests()).toEqual([]);
  });

  test('what cannot be understood is answered, and changes nothing', async () => {
    await start();
    await world.listener.publish(`${ROOT}/request/action-approve`, '{"id": 7, "correlation": "c1"}');
    await world.listener.publish(`${ROOT}/request/dance`, 'not json');
    await world.listener.publish(`${ROOT}/action/x/ack`, '{"stage": "perhaps"}');
    await until(
      'two answers',
      () => world.listener.heard.filter(({ topic }) => topic.includes('/response/')).length >= 2,
    );
    expect(
      world.listener.heard
        .filter(({ topic }) => topic.includes('/response/'))
        .map(({ topic, payload }) => [topic.split('/').at(-1), JSON.parse(payload) as object]),
    ).toMatchObject([
      ['action-approve', { ok: false, correlation: 'c1' }],
      ['dance', { ok: false }],
    ]);
  });
});
