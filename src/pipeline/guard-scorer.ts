/**
 * A scorer that fails or hangs is not asked again at once. It rests, twice as long after every failure, and whoever asks
 * meanwhile is told so. Windows of that time are unscored; the plain limits and monitors go on without waiting.
 */
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { toError } from '../domain/errors';
import type { Scorer } from './ports';

export interface GuardOptions {
  /** An inference that takes longer has failed; the next one waits until it has ended. */
  readonly deadlineMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly scheduler?: SchedulerLike;
}

/** A window takes milliseconds; a computer that needs seconds has other troubles, and telemetry goes on. */
export const DEFAULT_GUARD = { deadlineMs: 5000, firstPauseMs: 1000, longestPauseMs: 60_000 };

export const guardScorer = (scorer: Scorer, options: GuardOptions): Scorer => {
  const { deadlineMs, firstPauseMs, longestPauseMs, scheduler = asyncScheduler } = options;
  let restsUntil = -Infinity;
  let pauseMs = 0;
  let isHanging = false;

  const failed = (): void => {
    pauseMs = Math.min(longestPauseMs, pauseMs === 0 ? firstPauseMs : 2 * pauseMs);
    restsUntil = scheduler.now() + pauseMs;
  };

  const withDeadline = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const late = scheduler.schedule(() => {
        isHanging = true;
        reject(new Error(`the inference has not ended after ${String(deadlineMs / 1000)} s`));
      }, deadlineMs);
      const settle = (): void => {
        late.unsubscribe();
        isHanging = false;
      };
      work.then(
        (value) => {
          settle();
          resolve(value);
        },
        (error: unknown) => {
          settle();
          reject(toError(error));
        },
      );
    });

  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isHanging) throw new Error('the last inference has not ended');
    if (scheduler.now() < restsUntil) throw new Error('the model rests after a failure and is tried again');
    try {
      const found = await withDeadline(work());
      pauseMs = 0;
      return found;
    } catch (error) {
      failed();
      throw error;
    }
  };

  const { smallestSet } = scorer;
  return {
    manifest: scorer.manifest,
    close: () => scorer.close(),
    score: (windows, n) => guarded(() => scorer.score(windows, n)),
    implied: (windows, n) => guarded(() => scorer.implied(windows, n)),
    smallestSet: smallestSet && ((...asked) => guarded(() => smallestSet(...asked))),
  };
};
