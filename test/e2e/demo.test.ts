import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { runCli, startCli, type Finished } from '../support/cli';
import { until } from '../support/until';

/** What several.labels.csv says, in the mission's words. */
const FAULTS = [
  'Reaction wheel 1: friction rise',
  'Reaction wheel 3: noisy current sensor',
  'Reaction wheel 2: torque loss',
  'Reaction wheel 0: stuck tachometer',
  'Reaction wheel 2: temperature-sensor drift',
];

describe('fdir demo', () => {
  let demo: Finished;
  let log: string;

  beforeAll(async () => {
    demo = await runCli(['demo']);
    log = /^The log is kept: (.+)$/m.exec(demo.stdout)?.[1] ?? '';
  });
  afterAll(() => {
    if (log.includes('fdir-demo-')) rmSync(dirname(log), { recursive: true, force: true });
  });

  test('ends well', () => {
    expect({ status: demo.status, errors: demo.stderr.match(/"level":[56]0.*/g) }).toEqual({ status: 0, errors: null });
  });

  test('names unit and fault of at least four of the five faults of the pass', () => {
    const lines = demo.stdout.split('\n');
    expect(FAULTS.filter((fault) => lines.includes(fault)).length).toBeGreaterThanOrEqual(4);
    expect(demo.stdout).toMatch(/[45] of 5 faults found/);
  });

  test('tells progress on stderr and keeps stdout for the account', () => {
    expect(demo.stderr).toContain('daemon online');
    expect(demo.stderr).toMatch(/^console at http:\/\/127\.0\.0\.1:\d+ until/m);
    expect(demo.stderr).toMatch(/ {2}00:4\d:\d\d {2}found {2}Reaction wheel 1/);
    expect(demo.stdout).not.toContain('daemon online');
  });

  test('fits 80 columns without a terminal, and has no colours', () => {
    const [account = ''] = demo.stdout.split('The log is kept');
    expect(account.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(demo.stdout).not.toContain('\u001b');
  });

  test('says which recovery action was requested, by which rule', () => {
    expect(demo.stdout).toMatch(/requested at \d\d:\d\d:\d\d by rule [a-z-]+/);
  });

  test('keeps a log that the suggested commands can read', async () => {
    const { status, stdout } = await runCli(['log', 'list', '--log', log, '--json']);
    expect(status).toBe(0);
    const ids = (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id);
    expect(ids.length).toBeGreaterThanOrEqual(4);
    const [first = ''] = ids;
    expect((await runCli(['log', 'show', first, '--log', log])).status).toBe(0);
  });

  test('stays with its console when it is told to, and ends as it would have', async () => {
    const running = startCli(['demo', '--stay']);
    const url = await until(
      'the pass to be over',
      () => /the console stays at (\S+) until/.exec(running.stderr())?.[1],
      60_000,
    );
    const { items } = (await (await fetch(`${url}/api/v1/anomalies`)).json()) as { items: readonly unknown[] };
    expect(items.length).toBeGreaterThanOrEqual(4);
    const { status, stdout } = await running.stop();
    expect({ status, found: stdout.includes('5 faults found') }).toEqual({ status: 0, found: true });
    const folder = dirname(/^The log is kept: (.+)$/m.exec(stdout)?.[1] ?? '');
    if (folder.includes('fdir-demo-')) rmSync(folder, { recursive: true, force: true });
  });
});
