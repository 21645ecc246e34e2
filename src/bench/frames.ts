/**
 * What a frame costs besides the model: assembly, plain limits, monitors, rules, recovery and alarms, as the daemon does them.
 * Processor time, which other programs of the computer do not touch.
 */
import { from, lastValueFrom, reduce } from 'rxjs';
import { judge } from '../pipeline/judge';
import type { Arrival } from '../pipeline/ports';
import { ofRuns } from './statistics';
import type { Workshop } from './workshop';

const FRAMES = 43_200;
const RUNS = 5;
const DIAGNOSTICS = { dropped: () => undefined, vital: () => undefined };

export const benchFrames = async ({ loaded, frames, report }: Workshop) => {
  const { mission, program } = loaded;
  report(`frames: simulating ${String(FRAMES)} frames`);
  const arrivals = [...frames(FRAMES, [])].map(({ time, values }): Arrival => {
    const named = Object.fromEntries(mission.parameters.map(({ id }, row) => [id, values[row] ?? NaN]));
    return {
      frames: [{ time, values: named }],
      drops: [],
      receivedAt: time,
      isLast: false,
      acknowledge: () => undefined,
    };
  });
  /** Microseconds of processor time a frame. */
  const run = async (): Promise<number> => {
    const before = process.cpuUsage();
    const outcomes$ = from(arrivals).pipe(judge({ mission, program, diagnostics: DIAGNOSTICS }));
    const judged = await lastValueFrom(outcomes$.pipe(reduce((sum, { frames: count }) => sum + count, 0)));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / judged;
  };
  report('frames: warming up');
  await run();
  const runs: number[] = [];
  while (runs.length < RUNS) runs.push(await run());
  return { frames: FRAMES, microsecondsPerFrame: ofRuns(runs) };
};
