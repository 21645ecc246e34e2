import { readFileSync } from 'node:fs';
import type { PipelineEvent, Summary } from '../../src/domain/events';
import type { Explanation } from '../../src/domain/explanation';
import { runCli } from '../support/cli';
import { isoTime } from '../../src/domain/units';
import { offsetOnWheel1, T0, tinyPass } from '../support/tiny-mission';
import { makeWorkspace, type Workspace } from '../support/workspace';

let work: Workspace;
beforeAll(async () => {
  work = await makeWorkspace();
  work.write('pass.csv', tinyPass(60, offsetOnWheel1));
});
afterAll(() => {
  work.remove();
});

const replay = (...args: string[]) => runCli(['replay', ...args]);
const linesOf = (stdout: string): (PipelineEvent | Summary)[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PipelineEvent | Summary);
const summaryOf = (stdout: string) => linesOf(stdout).at(-1);

test('two replays of one pass print identical NDJSON', async () => {
  const args = [work.path('pass.csv'), '--config', work.path('fdir.yaml'), '--json'];
  const [first, second] = [await replay(...args), await replay(...args)];
  expect(first.status).toBe(0);
  expect(first.stdout.length).toBeGreaterThan(0);
  expect(second.stdout).toBe(first.stdout);
});

test('an offset is found, explained, answered and closed, in packet time', async () => {
  const { stdout, stderr } = await replay(work.path('pass.csv'), '--config', work.path('fdir.yaml'), '--json');
  const told = linesOf(stdout).map((event) => {
    switch (event.type) {
      case 'anomaly':
        return [
          event.type,
          event.trigger,
          event.state,
          event.verdict.equipment,
          event.verdict.fault,
          event.sufficient.join(),
        ];
      case 'action':
        return [event.type, event.command, event.arguments['wheel'], event.disposition];
      case 'check':
        return [event.type, event.parameter];
      case 'summary':
        return [event.type, event];
      case 'monitor':
      case 'muted':
      case 'report':
        return [event.type];
    }
  });
  expect(told).toEqual([
    ['anomaly', 'opened', 'open', 'rw1', 'offset', 'rw1_current'],
    ['action', 'WHEEL_OFF', 'rw1', 'request'],
    ['anomaly', 'returned-to-normal', 'closed', 'rw1', 'offset', 'rw1_current'],
    ['summary', { type: 'summary', frames: 60, windows: 28, unscored: 0, anomalies: 1, actions: 1, dropped: {} }],
  ]);
  expect(stderr).toBe('');
});

test('--commands gives the telecommands that were sent: in the sentence, in the log, and in effects that are declared', async () => {
  const at = new Date(T0 + 15_000).toISOString();
  work.write('sent.csv', `time,name,arguments\n${at},SELECT_GAIN,"{""gain"": 2}"\n`);
  const given = [work.path('pass.csv'), '--commands', work.path('sent.csv'), '--json'];
  const { stdout } = await replay(...given, '--config', work.path('fdir.yaml'), '--log', work.path('sent.db'));
  const anomalies = linesOf(stdout).filter((event) => event.type === 'anomaly');
  expect(anomalies[0]?.sentence).toMatch(/\d+ s after SELECT_GAIN/);
  const logged = await runCli(['log', 'commands', '--log', work.path('sent.db'), '--json']);
  expect(JSON.parse(logged.stdout)).toMatchObject([
    { time: isoTime(T0 + 15_000), name: 'SELECT_GAIN', arguments: { gain: 2 } },
  ]);
  const effects = 'effects: [{ command: SELECT_GAIN, parameters: [rw1_current], within: 1h }]\n';
  work.write('expected.yaml', `${readFileSync(work.path('mission.yaml'), 'utf8')}\n${effects}`);
  const config = readFileSync(work.path('fdir.yaml'), 'utf8').replace('mission.yaml', 'expected.yaml');
  work.write('expected-fdir.yaml', config);
  const expected = await replay(...given, '--config', work.path('expected-fdir.yaml'));
  expect(summaryOf(expected.stdout)).toMatchObject({ anomalies: 0 });
});

