/** A shadow in a real thread that hangs or crashes: the live path decides as without it, and what the shadow missed is counted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, lastValueFrom, toArray } from 'rxjs';
import { startShadow } from '../../src/adapters/shadow-thread';
import { littleMission, littleModel, littleProgram, littleScorer } from '../../src/bench/campaign/little-world';
import type { ModelPackage } from '../../src/config/load-manifest';
import { judge, type Outcome } from '../../src/pipeline/judge';
import { Shadow } from '../../src/pipeline/shadow';
import { arrival, fakeWorld, tinyFrame } from '../support/fake-world';
import { until } from '../support/until';

const READY = `
const { parentPort } = require('node:worker_threads');
parentPort.postMessage({ kind: 'ready' });
parentPort.on('message', () => { MISBEHAVE });
`;
const FRAMES = 60;
const program = littleProgram('patient');
const { sha256 } = program;

describe('a shadow that misbehaves', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fdir-shadow-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const decide = async (shadow?: Shadow): Promise<{ readonly outcomes: Outcome[]; readonly windows: number }> => {
    const live = littleModel(
      littleScorer(() => false),
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
    const parts = { mission: littleMission, model, program, diagnostics: fakeWorld().diagnostics };
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
    const { manifest } = littleModel(
      littleScorer(() => false),
      sha256,
    ).scorer;
    const file = join(folder, 'worker.cjs');
    writeFileSync(file, READY.replace('MISBEHAVE', misbehave));
    const asPackage: ModelPackage = { folder, manifest, readGraph: () => new Uint8Array() };
    const thread = await startShadow(asPackage, file, {
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
