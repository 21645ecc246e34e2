/** Models in real threads that hang or crash: a shadow costs a count, and a live one is started again. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, lastValueFrom, toArray } from 'rxjs';
import { keepModelThread, startModelThread } from '../../src/adapters/model/model-thread';
import { createOnnxScorer } from '../../src/adapters/model/onnx-scorer';
import { toyMission, toyModel, toyProgram, toyScorer } from '../../src/bench/campaign/toy-mission';
import { loadModelPackage, type ModelPackage } from '../../src/config/load-manifest';
import { loadMission } from '../../src/config/load-mission';
import { createRandom } from '../../src/core/random';
import { judge, type Outcome } from '../../src/pipeline/judge';
import { smallestSet } from '../../src/pipeline/counterfactual';
import { Shadow } from '../../src/pipeline/shadow';
import { arrival, fakeWorld, tinyFrame } from '../support/fake-world';
import { until } from '../support/until';

const READY = `
const { parentPort } = require('node:worker_threads');
parentPort.postMessage({ kind: 'ready' });
parentPort.on('message', () => { MISBEHAVE });
`;
const FRAMES = 60;
const program = toyProgram('patient');
const { sha256 } = program;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-model-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a shadow that misbehaves', () => {
  const decide = async (shadow?: Shadow): Promise<{ readonly outcomes: Outcome[]; readonly windows: number }> => {
    const live = toyModel(
      toyScorer(() => false),
      sha256,
    );
    let windows = 0;
    const model = {
      ...live,
      seen: ({ window, inference }: Parameters<NonNullable<typeof live.seen>>[0]) => {
        windows += 1;
        shadow?.see(window.end, window.values, inference);
      },
    };
    const arrivals = Array.from({ length: FRAMES }, (_, second) =>
      arrival([tinyFrame(second, second > 20 && second < 40 ? { rw1_current: 10 } : {})]),
    );
    const parts = { mission: toyMission, model, program, diagnostics: fakeWorld().diagnostics };
    return { outcomes: await lastValueFrom(from(arrivals).pipe(judge(parts), toArray())), windows };
  };
  const decisions = (outcomes: readonly Outcome[]): string => JSON.stringify(outcomes.map(({ events }) => events));

  test.each([
    ['hangs for ever', 'for (;;);', /no answer in/],
    ['never answers', '', /no answer in/],
    ['throws', "throw new Error('shot through')", /shot through/],
    ['ends', 'process.exit(7)', /thread ended/],
    [
      'takes all the memory it can get',
      'const all = []; for (;;) all.push(new Array(1000).fill(all.length))',
      /memory/,
    ],
  ])('%s', async (_what, misbehave, trouble) => {
    const { manifest } = toyModel(
      toyScorer(() => false),
      sha256,
    ).scorer;
    const file = join(folder, 'worker.cjs');
    writeFileSync(file, READY.replace('MISBEHAVE', misbehave));
    const asPackage: ModelPackage = { folder, manifest, readGraph: () => new Uint8Array() };
    const thread = await startModelThread(asPackage, {
      file,
      name: 'shadow',
      patienceMs: /memory|shot|ended/.test(trouble.source) ? 60_000 : 200,
    });
    const shadow = new Shadow(thread, () => manifest, manifest);
    const alone = await decide();
    // The thread has its first window and does not give it back: everything is judged meanwhile.
    const beside = await decide(shadow);
    expect(decisions(beside.outcomes)).toBe(decisions(alone.outcomes));
    expect(beside.outcomes.flatMap(({ events }) => events).length).toBeGreaterThan(0);
    await until('the failure', () => shadow.report.failed >= 1, 60_000);
    const { compared, failed, skipped, trouble: told } = shadow.report;
    expect({ compared, seen: failed + skipped }).toEqual({ compared: 0, seen: beside.windows });
    expect(told).toMatch(trouble);
    // It is gone for good, and each further try costs a count.
    const again = await decide(shadow);
    expect(decisions(again.outcomes)).toBe(decisions(alone.outcomes));
    await shadow.close();
  });
});

describe('a live model in a thread', () => {
  const root = join(__dirname, '../..');
  const file = join(root, 'dist/compose/model-worker.js');

  test('says what it says without one, to the last bit', async () => {
    const model = loadModelPackage(join(root, 'models/rw-cae'), loadMission(join(root, 'rules/mission.yaml')));
    const { golden, parameters, sampling } = model.manifest;
    const random = createRandom(11);
    const here = await createOnnxScorer(model);
    const there = await keepModelThread(model, { file, name: 'model' });
    const rows = [0, 1, 2, 3];
    for (let round = 0; round < 6; round += 1) {
      const faulty = random.int(parameters.length);
      const values = Float32Array.from(golden.window, (value, i) =>
        Math.floor(i / sampling.window) === faulty ? value * (1 + round * random.normal()) : value,
      );
      const [wanted] = await here.score(values, 1);
      // Asked at once, answered in order.
      const [[found], implied, set] = await Promise.all([
        there.score(values, 1),
        there.implied(values, 1),
        there.smallestSet?.(values, wanted?.expected ?? values, rows),
      ]);
      expect(found).toEqual(wanted);
      expect(implied).toEqual(await here.implied(values, 1));
      expect(set).toEqual(await smallestSet(here, values, wanted?.expected ?? values, rows));
    }
    await Promise.all([here.close(), there.close()]);
  });

  test('a package that does not run is refused with its file, as without a thread', async () => {
    const model = loadModelPackage(join(root, 'models/rw-cae'), loadMission(join(root, 'rules/mission.yaml')));
    const cut: ModelPackage = { ...model, readGraph: () => model.readGraph().subarray(0, 5000) };
    const told = async (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => 'started',
        (error: unknown) => error,
      );
    const [here, there] = [
      await told(createOnnxScorer(cut)),
      await told(keepModelThread(cut, { file, name: 'model' })),
    ];
    expect(there).toEqual(here);
    expect(there).toMatchObject({
      code: 'model',
      problems: [{ file: expect.stringMatching(/model\.onnx$/) as string }],
    });
  });

  test.each([
    ['hangs', 'for (;;);', /no answer in 0.2 s/],
    ['ends', 'process.exit(7)', /thread ended/],
  ])('one that %s fails those who wait, and is started again for the next', async (_what, misbehave, trouble) => {
    const { manifest } = toyScorer();
    const worker = join(folder, 'worker.cjs');
    writeFileSync(
      worker,
      `const { parentPort } = require('node:worker_threads');
       parentPort.postMessage({ kind: 'ready' });
       parentPort.on('message', ({ id, n }) => {
         if (n === 13) { ${misbehave} }
         parentPort.postMessage({ kind: 'answered', id, value: n });
       });`,
    );
    const asPackage: ModelPackage = { folder, manifest, readGraph: () => new Uint8Array() };
    const scorer = await keepModelThread(asPackage, { file: worker, name: 'model', patienceMs: 200 });
    const ask = (n: number): Promise<unknown> => scorer.score(new Float32Array(1), n).catch(String);
    expect(await Promise.all([ask(1), ask(2)])).toEqual([1, 2]);
    const [first, second] = await Promise.all([ask(13), ask(3)]);
    expect([first, second].map(String)).toEqual([expect.stringMatching(trouble), expect.stringMatching(trouble)]);
    expect(await Promise.all([ask(4), ask(5)])).toEqual([4, 5]);
    await scorer.close();
    expect(String(await ask(6))).toMatch(/thread is gone: it was stopped/);
  });
});
