import { join } from 'node:path';
import { isoTime } from '../../src/domain/units';
import { runCli } from '../support/cli';
import { tinyPass, T0, TINY_MISSION_YAML } from '../support/tiny-mission';
import { makeWorkspace, type Workspace } from '../support/workspace';

const RULES = `monitors:
  - { id: fast, parameter: rw0_speed, limits: [-30, 30], repetition: 2, severity: high }
eventActions:
  - id: stop
    title: Stop it
    level: 2
    authority: automatic
    event: check
    when: check.monitor == "fast" && check.failed
    steps: [{ command: STOP, arguments: { wheel: '\${equipment}' } }]
    because: It is too fast.
`;

let work: Workspace;
beforeAll(async () => {
  work = await makeWorkspace();
  const modes = 'modes: { names: [SLEW, HOLD] }\n';
  const commands = 'commands: [{ name: STOP, title: Stop, arguments: { wheel: { type: equipment } } }]\n';
  work.write('strict-mission.yaml', [TINY_MISSION_YAML + modes + commands]);
  work.write('strict.yaml', ['mission: strict-mission.yaml', 'rules: [old.yaml]']);
  work.write('old.yaml', [RULES]);
  work.write('new.yaml', [RULES.replace('repetition: 2', 'repetition: 4')]);
  work.write('slew.yaml', [RULES.replace('[-30, 30]', '[{ mode: SLEW, range: [-99, 99] }, { range: [-30, 30] }]')]);
  work.write(
    'fast.csv',
    tinyPass(30, (index) => (index >= 10 && index < 15 ? { rw0_speed: 40 } : {})),
  );
  work.write('fast.modes.csv', [`time,mode`, `${isoTime(T0)},SLEW`, `${isoTime(T0 + 12_000)},HOLD`]);
  const test = [
    'mission: strict-mission.yaml',
    'rules: [old.yaml]',
    'tests:',
    '  - title: it is stopped',
    '    fires: stop',
  ];
  work.write('good.yaml', [...test, "    series: { rw0_speed: '0x3 40x3' }"]);
  work.write('bad.yaml', [
    ...test,
    "    series: { rw0_speed: '0x9' }",
    '    expect: { actions: [{ at: 4s, rule: stop }] }',
  ]);
  work.write('lost.yaml', [...test, "    series: { rw9_speed: '0x9' }"]);
});
afterAll(() => {
  work.remove();
});

const rules = (...args: string[]) => runCli(['rules', ...args]);

describe('fdir rules check', () => {
  it('finds the bundled rules in order', async () => {
    const { status, stdout } = await rules('check', '--config', join(__dirname, '../../rules/fdir.yaml'));
    expect([status, stdout]).toEqual([0, '20 rules and 21 monitors are in order; 14 commands declared\n']);
  });

  it('tells every problem with file and line, and exits with 1', async () => {
    const broken = RULES.replace('"fast"', '"slow"')
      .replace('command: STOP', 'command: START')
      .replace('rw0_speed', 'rw9_speed');
    work.write('broken.yaml', [broken]);
    const { status, stdout } = await rules('check', work.path('broken.yaml'), '--config', work.path('strict.yaml'));
    expect([status, stdout.replaceAll(`${work.path('')}`, '').split('\n')]).toEqual([
      1,
      [
        expect.stringMatching(
          /broken.yaml:2: monitors\[0\].parameter: monitor "fast": no parameter is called "rw9_speed"$/,
        ),
        expect.stringMatching(
          /broken.yaml:9: eventActions\[0\].when: rule "stop": no monitor is called "slow" at character 1/,
        ),
        expect.stringMatching(
          /broken.yaml:10: eventActions\[0\].steps\[0\].command: rule "stop": the mission declares no command "START"$/,
        ),
        '',
      ],
    ]);
  });

  it('prints one document with --json', async () => {
    const { status, stdout } = await rules('check', '--config', work.path('strict.yaml'), '--json');
    expect([status, JSON.parse(stdout)]).toEqual([0, { ok: true, rules: 1, monitors: 1, commands: 1, problems: [] }]);
  });
});

