/** A replay that the console asked for, in a process of its own: says how far it is, and ends when nobody listens any more. */
import { createReadStream } from 'node:fs';
import { lastValueFrom, tap } from 'rxjs';
import { paceOf } from '../adapters/passes/pace';
import { composeReplay, type ReplayStep } from './replay';
import { loadConfig } from '../config/load-config';
import { summaryOf } from '../console/server/account';
import type { AnomalySummary } from '../console/api/anomalies';
import type { ReplayMessage, ReplayTask } from '../console/server/replay-runs';
import { emptyTally } from '../core/tally';
import { describeError } from '../domain/errors';
import { isoTime } from '../domain/units';

/** Progress is told so often at most, and at the end. */
const TOLD_EVERY_MS = 250;

const post = (message: ReplayMessage): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => {
      resolve();
    });
  });

/** Every line but an empty one is a frame, or nearly. */
const countLines = async (file: string): Promise<number> => {
  let count = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>)
    for (const byte of chunk) if (byte === 0x0a) count += 1;
  return Math.max(1, count);
};

const reporter = (lines: number) => {
  let toldAt = -Infinity;
  let packetTime: number | undefined;
  const changed = new Map<string, AnomalySummary>();
  const tell = async ({ tally }: Pick<ReplayStep, 'tally'>): Promise<void> => {
    toldAt = performance.now();
    const { frames, windows, unscored, actions, dropped } = tally;
    const anomalies = [...changed.values()];
    changed.clear();
    const progress = Math.min(1, frames / lines);
    const at = packetTime === undefined ? null : isoTime(packetTime);
    await post({ kind: 'step', frames, windows, unscored, actions, dropped, packetTime: at, progress, anomalies });
  };
  return {
    step: (step: ReplayStep): void => {
      packetTime = step.packetTime ?? packetTime;
      for (const event of step.events) if (event.type === 'anomaly') changed.set(event.id, summaryOf(event));
      if (performance.now() - toldAt >= TOLD_EVERY_MS) void tell(step);
    },
    tell,
  };
};

const main = async ({ config, pass, speed, logPath }: ReplayTask): Promise<void> => {
  const loaded = loadConfig(config);
  const report = reporter(await countLines(pass));
  const steps$ = await composeReplay(loaded, {
    files: [pass],
    logPath,
    pace: paceOf(speed, Date.now, process.stdin),
    startedAt: Date.now(),
    // What is dropped is counted, and shown with the counts.
    diagnostics: { dropped: () => undefined, vital: () => undefined },
    onProblems: () => undefined,
  });
  const last = await lastValueFrom(steps$.pipe(tap(report.step)), { defaultValue: { tally: emptyTally } });
  await report.tell(last);
  await post({ kind: 'done' });
};

process.once('disconnect', () => {
  process.exit(0);
});
main(JSON.parse(process.argv[2] ?? '{}') as ReplayTask)
  .catch((error: unknown) => post({ kind: 'failed', message: describeError(error) }))
  .finally(() => {
    process.exit();
  });
