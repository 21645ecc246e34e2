import { VirtualTimeScheduler } from 'rxjs';
import type { Manifest } from '../../src/domain/manifest';
import type { Inference } from '../../src/domain/scored-window';
import { guardScorer } from '../../src/pipeline/guard-scorer';

/** A scorer whose answers the test gives, and a clock that the test moves. */
const world = () => {
  const scheduler = new VirtualTimeScheduler();
  const asked: { resolve: (found: readonly Inference[]) => void; reject: (error: Error) => void }[] = [];
  const guarded = guardScorer(
    {
      manifest: {} as Manifest,
      score: () => new Promise((resolve, reject) => asked.push({ resolve, reject })),
      implied: () => Promise.reject(new Error('not asked')),
      close: async () => undefined,
    },
    { deadlineMs: 500, firstPauseMs: 1000, longestPauseMs: 4000, scheduler },
  );
  const wait = (ms: number): void => {
    scheduler.maxFrames = scheduler.frame + ms;
    const end = scheduler.schedule(() => undefined, ms);
    scheduler.flush();
    end.unsubscribe();
  };
  const score = (): Promise<string> =>
    guarded.score(new Float32Array(), 1).then(
      () => 'scored',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    );
  return { asked, wait, score };
};

test('after a failure the model rests, longer after each, and an answer ends it', async () => {
  const { asked, wait, score } = world();
  const outcomes: string[] = [];
  for (const pause of [1000, 2000, 4000, 4000]) {
    const failing = score();
    asked.at(-1)?.reject(new Error('out of memory'));
    outcomes.push(await failing);
    wait(pause - 1);
    outcomes.push(await score());
    wait(1);
  }
  expect([...new Set(outcomes)]).toEqual(['out of memory', 'the model rests after a failure and is tried again']);
  expect([outcomes.length, asked.length]).toEqual([8, 4]);
  const working = score();
  asked.at(-1)?.resolve([]);
  expect(await working).toBe('scored');
  const failing = score();
  asked.at(-1)?.reject(new Error('again'));
  await failing;
  wait(1000);
  const next = score();
  asked.at(-1)?.resolve([]);
  expect(await next).toBe('scored');
});

test('an inference that hangs has failed at its deadline, and none is begun before it has ended', async () => {
  const { asked, wait, score } = world();
  const hanging = score();
  wait(500);
  expect(await hanging).toBe('the inference has not ended after 0.5 s');
  wait(10_000);
  expect(await score()).toBe('the last inference has not ended');
  asked[0]?.resolve([]);
  await Promise.resolve();
  const next = score();
  asked.at(-1)?.resolve([]);
  expect([await next, asked.length]).toEqual(['scored', 2]);
});
