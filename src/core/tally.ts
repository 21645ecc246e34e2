/** What was counted since the start: the last line of a replay, the counters of `health`. A pure fold. */
import type { DropCounts } from '../domain/drops';
import type { PipelineEvent, Summary } from '../domain/events';
import { countDrops, type Drop } from './telemetry/drop';

/** What one step of the pipeline adds. */
export interface StepCounts {
  readonly frames: number;
  readonly windows: number;
  readonly unscored: number;
  /** Of those: windows of a time that the model says nothing about. */
  readonly notYetJudged?: number | undefined;
  readonly drops: readonly Drop[];
  readonly events: readonly PipelineEvent[];
  /** The last of a time base. */
  readonly endsBase?: object | undefined;
}

export interface Tally extends Omit<Summary, 'type' | 'dropped'> {
  /** Transitions of plain limits and monitors. */
  readonly checks: number;
  /** Transitions and answers of rules that were muted because their cause is known. */
  readonly muted: number;
  /** How often the spacecraft's clock was set back. */
  readonly clockSteps: number;
  readonly dropped: DropCounts;
}

export const emptyTally: Tally = {
  frames: 0,
  windows: 0,
  unscored: 0,
  anomalies: 0,
  actions: 0,
  checks: 0,
  muted: 0,
  clockSteps: 0,
  dropped: {},
};

const count = (events: readonly PipelineEvent[], test: (event: PipelineEvent) => boolean): number =>
  events.reduce((sum, event) => sum + (test(event) ? 1 : 0), 0);

/** Told only where there are any. */
const earlyOf = (windows: number): { readonly notYetJudged?: number } =>
  windows === 0 ? {} : { notYetJudged: windows };

/** Adds a step; an anomaly counts once, when it is opened, and a request that a person approved when it began to wait. */
export const tally = (before: Tally, step: StepCounts): Tally => ({
  frames: before.frames + step.frames,
  windows: before.windows + step.windows,
  unscored: before.unscored + step.unscored,
  ...earlyOf((before.notYetJudged ?? 0) + (step.notYetJudged ?? 0)),
  anomalies: before.anomalies + count(step.events, (event) => event.type === 'anomaly' && event.revision === 1),
  actions: before.actions + count(step.events, (event) => event.type === 'action' && event.approvedBy === undefined),
  checks: before.checks + count(step.events, ({ type }) => type === 'check' || type === 'monitor'),
  muted:
    before.muted +
    count(step.events, (event) => event.type === 'muted' || ('mutedBy' in event && event.mutedBy !== undefined)),
  clockSteps: before.clockSteps + (step.endsBase === undefined ? 0 : 1),
  dropped: countDrops(before.dropped, step.drops),
});

/** The summary line (CONTRACTS section 5). */
export const summaryOf = ({
  frames,
  windows,
  unscored,
  notYetJudged = 0,
  anomalies,
  actions,
  dropped,
}: Tally): Summary => ({
  type: 'summary',
  frames,
  windows,
  unscored,
  ...earlyOf(notYetJudged),
  anomalies,
  actions,
  dropped: { ...dropped },
});