test('the same pass as NDJSON leads to the same events as CSV', async () => {
  const [header = '', ...rows] = tinyPass(60, offsetOnWheel1);
  const names = header.split(',').slice(1);
  const lines = rows.map((row) => {
    const [time, ...cells] = row.split(',');
    return JSON.stringify({
      time,
      values: Object.fromEntries(cells.map((cell, index) => [names[index], Number(cell)])),
    });
  });
  const ndjson = work.write('pass.ndjson', lines);
  const config = ['--config', work.path('fdir.yaml'), '--json'];
  expect((await replay(ndjson, ...config)).stdout).toBe((await replay(work.path('pass.csv'), ...config)).stdout);
});

test('without a model the plain limits are checked and nothing else', async () => {
  const pass = work.write(
    'limits.csv',
    tinyPass(12, (index) => (index === 5 ? { rw0_speed: 60 } : index === 9 ? { rw1_speed: 500 } : {})),
  );
  const { stdout } = await replay(pass, '--config', work.path('limits.yaml'), '--json');
  const told = linesOf(stdout).map((event) =>
    event.type === 'check' ? [event.time, event.parameter, event.limit, event.from, event.to, event.value] : event,
  );
  expect(told).toEqual([
    ['2026-03-01T00:00:05Z', 'rw0_speed', 'warning', 'withinLimits', 'aboveHighLimit', 60],
    ['2026-03-01T00:00:06Z', 'rw0_speed', 'warning', 'aboveHighLimit', 'withinLimits', expect.any(Number)],
    ['2026-03-01T00:00:09Z', 'rw1_speed', 'valid', 'withinLimits', 'invalid', 500],
    ['2026-03-01T00:00:10Z', 'rw1_speed', 'valid', 'invalid', 'withinLimits', expect.any(Number)],
    { type: 'summary', frames: 12, windows: 0, unscored: 0, anomalies: 0, actions: 0, dropped: { invalid: 1 } },
  ]);
});

test('every kind of bad line is reported with its line, counted, and skipped', async () => {
  const lines = tinyPass(20);
  lines[0] += ',stowaway';
  const good = lines.map((line, index) => (index === 0 ? line : `${line},1`));
  good.splice(
    4,
    0,
    'not,a,frame',
    'yesterday,1,1,1,1,1',
    '1970-01-02T00:00:00Z,1,1,1,1,1',
    '12345-01-01T00:00:00Z,1,1,1,1,1',
    `${good[5]?.split(',')[0] ?? ''},1,two,3,4,1`,
    '9999-01-01T00:00:00Z,1,1,1,1,1',
    good[2] ?? '',
  );
  good.push(good[10] ?? '');
  const pass = work.write('bad.csv', good);
  const { status, stdout, stderr } = await replay(pass, '--config', work.path('fdir.yaml'), '--json');
  expect(status).toBe(0);
  expect(summaryOf(stdout)).toEqual({
    type: 'summary',
    frames: 20,
    windows: 8,
    unscored: 0,
    anomalies: 0,
    actions: 0,
    dropped: { 'unknown-parameter': 1, malformed: 4, past: 1, future: 1, duplicate: 2, 'same-instant': 3 },
  });
  expect(stderr).toContain(`${pass}:5: malformed: 3 cells where the header has 6`);
  expect(stderr).toContain(`${pass}:1: unknown-parameter: column "stowaway" is no parameter of the mission`);
});

test('missing samples are held until they are stale; then what the others imply stands in, never zeros', async () => {
  const lines = tinyPass(40).map((line, index) => {
    const cells = line.split(',');
    // Frames 10 to 19 have no current of wheel 0, which is stale after five seconds.
    if (index >= 11 && index < 21) cells[2] = '';
    return cells.join(',');
  });
  const { stdout } = await replay(work.write('holes.csv', lines), '--config', work.path('fdir.yaml'), '--json');
  expect(linesOf(stdout)).toEqual([
    { type: 'summary', frames: 40, windows: 18, unscored: 0, anomalies: 0, actions: 0, dropped: {} },
  ]);
});

