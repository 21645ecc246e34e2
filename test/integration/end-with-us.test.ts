/** A bench that is interrupted takes the processes that it started along. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { until } from '../support/until';

const MODULE = join(__dirname, '../../dist/bench/end-with-us.js');

/** Starts a child that would run for ever, and says its process id. */
const PARENT = `
const { spawn } = require('node:child_process');
const { endWithUs } = require(${JSON.stringify(MODULE)});
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
endWithUs(child);
process.stdout.write(String(child.pid) + '\\n');
setInterval(() => {}, 1000);
`;

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const)('%s ends the children too', async (signal, status) => {
  const parent = spawn(process.execPath, ['-e', PARENT], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  parent.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const pid = Number(await until('the child', () => /^(\d+)\n/.exec(said)?.[1]));
  expect(runs(pid)).toBe(true);
  parent.kill(signal);
  await until('the end of the child', () => !runs(pid));
  await until('the end of the parent', () => parent.exitCode !== null);
  expect(parent.exitCode).toBe(status);
});
