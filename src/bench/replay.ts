/** How many frames a second a replay judges: recording read, model run, explanations made, log written. */
import { lastValueFrom } from 'rxjs';
import { composeReplay } from '../compose/replay';
import { ofRuns } from './statistics';
import type { Workshop } from './workshop';

const FRAMES = 43_200;
const WARM_UP_FRAMES = 5400;
const RUNS = 3;

export const benchReplay = async ({ loaded, path, recordedPass, report }: Workshop) => {
  const replay = async (
    pass: string,
    log: string,
  ): Promise<{ readonly seconds: number; readonly anomalies: number }> => {
    const started = performance.now();
    const steps$ = await composeReplay(loaded, {
      files: [pass],
      logPath: path(log),
      startedAt: Date.now(),
      diagnostics: { dropped: () => undefined, vital: () => undefined },
      onProblems: () => undefined,
    });
    const { tally } = await lastValueFrom(steps$);
    return { seconds: (performance.now() - started) / 1000, anomalies: tally.anomalies };
  };
  report(`replay: simulating ${String(FRAMES)} frames`);
  const pass = recordedPass('replay.csv', FRAMES);
  report('replay: warming up');
  await replay(recordedPass('warm-up.csv', WARM_UP_FRAMES), 'warm-up.db');
  const runs: { readonly seconds: number; readonly anomalies: number }[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    runs.push(await replay(pass, `replay-${String(run)}.db`));
    report(
      `replay: run ${String(run)} of ${String(RUNS)}, ${String(Math.round(FRAMES / (runs.at(-1)?.seconds ?? NaN)))} frames/s`,
    );
  }
  return {
    frames: FRAMES,
    anomalies: runs[0]?.anomalies ?? 0,
    framesPerSecond: ofRuns(runs.map(({ seconds }) => FRAMES / seconds)),
  };
};