test('a gap closes what is open and its windows count as unscored', async () => {
  const lines = tinyPass(100, (index) => (index >= 20 ? { rw1_current: 10 } : {}));
  lines.splice(1 + 40, 40);
  const { stdout } = await replay(work.write('gap.csv', lines), '--config', work.path('fdir.yaml'), '--json');
  const events = linesOf(stdout);
  expect(events.flatMap((event) => (event.type === 'anomaly' ? [event.trigger] : []))).toEqual([
    'opened',
    'telemetry-lost',
    'opened',
    'end-of-pass',
  ]);
  expect(events.at(-1)).toMatchObject({ frames: 60, windows: 48, unscored: 22 });
});

test('--log keeps what was found, and log list and show read it', async () => {
  const log = work.path('kept.db');
  await replay(work.path('pass.csv'), '--config', work.path('fdir.yaml'), '--log', log);
  const list = await runCli(['log', 'list', '--log', log, '--json']);
  const [anomaly] = JSON.parse(list.stdout) as { id: string; state: string; revision: number }[];
  expect(anomaly).toMatchObject({ id: 'TINY-1/2026-03-01T00:00:19Z/rw1', state: 'closed', revision: 2 });
  const shown = JSON.parse((await runCli(['log', 'show', anomaly?.id ?? '', '--log', log, '--json'])).stdout) as Record<
    string,
    unknown[]
  >;
  expect({ revisions: shown['revisions']?.length, actions: shown['actions']?.length }).toEqual({
    revisions: 2,
    actions: 1,
  });
  // What led up to it and how it ended, and not the worst window alone.
  const [opened, closed] = shown['revisions'] as [Explanation, Explanation];
  const { surroundings, from } = opened.freezeFrame;
  expect(surroundings?.to).toBe(opened.revisedAt);
  expect((surroundings?.from ?? '') < from).toBe(true);
  expect(closed.freezeFrame.surroundings?.parameters['rw1_current']?.length).toBe(12);
  const page = (await runCli(['log', 'show', opened.id, '--log', log])).stdout;
  expect(page).toMatch(/when +·+━+◆━+·*\n/);
  expect((await runCli(['log', 'show', 'nobody', '--log', log])).status).toBe(1);
  expect((await runCli(['log', 'list', '--log', log, '--equipment', 'rw0'])).stdout).toBe('no anomaly\n');
  expect((await runCli(['log', 'show', anomaly?.id ?? '', '--log', log])).stdout).toContain(
    'with rw1_current as expected, nothing would have been wrong',
  );
});

test('a replay without --log writes no file', async () => {
  await replay(work.path('pass.csv'), '--config', work.path('fdir.yaml'));
  expect(() => readFileSync(work.path('explanations.db'))).toThrow('ENOENT');
});

test('--speed step takes a frame for each line of input', async () => {
  const args = ['replay', work.path('pass.csv'), '--config', work.path('fdir.yaml'), '--json', '--speed', 'step'];
  const { status, stdout } = await runCli(args, '\n'.repeat(60));
  expect({ status, last: summaryOf(stdout) }).toMatchObject({ status: 0, last: { frames: 60 } });
});

test('--speed 100x keeps pace with packet time and finds the same', async () => {
  const args = [work.path('pass.csv'), '--config', work.path('fdir.yaml'), '--json'];
  const began = Date.now();
  const paced = await replay(...args, '--speed', '100x');
  expect(Date.now() - began).toBeGreaterThan(590);
  expect(paced.stdout).toBe((await replay(...args)).stdout);
});

test('people get a readable line for every event', async () => {
  const { stdout } = await replay(work.path('pass.csv'), '--config', work.path('fdir.yaml'));
  expect(stdout.split('\n')[0]).toMatch(
    /^2026-03-01T00:00:22Z {2}anomaly {2}TINY-1\/2026-03-01T00:00:19Z\/rw1 r1 open, opened: rw1 offset \(\d+ %\)$/,
  );
  expect(stdout).toContain(
    '60 frames, 28 windows (0 unscored); 1 anomalies, 1 actions, 0 limit transitions; dropped: nothing',
  );
});
