/**
 * The write comes before the act. One commit to the log holds outcomes, what the judgement remembers after them, and what is to
 * be published. Only what is recorded can be delivered.
 */
import { describeError } from '../domain/errors';
import type { Notices } from '../domain/notification';
import { concatMap, defer, from, map, of, retry, timer, type Observable, type SchedulerLike } from 'rxjs';
import { inGroups } from './in-groups';
import type { Outcome } from './judge';
import type { Diagnostics, ExplanationLog, Publisher } from './ports';

/** An outcome whose events are durable. */
export interface RecordedOutcome extends Outcome {
  readonly isRecorded: true;
}

/** First and longest wait before a failed commit is tried again, milliseconds; a full disk is not emptied faster. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
/** Outcomes that are committed together at most, and how long one waits for others, milliseconds. */
const GROUP = 16;
const GROUP_IDLE_MS = 3;
/**
 * A request closes its group at once. If as many messages wait as a group holds, it does not: each would wait longer behind
 * commits of one than in a group.
 */
const BEHIND = GROUP;

export interface RecordOptions {
  /** `hold`: wait until the log takes it, meanwhile nothing is acknowledged and nothing acted upon. `fail`: give up. */
  readonly onFailure: 'hold' | 'fail';
  /** Committed in groups, with what is remembered and published; left out: one by one, and only what happened. */
  readonly grouped?: Pick<Publisher, 'publicationsOf'> | undefined;
  /** What the receivers of `notify:` are to hear of outcomes; left out: nothing. */
  readonly notices?: ((outcomes: readonly Outcome[]) => Notices | undefined) | undefined;
  /** How many messages wait to be judged; left out: none. */
  readonly waiting?: () => number;
  readonly scheduler?: SchedulerLike;
}

/** Somebody waits: a spacecraft for its recovery, a person for an answer. */
const isUrgent = ({ events, answers }: Outcome): boolean =>
  answers.length > 0 || events.some((event) => event.type === 'action' && event.disposition === 'request');

const isRecorded = <E extends Outcome>(outcome: E) => ({ ...outcome, isRecorded: true as const });

export const withRecord =
  (
    log: ExplanationLog,
    diagnostics: Diagnostics,
    { onFailure, grouped, notices, waiting = () => 0, scheduler }: RecordOptions,
  ) =>
  <E extends Outcome>(outcomes$: Observable<E>): Observable<E & RecordedOutcome> => {
    const write = (outcomes: readonly E[]): void => {
      const events = outcomes.flatMap((outcome) => outcome.events);
      const ledger = outcomes.flatMap((outcome) => outcome.ledger);
      if (grouped === undefined) {
        log.commit(events, ledger);
        return;
      }
      const publications = outcomes.flatMap((outcome) => grouped.publicationsOf(outcome));
      log.commit(events, ledger, { publications, notices: notices?.(outcomes), memory: outcomes.at(-1)?.memory });
    };
    const delay = (error: unknown, attempt: number): Observable<unknown> => {
      diagnostics.vital('log', false, describeError(error));
      if (onFailure === 'fail') throw error;
      return timer(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1)), scheduler);
    };
    const commit$ = (outcomes: readonly E[]): Observable<E & RecordedOutcome> =>
      defer(() => {
        write(outcomes);
        diagnostics.vital('log', true);
        return from(outcomes.map(isRecorded));
      }).pipe(retry({ delay }));
    if (grouped !== undefined)
      return outcomes$.pipe(
        inGroups<Outcome, E>({
          most: GROUP,
          idleMs: GROUP_IDLE_MS,
          continues: ({ endsBase }) => endsBase !== undefined,
          isUrgent: (outcome) => waiting() < BEHIND && isUrgent(outcome),
          scheduler,
        }),
        concatMap(commit$),
      );
    return outcomes$.pipe(
      map((outcome) => [outcome] as const),
      concatMap((group) =>
        group[0].events.length === 0 && group[0].ledger.length === 0 ? of(isRecorded(group[0])) : commit$(group),
      ),
    );
  };
