/**
 * The one flow: inbox -> gate -> judge -> record -> deliver. Daemon, replay, campaign and tests run it with parts of their own. A part
 * that is left out is not passed: a replay has no gate and delivers nothing.
 */
import { tap, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import type { Inbox } from './inbox';
import { judge, type JudgeParts, type Outcome } from './judge';
import type { Arrival, Diagnostics, ExplanationLog } from './ports';
import type { ReloadGate } from './reload-gate';
import { withRecord, type RecordedOutcome, type RecordOptions } from './with-record';
import { withTally, type WithTally } from './with-tally';

export interface DaemonFlowParts {
  /** Where arrivals come from; `release` is called when one of them is judged. */
  readonly inbox: Pick<Inbox, 'arrivals$' | 'release'>;
  readonly judge: JudgeParts;
  /** Carries out reloads between two arrivals; left out: nobody can ask for one. */
  readonly gate?: Pick<ReloadGate, 'entering' | 'leaving'> | undefined;
  readonly record: { readonly log: ExplanationLog; readonly diagnostics: Diagnostics } & RecordOptions;
  /** `withDelivery`. Left out: nothing leaves. A replay never names it, so that no action can. */
  readonly deliver?: MonoTypeOperatorFunction<FlowOutcome> | undefined;
  /** Told of every outcome of the judgement, before its record; `isPart`: more of the same arrival follows. */
  readonly onJudged?: (outcome: Outcome, isPart: boolean) => void;
}

/** What was recorded and, where there is somebody to deliver to, delivered. Whoever subscribes acknowledges it. */
export type FlowOutcome = RecordedOutcome & WithTally;

const unchanged =
  <T>(): MonoTypeOperatorFunction<T> =>
  (events$) =>
    events$;

/** @throws (through the observable) what `record` cannot hold, and what is a defect of the program. */
export const daemonFlow = (parts: DaemonFlowParts): Observable<FlowOutcome> => {
  const { inbox, gate, record, deliver, onJudged } = parts;
  const { log, diagnostics, ...options } = record;
  return inbox.arrivals$.pipe(
    gate?.entering() ?? unchanged<Arrival>(),
    judge(parts.judge),
    gate?.leaving(({ endsBase }) => endsBase === undefined) ?? unchanged<Outcome>(),
    withTally(parts.judge.resumed?.tally),
    tap((outcome) => {
      const isPart = outcome.endsBase !== undefined;
      onJudged?.(outcome, isPart);
      if (!isPart) inbox.release();
    }),
    withRecord(log, diagnostics, options),
    deliver ?? unchanged<FlowOutcome>(),
  );
};
