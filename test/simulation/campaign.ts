/** The campaign as tests: how many runs, and which. `FDIR_SEED` is one run, to be looked at; `FDIR_RUNS` other than the usual number. */
import { campaign, describeFailure } from '../../src/bench/campaign/campaign';

/** All ten thousand where everything is tested; a developer's machine has other things to do as well. */
const RUNS = process.env['CI'] === undefined ? 1000 : 10_000;
const TIMEOUT_MS = 900_000;

const seed = process.env['FDIR_SEED'];
const runs = Number(process.env['FDIR_RUNS'] ?? RUNS);

/** Part `part` of `parts`, which jest runs side by side. */
export const campaignPart = (part: number, parts: number): void => {
  const share = Math.ceil(runs / parts);
  const [first, count] = seed === undefined ? [1 + part * share, share] : [Number(seed), part === 0 ? 1 : 0];
  const title = `runs ${String(first)} to ${String(first + count - 1)} keep what must be kept, whatever fails`;
  test(
    title,
    async () => {
      const told: string[] = [];
      const result = await campaign(first, count, (verdict) => {
        if (verdict.found.length > 0) told.push(describeFailure(verdict));
      });
      expect(told.slice(0, 3).join('\n')).toBe('');
      expect(result.failed).toEqual([]);
      // A campaign in which nobody dies and nothing is asked for proves nothing.
      if (count >= 100) expect(Math.min(result.deaths, result.requests) > count / 4).toBe(true);
    },
    TIMEOUT_MS,
  );
};
