/** That the campaign would find what it looks for: a log that forgets, a daemon that repeats itself. */
import { differencesOf } from '../../src/bench/campaign/differences';
import { violationsOf } from '../../src/bench/campaign/invariants';
import { calm, planOf, relived, type Plan } from '../../src/bench/campaign/plan';
import type { CampaignRun } from '../../src/bench/campaign/run-record';
import { simulateRun } from '../../src/bench/campaign/simulate-run';
import { VirtualLog } from '../../src/bench/campaign/virtual-log';

/** The first plan that has what is asked for. */
const planWith = async (
  suits: (plan: Plan, run: CampaignRun) => boolean,
  log?: () => VirtualLog,
): Promise<[Plan, CampaignRun]> => {
  for (let seed = 1; seed < 400; seed += 1) {
    const plan = planOf(seed);
    const run = await simulateRun(plan, log?.());
    if (suits(plan, run)) return [plan, run];
  }
  throw new Error('no plan suits');
};

test('the same seed is the same run', async () => {
  const text = async (): Promise<string> => JSON.stringify((await simulateRun(planOf(8))).log.events);
  expect(planOf(8)).toEqual(planOf(8));
  expect(await text()).toBe(await text());
});

test('a checkpoint that is not kept changes decisions, and is found', async () => {
  class Forgetful extends VirtualLog {
    override resume() {
      return { resumed: {}, refused: [], bytes: 0 };
    }
  }
  const [plan, run] = await planWith(
    ({ kind }, { deaths, log }) => kind === 'lossless' && deaths > 0 && log.events.length > 4,
    () => new Forgetful(),
  );
  const found = [...violationsOf(plan, run), ...differencesOf(run, await simulateRun(calm(plan)))];
  expect(found).not.toEqual([]);
});

test.each<[string, (run: CampaignRun) => CampaignRun, RegExp]>([
  ['reached the spacecraft twice', (run) => ({ ...run, received: [...run.received, ...run.received] }), /twice/],
  [
    'left while passive',
    (run) => ({ ...run, sent: run.sent.map((item) => ({ ...item, mode: 'passive' })) }),
    /passive/,
  ],
  [
    'left without a record',
    (run) => ({ ...run, sent: run.sent.map((item) => ({ ...item, isRecorded: false })) }),
    /record/,
  ],
  ['left late', (run) => ({ ...run, sent: run.sent.map((item) => ({ ...item, at: item.at + 1e9 })) }), /expiry/],
  ['was dealt with and nobody counted', (run) => ({ ...run, dealtWith: run.dealtWith.slice(1) }), /counted/],
  ['was published out of order', (run) => ({ ...run, heard: [...run.heard].reverse() }), /was heard in place/],
  ['was never published', (run) => ({ ...run, heard: run.heard.slice(0, -1) }), /publications were heard/],
  ['waited without a bound', (run) => ({ ...run, greatestDepth: 1000 }), /waited/],
])('what %s is found', async (_, tamper, told) => {
  const [plan, run] = await planWith(({ kind }, { sent, received, heard }) => {
    const isAnswered = sent.length > 0 && received.length > 0 && heard.length > 1;
    return kind === 'lossless' && isAnswered;
  });
  expect(violationsOf(plan, run)).toEqual([]);
  expect(violationsOf(plan, tamper(run)).join('\n')).toMatch(told);
});

test('what happens again at the same packet time, after the clock was set back, is another anomaly with recoveries of its own', async () => {
  const suits = (plan: Plan, run: CampaignRun): boolean => plan.kind === 'lossless' && run.received.length > 0;
  const [found] = await planWith(suits);
  const plan: Plan = { ...calm(found), temper: 'hasty' };
  const length = Math.max(...plan.pristine.map(({ at }) => at)) + 1000;
  const twice = { ...plan, isRelived: true, messages: relived(plan.pristine, length) };
  const [once, run] = [await simulateRun(plan), await simulateRun(twice)];
  const opened = ({ log }: CampaignRun): string[] =>
    log.events.flatMap((event) => (event.type === 'anomaly' && event.revision === 1 ? [event.id] : []));
  const begun = ({ log }: CampaignRun): string[] => log.recoveries().map(({ subject }) => subject);
  const [ids, subjects] = [opened(once), begun(once)];
  expect(Math.min(ids.length, subjects.length)).toBeGreaterThan(0);
  expect(opened(run)).toEqual([...ids, ...ids.map((id) => `${id}/base2`)]);
  // Which rule comes first may differ: cool-downs go on over the step.
  expect(new Set(begun(run))).toEqual(new Set([...subjects, ...subjects.map((id) => `${id}/base2`)]));
  expect(run.log.memory?.tally?.clockSteps).toBe(1);
  expect(violationsOf(twice, run)).toEqual([]);
});
