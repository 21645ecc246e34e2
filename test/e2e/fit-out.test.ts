/** Where a fit writes to is looked at before the work: a recording that is not there is only found after it. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli';
import { tinyPass } from '../support/tiny-mission';
import { makeWorkspace, type Workspace } from '../support/workspace';

const FIXTURES = join(__dirname, '../../telemetry-fixtures');

let work: Workspace;
beforeAll(async () => {
  work = await makeWorkspace();
  writeFileSync(work.path('a-file'), '');
});
afterAll(() => {
  work.remove();
});
const fit = (out: string, ...more: string[]) =>
  runCli(['fit', '--mission', work.path('mission.yaml'), '--nominal', work.path('nowhere.csv'), '--out', out, ...more]);

test.each([
  ['a file', () => work.path('a-file'), 'it is a file, or a part of its path is one'],
  ['below a file', () => work.path('a-file/model'), 'it is a file, or a part of its path is one'],
  ['below no folder that can be made', () => '/proc/nowhere/model', 'there is no such folder'],
])('%s is refused first', async (_what, out, why) => {
  const { status, stdout, stderr } = await fit(out());
  expect({ status, stdout, stderr }).toEqual({
    status: 3,
    stdout: '',
    stderr: `fdir: ${out()} cannot be written: ${why}\n`,
  });
});

test('a fit that fails leaves no empty folder, and lets one be that was there', async () => {
  const { status, stderr } = await fit(work.path('made'));
  expect({ status, isNamed: stderr.includes('nowhere.csv'), isLeft: existsSync(work.path('made')) }).toEqual({
    status: 2,
    isNamed: true,
    isLeft: false,
  });
  await fit(work.folder);
  expect(existsSync(work.path('mission.yaml'))).toBe(true);
});

test('a number that is none is told before anything is read or made', async () => {
  const { status, stderr } = await fit(work.path('made'), '--cases', 'many');
  expect({ status, stderr, isMade: existsSync(work.path('made')) }).toEqual({
    status: 2,
    stderr: 'fdir: --cases "many" is not a positive number\n',
    isMade: false,
  });
});

test('a package of other parameters is not adapted, and each difference is told', async () => {
  const bundled = join(__dirname, '../../models/rw-cae');
  const { status, stderr } = await fit(work.path('made'), '--adapt', bundled);
  expect({ status, lines: stderr.split('\n').length > 3, isMade: existsSync(work.path('made')) }).toEqual({
    status: 2,
    lines: true,
    isMade: false,
  });
  expect(stderr).toContain('the mission does not have "rw0_speed_rpm"');
});

test('a package is not adapted into itself, nor with what only a fit can use', async () => {
  const same = await fit(work.path('made'), '--adapt', work.path('made'));
  const taught = await fit(work.path('made'), '--adapt', work.path('other'), '--method', 'paper');
  expect([same.status, same.stderr, taught.status, taught.stderr]).toEqual([
    2,
    `fdir: --out ${work.path('made')} is the package that is adapted: name another folder\n`,
    2,
    'fdir: --adapt takes everything but offsets, scales and thresholds from the package: leave out --labelled, --detector and --method\n',
  ]);
});

test.each([
  ['init', () => ['init', work.write('pass.csv', tinyPass(200)), '--out', '/proc/nowhere/mission.yaml'], 3],
  ['simulate', () => ['simulate', '--bundle', FIXTURES, '--out', '/proc/nowhere/passes'], 3],
  ['sign keygen', () => ['sign', 'keygen', '--out', '/proc/nowhere/keys'], 2],
])('%s says so too where no folder can be made', async (_verb, args, wanted) => {
  const { status, stderr } = await runCli(args());
  expect({ status, isNamed: stderr.includes('/proc/nowhere') }).toEqual({ status: wanted, isNamed: true });
});
