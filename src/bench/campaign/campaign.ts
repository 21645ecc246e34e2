/**
 * Many runs, each from its seed.
 *
 * Faults are rehearsed on virtual time: the real flow runs over a broker and a log in memory, and one seed decides everything
 * that fails. Where nothing was lost, the decisions must be those of the undisturbed run.
 */
import { differencesOf } from './differences';
import { violationsOf } from './invariants';
import { calm, planOf } from './plan';
import { simulateRun } from './simulate-run';
import type { VirtualLog } from './virtual-log';

export interface CampaignVerdict {
  readonly seed: number;
  /** What is wrong; empty when all is well. */
  readonly found: readonly string[];
  readonly deaths: number;
  /** Requests that reached the spacecraft, and events of the log. */
  readonly requests: number;
  readonly events: number;
}

export interface CampaignResult {
  readonly firstSeed: number;
  readonly runs: number;
  /** Seeds of the runs that failed. */
  readonly failed: readonly number[];
  readonly deaths: number;
  readonly requests: number;
  readonly events: number;
}

/** Carries out the run of a seed; one whose faults lose nothing is compared with the same run undisturbed. */
export const tryRun = async (seed: number, log?: VirtualLog): Promise<CampaignVerdict> => {
  const plan = planOf(seed);
  const run = await simulateRun(plan, log);
  const found = [...violationsOf(plan, run)];
  if (plan.kind === 'lossless') found.push(...differencesOf(run, await simulateRun(calm(plan))));
  return { seed, found, deaths: run.deaths, requests: run.received.length, events: run.log.events.length };
};

/** With the commands that carry out the one run again. */
export const describeFailure = ({ seed, found }: CampaignVerdict): string =>
  [
    `seed ${String(seed)}:`,
    ...found.map((text) => `  ${text}`),
    `  again: npm run campaign -- --seed ${String(seed)}, or FDIR_SEED=${String(seed)} npx jest test/simulation`,
  ].join('\n');

export const campaign = async (
  firstSeed: number,
  runs: number,
  onRun: (verdict: CampaignVerdict, done: number) => void,
): Promise<CampaignResult> => {
  const failed: number[] = [];
  let [deaths, requests, events] = [0, 0, 0];
  for (let done = 1; done <= runs; done += 1) {
    const verdict = await tryRun(firstSeed + done - 1);
    if (verdict.found.length > 0) failed.push(verdict.seed);
    deaths += verdict.deaths;
    requests += verdict.requests;
    events += verdict.events;
    onRun(verdict, done);
  }
  return { firstSeed, runs, failed, deaths, requests, events };
};
