/** Cells, times and files as people write them, and numbers out of their range in what they configure. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli';
import { checksOf, replay } from '../support/replayed';
import { makeWorkspace, type Workspace } from '../support/workspace';

let work: Workspace;
beforeAll(async () => {
  work = await makeWorkspace();
  const parameters =
    '[{ id: batt_v, equipment: eps, units: V, limits: { critical: [6, 9] } }, { id: temp_c, units: degC }]';
  work.write('m.yaml', [
    `{ spacecraft: T1, sampling: { period: 4s, window: 4, stride: 1 }, parameters: ${parameters} }`,
  ]);
  work.write('r.yaml', ['mission: m.yaml']);
});
afterAll(() => {
  work.remove();
});

test.each([
  ['a quoted blank is no 0', ['" ",21', '7.9,21'], [], /^$/],
  ['true is 1, "7.9" is 7.9, x is told', ['true,21', '"7.9",21', 'x,21'], [['belowLowLimit', 1], ['withinLimits', 7.9]], /:4: malformed: "batt_v" is not a number: "x"/], // prettier-ignore
  ['a word for missing is missing', ['7.9,21', '#N/A,21', 'NaN,21'], [], /^$/],
])('A.1: %s', async (_what, cells, checks, told) => {
  const rows = cells.map((cell, index) => `2026-03-01T00:00:0${String(4 * index)}Z,${cell}`);
  const { lines, stderr } = await replay(work.path('r.yaml'), work.write('cells.csv', ['time,batt_v,temp_c', ...rows]));
  expect(checksOf(lines)).toEqual(checks);
  expect(stderr).toMatch(told);
});

test('A.1: 4.9 V beside "low, payload on" is alarmed, and no frame is lost', async () => {
  const rows = ['2026-03-01T00:00:00Z,7.5,"ok",20', '2026-03-01T00:00:04Z,4.9,"low, payload on",20'];
  const { lines, summary } = await replay(
    work.path('r.yaml'),
    work.write('text.csv', ['time,batt_v,note,temp_c', ...rows]),
  );
  expect(checksOf(lines)).toEqual([['belowLowLimit', 4.9]]);
  expect(summary).toMatchObject({ frames: 2, dropped: { 'unknown-parameter': 1 } });
});

test('A.2: several files in the wrong order are read in that of their times, which is told', async () => {
  const part = (name: string, minute: number, volts: number): string =>
    work.write(name, [
      'time,batt_v,temp_c',
      ...[0, 4, 8].map((second) => `2026-03-01T00:0${String(minute)}:0${String(second)}Z,${String(volts)},20`),
    ]);
  const { lines, summary, stderr } = await replay(work.path('r.yaml'), part('b.csv', 1, 4), part('a.csv', 0, 7.5));
  expect(checksOf(lines)).toEqual([['belowLowLimit', 4]]);
  expect(summary).toMatchObject({ dropped: {} });
  expect(stderr).toMatch(/in the order of their times: .*a\.csv, .*b\.csv/);
});

test('A.3: a day of the year, small letters and a leap second are times', async () => {
  const times = ['2016-366T23:59:56Z', '2016-12-31t23:59:60z', '2017-001T00:00:04Z'];
  const rows = times.map((time, index) => `${time},${index === 2 ? '4' : '7.5'},20`);
  const { lines, summary } = await replay(work.path('r.yaml'), work.write('days.csv', ['time,batt_v,temp_c', ...rows]));
  expect(checksOf(lines)).toEqual([['belowLowLimit', 4]]);
  expect(summary).toMatchObject({ frames: 3, dropped: {} });
});

test.each([
  [
    'period: 0s',
    'm.yaml',
    'spacecraft: T1\nsampling: { period: 0s }\nparameters: [{ id: a }]',
    /m\.yaml:2: sampling\.period/,
  ],
  [
    'retention: { age: 0d }',
    'f.yaml',
    'mission: ok.yaml\nlog: { path: x.db, retention: { age: 0d } }',
    /:2: log\.retention\.age/,
  ],
  [
    'keepalive: 0s',
    'f.yaml',
    'mission: ok.yaml\nmqtt: { url: "mqtt://127.0.0.1", keepalive: 0s }',
    /:2: mqtt\.keepalive/,
  ],
  ['port 99999', 'f.yaml', 'mission: ok.yaml\nmqtt: { url: "mqtt://127.0.0.1:99999" }', /:2: mqtt\.url/],
])('E.14: check ends with 2 and the line of %s', async (_what, file, text, told) => {
  const folder = mkdtempSync(join(work.folder, 'check-'));
  writeFileSync(join(folder, 'ok.yaml'), 'spacecraft: T1\nsampling: { period: 4s }\nparameters: [{ id: a }]\n');
  writeFileSync(join(folder, 'f.yaml'), 'mission: m.yaml\n');
  writeFileSync(join(folder, file), `${text}\n`);
  const { status, stdout, stderr } = await runCli(['check', '--config', join(folder, 'f.yaml')]);
  expect(status).toBe(2);
  expect(stdout + stderr).toMatch(told);
});
