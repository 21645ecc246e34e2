/** The write comes before the act: outcomes are committed to the log, and only what is recorded can be delivered. */
import { concatMap, defer, of, retry, timer, type Observable, type SchedulerLike } from 'rxjs';
import type { Outcome } from './judge';
import type { Diagnostics, ExplanationLog } from './ports';

/** An outcome whose events are durable. */
export interface Recorded extends Outcome {
  readonly isRecorded: true;
}

/** First and longest wait before a failed commit is tried again, milliseconds; a full disk is not emptied faster. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

export interface RecordOptions {
  /** `hold`: wait until the log takes it, meanwhile nothing is acknowledged and nothing acted upon. `fail`: give up. */
  readonly onFailure: 'hold' | 'fail';
  readonly scheduler?: SchedulerLike;
}

export const withRecord =
  (log: ExplanationLog, diagnostics: Diagnostics, { onFailure, scheduler }: RecordOptions) =>
  (outcomes$: Observable<Outcome>): Observable<Recorded> => {
    const commit$ = (outcome: Outcome): Observable<Recorded> =>
      defer(() => {
        log.commit(outcome.events, outcome.ledger);
        diagnostics.vital('log', true);
        return of({ ...outcome, isRecorded: true as const });
      });
    const delay = (error: unknown, attempt: number): Observable<unknown> => {
      diagnostics.vital('log', false, error instanceof Error ? error.message : String(error));
      if (onFailure === 'fail') throw error;
      return timer(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1)), scheduler);
    };
    return outcomes$.pipe(
      concatMap((outcome) =>
        outcome.events.length === 0 && outcome.ledger.length === 0
          ? of({ ...outcome, isRecorded: true as const })
          : commit$(outcome).pipe(retry({ delay })),
      ),
    );
  };
