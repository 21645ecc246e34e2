/**
 * The campaign as `npm run campaign` runs it, halved over two processes. `FDIR_SEED` is one run, to be looked at; `FDIR_RUNS` other
 * than the usual number.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';

/** All ten thousand where everything is tested; a developer's machine has other things to do as well. */
const RUNS = process.env['CI'] === undefined ? 1000 : 10_000;
const TIMEOUT_MS = 900_000;
const PROGRAM = join(__dirname, '../../dist/bench/campaign/main.js');

const resultSchema = z.object({ failed: z.array(z.unknown()), deaths: z.number(), requests: z.number() });

const seed = process.env['FDIR_SEED'];
const runs = Number(process.env['FDIR_RUNS'] ?? RUNS);
const half = Math.ceil(runs / 2);
const parts: readonly (readonly [first: number, count: number])[] =
  seed === undefined
    ? [
        [1, half],
        [1 + half, half],
      ]
    : [[Number(seed), 1]];

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
}

const campaign = (first: number, count: number): Promise<Ended> =>
  new Promise((resolve) => {
    const args = [PROGRAM, '--seed', String(first), '--runs', String(count)];
    execFile(process.execPath, args, { maxBuffer: 2 ** 26, timeout: TIMEOUT_MS }, (_error, stdout, stderr) => {
      resolve({ stdout, stderr });
    });
  });

test(
  `${String(parts.reduce((sum, [, count]) => sum + count, 0))} runs from seed ${String(parts[0]?.[0])} on keep what must be kept, whatever fails`,
  async () => {
    const ended = await Promise.all(parts.map(([first, count]) => campaign(first, count)));
    for (const [index, { stdout, stderr }] of ended.entries()) {
      // What failed comes with its seed.
      const told = stderr.split('\n').filter((line) => line !== '' && !/^\d+ of \d+ runs$/.test(line));
      expect(told.slice(0, 20).join('\n')).toBe('');
      const { failed, deaths, requests } = resultSchema.parse(JSON.parse(stdout));
      expect(failed).toEqual([]);
      // A campaign in which nobody dies and nothing is asked for proves nothing.
      const count = parts[index]?.[1] ?? 0;
      if (count >= 100) expect(Math.min(deaths, requests) > count / 4).toBe(true);
    }
  },
  TIMEOUT_MS,
);