describe('fdir rules test', () => {
  it('passes', async () => {
    const { status, stdout } = await rules('test', work.path('good.yaml'));
    expect([status, stdout]).toEqual([0, '1 test, 0 failed\n']);
  });

  it('prints differences with file and line, and exits with 1', async () => {
    const { status, stdout } = await rules('test', work.path('bad.yaml'));
    expect([status, stdout.split('\n')]).toEqual([
      1,
      [
        `${work.path('bad.yaml')}:4: it is stopped`,
        '  - rule stop fires',
        '  - actions: at 4s, rule stop',
        '1 test, 1 failed',
        '',
      ],
    ]);
  });

  it('tells rules without a test, when asked to', async () => {
    const { status, stdout } = await rules('test', work.path('good.yaml'), '--coverage');
    expect([status, stdout.split('\n')[0]]).toEqual([1, 'rule stop has no test that it does not fire']);
  });

  it('refuses names that are not there', async () => {
    const { status, stderr } = await rules('test', work.path('lost.yaml'));
    expect([status, stderr]).toEqual([2, expect.stringContaining('no parameter is called "rw9_speed"')]);
  });
});

describe('fdir rules diff', () => {
  const diff = (after: string, ...more: string[]) =>
    rules(
      'diff',
      work.path('old.yaml'),
      work.path(after),
      '--pass',
      work.path('fast.csv'),
      '--config',
      work.path('strict.yaml'),
      '--json',
      ...more,
    );
  const counts = (stdout: string) => {
    const { alarms, actions } = JSON.parse(stdout) as Record<'alarms' | 'actions', Record<string, unknown>>;
    return [alarms, actions].map(({ gained, lost, changed, same }) =>
      [gained, lost, changed, same].map((item) => (Array.isArray(item) ? item.length : item)),
    );
  };

  it('finds nothing between equal versions', async () => {
    const { status, stdout } = await diff('old.yaml');
    expect([status, counts(stdout)]).toEqual([
      0,
      [
        [0, 0, 0, 1],
        [0, 0, 0, 1],
      ],
    ]);
  });

  it('finds what came later', async () => {
    const { status, stdout } = await diff('new.yaml');
    expect([status, counts(stdout)]).toEqual([
      1,
      [
        [0, 0, 1, 0],
        [0, 0, 1, 0],
      ],
    ]);
  });

  it('finds what is lost in the mode of that time', async () => {
    const moved = await diff('slew.yaml', '--modes', work.path('fast.modes.csv'));
    const stale = await diff('slew.yaml');
    expect([counts(moved.stdout), counts(stale.stdout)]).toEqual([
      [
        [0, 0, 1, 0],
        [0, 0, 1, 0],
      ],
      // Nobody said the mode: the limits cannot be told, and nothing is judged.
      [
        [0, 1, 0, 0],
        [0, 1, 0, 0],
      ],
    ]);
  });

  it('prints gained, lost and changed for people', async () => {
    const { stdout } = await rules(
      'diff',
      work.path('old.yaml'),
      work.path('new.yaml'),
      '--pass',
      work.path('fast.csv'),
      '--config',
      work.path('strict.yaml'),
    );
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'alarms: 0 gained, 0 lost, 1 changed, 0 the same',
      '  ~ 2026-03-01T00:00:11Z fast (high): aboveHighLimit',
      '    2026-03-01T00:00:13Z fast (high): aboveHighLimit',
    ]);
  });
});

test('a replay tells monitors and what their rules would have requested', async () => {
  const { stdout } = await runCli(['replay', work.path('fast.csv'), '--config', work.path('strict.yaml'), '--json']);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(
    events.map(({ type, time, monitor, to, rule, disposition }) => [type, time, monitor ?? rule, to ?? disposition]),
  ).toEqual([
    ['check', '2026-03-01T00:00:11Z', 'fast', 'aboveHighLimit'],
    ['action', '2026-03-01T00:00:11Z', 'stop', 'passive'],
    ['check', '2026-03-01T00:00:16Z', 'fast', 'withinLimits'],
    ['summary', undefined, undefined, undefined],
  ]);
});
