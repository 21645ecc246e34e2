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

test.each([
  ['init', () => ['init', work.write('pass.csv', tinyPass(200)), '--out', '/proc/nowhere/mission.yaml'], 3],
  ['simulate', () => ['simulate', '--bundle', FIXTURES, '--out', '/proc/nowhere/passes'], 3],
  ['sign keygen', () => ['sign', 'keygen', '--out', '/proc/nowhere/keys'], 2],
])('%s says so too where no folder can be made', async (_verb, args, wanted) => {
  const { status, stderr } = await runCli(args());
  expect({ status, isNamed: stderr.includes('/proc/nowhere') }).toEqual({ status: wanted, isNamed: true });
});
