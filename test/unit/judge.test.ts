import { from, lastValueFrom, toArray } from 'rxjs';
import { judge, type Model, type Outcome } from '../../src/pipeline/judge';
import type { Inference } from '../../src/domain/scored-window';
import type { Manifest } from '../../src/domain/manifest';
import type { Arrival } from '../../src/pipeline/ports';
import { initialTracker } from '../../src/core/anomaly/anomaly-tracker';
import { arrival, fakeWorld, tinyFrame } from '../support/fake-world';
import { T0, tinyMission } from '../support/tiny-mission';

const empty = new Float32Array();
const inference: Inference = {
  score: 1,
  pValue: 1,
  reconstruction: empty,
  expected: empty,
  deviation: empty,
  parameterScore: empty,
  equipmentScore: empty,
  peepholes: [],
};

/** A model whose inference number `n` is what `answer` says; `tracked` collects the windows that were scored. */
const model = (answer: (n: number) => Inference, tracked: number[] = []): Model => {
  let calls = 0;
  return {
    scorer: {
      manifest: {} as Manifest,
      score: async () => [answer((calls += 1))],
      implied: () => Promise.reject(new Error('not asked')),
      close: async () => undefined,
    },
    anomalies: {
      track: (state, { scored }) => {
        tracked.push((scored.window.end - T0) / 1000);
        return { state, revisions: [] };
      },
      lose: () => ({ state: initialTracker, revisions: [] }),
      close: () => ({ state: initialTracker, revisions: [] }),
    },
    explanations: {
      findSufficient: async () => [],
      explain: () => {
        throw new Error('nothing to explain');
      },
    },
  };
};

const run = (parts: Parameters<typeof judge>[0], arrivals: readonly Arrival[]): Promise<Outcome[]> =>
  lastValueFrom(from(arrivals).pipe(judge(parts), toArray()));

const frames = Array.from({ length: 13 }, (_, second) => tinyFrame(second));

test('an inference that fails leaves its window unscored, is reported, and the next one is tried', async () => {
  const world = fakeWorld();
  const tracked: number[] = [];
  const failing = model((n) => {
    if (n === 2) throw new Error('out of memory');
    return n === 3 ? { ...inference, score: NaN } : inference;
  }, tracked);
  const [outcome] = await run({ mission: tinyMission(), model: failing, diagnostics: world.diagnostics }, [
    arrival(frames),
  ]);
  expect({ windows: outcome?.windows, unscored: outcome?.unscored, tracked, happened: world.happened }).toEqual({
    windows: 5,
    unscored: 2,
    tracked: [4, 10, 12],
    happened: ['failed inference', 'failed inference'],
  });
});

test('plain limits go on while inference fails', async () => {
  const world = fakeWorld();
  const broken = model(() => {
    throw new Error('gone');
  });
  const outcomes = await run({ mission: tinyMission(), model: broken, diagnostics: world.diagnostics }, [
    arrival(frames.slice(0, 5)),
    arrival([tinyFrame(5, { rw0_speed: 70 })]),
  ]);
  expect(outcomes.map(({ events }) => events.map(({ type }) => type))).toEqual([[], ['check']]);
});

test('however telemetry is cut into arrivals, the same windows are scored in the same order', async () => {
  const world = fakeWorld();
  const cut = async (size: number): Promise<number[]> => {
    const tracked: number[] = [];
    const arrivals = Array.from({ length: Math.ceil(frames.length / size) }, (_, index) =>
      arrival(frames.slice(index * size, (index + 1) * size)),
    );
    await run(
      { mission: tinyMission(), model: model(() => inference, tracked), diagnostics: world.diagnostics },
      arrivals,
    );
    return tracked;
  };
  expect([await cut(1), await cut(3), await cut(100)]).toEqual([
    [4, 6, 8, 10, 12],
    [4, 6, 8, 10, 12],
    [4, 6, 8, 10, 12],
  ]);
});
