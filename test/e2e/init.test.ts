import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load-config';
import { loadMission } from '../../src/config/load-mission';
import { runCli } from '../support/cli';
import { describeWithSharedData, sharedData } from '../support/shared-data';

const FIXTURES = join(__dirname, '../../telemetry-fixtures');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-init-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string, lines: readonly string[]): string => {
  writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));
  return join(folder, name);
};
const out = (): string => join(folder, 'new/mission.yaml');
const time = (second: number): string => new Date(Date.parse('2026-03-01T00:00:00Z') + 1000 * second).toISOString();
const rows = (count: number, cells: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => `${time(index)},${cells(index)}`);
const noisy = (index: number): string => Math.sin(index * index).toFixed(3);

test('the mission of a bundled pass can be loaded, names its wheels, and has the next commands told', async () => {
  const pass = join(FIXTURES, 'nominal.csv');
  const { status, stdout, stderr } = await runCli(['init', pass, '--spacecraft', 'AURORA-1', '--out', out()]);
  expect([status, stdout]).toEqual([0, '']);
  const mission = loadMission(out());
  expect(mission.sampling).toEqual({ periodMs: 4000, window: 16, stride: 4 });
  expect(mission.equipment.map(({ id }) => id)).toEqual(['rw0', 'rw1', 'rw2', 'rw3']);
  expect(mission.parameters.find(({ id }) => id === 'rw2_current_a')).toMatchObject({ equipment: 'rw2', units: 'A' });
  const { config, model } = loadConfig(join(folder, 'new/fdir.yaml'));
  expect([config.mode, model]).toEqual(['passive', undefined]);
  expect(stderr).toContain(`fdir fit --mission ${out()} --nominal ${pass} --out ${join(folder, 'new/model')}`);
  expect(stderr).toContain(`fdir run --config ${join(folder, 'new/fdir.yaml')}`);
});

test('nothing is overwritten unless asked', async () => {
  const pass = file('pass.csv', ['time,a', ...rows(40, noisy)]);
  const mission = file('mission.yaml', ['precious']);
  const config = file('fdir.yaml', ['precious']);
  const refused = await runCli(['init', pass, '--out', mission]);
  expect([refused.status, readFileSync(mission, 'utf8')]).toEqual([2, 'precious\n']);
  expect(refused.stderr).toContain('--force');
  const forced = await runCli(['init', pass, '--out', mission, '--force']);
  expect([forced.status, readFileSync(config, 'utf8')]).toEqual([0, 'precious\n']);
  expect(loadMission(mission).spacecraft).toBe('pass');
});

test('NDJSON with partial frames is surveyed like CSV', async () => {
  const lines = Array.from({ length: 60 }, (_, index) => [
    JSON.stringify({ time: time(index), values: { a: Number(noisy(index)) } }),
    JSON.stringify({ time: time(index), values: { b: Number(noisy(index + 5)), 'no name': 1 } }),
  ]).flat();
  const { status, stderr } = await runCli(['init', file('bus.ndjson', lines), '--out', out()]);
  expect(status).toBe(0);
  expect(loadMission(out()).parameters.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(stderr).toContain('"no name" -> no_name');
});

test('columns no mission can name are left out, with the command that renames them', async () => {
  const pass = file('pump.csv', [
    'time,Flow Rate,Current',
    ...rows(40, (index) => `${noisy(index)},${noisy(index + 3)}`),
  ]);
  const { status, stderr } = await runCli(['init', pass, '--out', out()]);
  expect(status).toBe(0);
  expect(loadMission(out()).parameters.map(({ id }) => id)).toEqual(['Current']);
  expect(stderr).toContain(`sed '1s/.*/time,Flow_Rate,Current/' ${pass}`);
});

test('a bad line is told and does not hinder', async () => {
  const pass = file('pass.csv', ['time,a', ...rows(40, noisy), 'yesterday,1', '2026-03-02T00:00:00Z,warm']);
  const { status, stderr } = await runCli(['init', pass, '--out', out()]);
  expect(status).toBe(0);
  expect(stderr).toContain(`${pass}:42: malformed: not a time: "yesterday"`);
  expect(stderr).toContain(`${pass}:43: malformed: "a" is not a number: "warm"`);
});

test('passes that do not have the same columns are refused, with the difference', async () => {
  const one = file('one.csv', ['time,a,b', ...rows(40, (index) => `${noisy(index)},1`)]);
  const two = file('two.csv', ['time,a,c', ...rows(40, (index) => `${noisy(index)},1`)]);
  const { status, stderr } = await runCli(['init', one, two, '--out', out()]);
  expect(status).toBe(2);
  expect(stderr).toContain(`${one}: has no column c`);
  expect(stderr).toContain(`${two}: has no column b`);
  expect(existsSync(out())).toBe(false);
});

test.each([
  ['an empty file', [], 'is empty'],
  ['no time column', ['a,b', '1,2'], 'the first column is "a", not "time"'],
  ['time in another column', ['a,time', '1,2'], '"time" is column 2: it must be the first'],
  ['a time of another name that is none', ['timestamp,a', '1,2'], 'the first column is "timestamp", not "time"'],
  ['only names that cannot be used', ['time,a b', ...rows(3, noisy)], "sed '1s/.*/time,a_b/'"],
  ['a header alone', ['time,a'], 'nothing below it'],
  ['one row', ['time,a', ...rows(1, noisy)], 'one frame only'],
  ['times that count from zero', ['time,a', '0,1', '1,2'], 'counted from zero'],
  ['text where numbers should be', ['time,a', ...rows(3, () => 'OPEN')], 'no parameter has two samples'],
  ['columns that never change', ['time,a,b', ...rows(40, () => '1,2')], 'no column ever changes'],
])('%s is refused with what to do about it', async (_title, lines, message) => {
  const { status, stderr } = await runCli(['init', file('pass.csv', lines), '--out', out()]);
  expect(stderr).toContain(message);
  expect([status, existsSync(out())]).toEqual([2, false]);
});

test.each([
  [['--period', '4 parsecs'], '--period "4 parsecs"'],
  [['--spacecraft', 'A/B'], '--spacecraft "A/B"'],
])('%j is a usage error', async (option, message) => {
  const { status, stderr } = await runCli(['init', file('pass.csv', ['time,a', ...rows(40, noisy)]), ...option]);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});

describeWithSharedData('real recordings', () => {
  test.each([
    ['skab/anomaly-free.csv', 1000, 8, []],
    ['ims-bearings/test1.csv', 600_000, 8, ['b1', 'b2', 'b3', 'b4']],
    ['nasa-smap-msl/T-1.train.csv', 60_000, 1, []],
  ])('%s gives a mission that can be fitted', async (name, periodMs, parameters, equipment) => {
    const { status } = await runCli(['init', sharedData(name), '--out', out()]);
    expect(status).toBe(0);
    const mission = loadMission(out());
    expect([mission.sampling.periodMs, mission.parameters.length]).toEqual([periodMs, parameters]);
    expect(mission.equipment.map(({ id }) => id)).toEqual(equipment);
  });
});
