/** The world as the console sees it. The composition implements these; tests use their own. */
import type { Alarm, AlarmStep } from '../../domain/alarm';
import type { LoggedEvent } from '../../domain/daemon-event';
import type { RecoveryRequest } from '../../domain/events';
import type { Explanation } from '../../domain/explanation';
import type { ShiftRange } from '../../core/report/shift-records';
import type { NoteFilter, NoteRecord } from '../../domain/note';
import type { ShiftReport } from '../../domain/shift-report';
import type { Recovery, RecoveryStep } from '../../domain/recovery';
import type { Reply } from '../../domain/requests';
import type { AnomalyList, AnomalySummary, Histogram, VerdictEntry } from '../api/anomalies';
import type { AnomalyQuery, AnomalyListQuery } from '../api/anomalies';
import type { OnboardEvent } from '../../domain/onboard-event';
import type { TelecommandRecord } from '../../domain/telecommand';
import type { SentQuery } from '../api/sent';
import type { DaemonEventQuery } from '../api/daemon-events';
import type { HistoryPage } from '../../core/history-page';
import type { LogHistoryQuery } from '../api/log-history';
import type { PassView, ReplayView } from '../api/replay';
import type { ConsoleOrder } from '../port/messages';
import type { RuleCounts } from './views';

/** Everything the log holds about one anomaly. */
export interface ShownAccount {
  readonly revisions: readonly [Explanation, ...Explanation[]];
  readonly requests: readonly RecoveryRequest[];
  readonly recoveries: readonly { readonly recovery: Recovery; readonly steps: readonly RecoveryStep[] }[];
  readonly alarms: readonly Alarm[];
  /** Newest first. */
  readonly verdicts: readonly VerdictEntry[];
  /** What people wrote on it, newest first. */
  readonly notes: readonly NoteRecord[];
}

/** Reads the log. Every method throws when the log cannot be read now, and works again when it can. */
export interface ConsoleLog {
  list(query: AnomalyListQuery): AnomalyList;
  histogram(query: AnomalyQuery, buckets: number): Histogram;
  /** Some anomalies at a time, so that no read lasts while a slow client takes its time. */
  batches(query: AnomalyQuery): Iterable<readonly AnomalySummary[]>;
  /** The same as the bytes of a Parquet file, some at a time. */
  parquet(query: AnomalyQuery): Iterable<Uint8Array>;
  account(id: string): ShownAccount | undefined;
  recoveries(all: boolean): readonly Recovery[];
  recovery(id: string): { readonly recovery: Recovery; readonly steps: readonly RecoveryStep[] } | undefined;
  alarms(all: boolean): readonly Alarm[];
  alarm(name: string): { readonly alarm: Alarm; readonly steps: readonly AlarmStep[] } | undefined;
  /** Daemon events, newest first. */
  events(query: DaemonEventQuery): readonly LoggedEvent[];
  /** The time line of everything, newest first; `unknown` tells of names that the log does not have when nothing passes. */
  history(query: LogHistoryQuery): HistoryPage & { readonly unknown: readonly string[] };
  /** Telecommands that were sent, and what the spacecraft itself reported, newest first. */
  commands(query: SentQuery): readonly TelecommandRecord[];
  reports(query: SentQuery): readonly OnboardEvent[];
  ruleCounts(): ReadonlyMap<string, RuleCounts>;
  /** What a shift was. */
  shift(range: ShiftRange): ShiftReport;
  /** What people wrote, newest first. */
  notes(filter: NoteFilter): readonly NoteRecord[];
}

/** Runs recorded passes beside the live one. */
export interface Replays {
  readonly isAvailable: boolean;
  passes(): readonly PassView[];
  runs(): readonly ReplayView[];
  run(id: string): ReplayView | undefined;
  /** @throws a refusal when there is no such pass, or too many run. */
  start(pass: string, speed: ReplayView['speed'], by: string): ReplayView;
  stop(id: string): boolean;
  account(id: string, anomaly: string): ShownAccount | undefined;
}

/** Hands orders to the daemon. */
export interface OrderPort {
  /** Resolves with the daemon's answer; undefined when it does not answer in time. */
  order(request: ConsoleOrder): Promise<Reply | undefined>;
}
