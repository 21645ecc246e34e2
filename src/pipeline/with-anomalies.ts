/** Scored windows gain the revisions of anomalies they cause; a long loss of telemetry and the end of a pass close what is open. */
import {
  closeAll,
  initialTracker,
  loseTelemetry,
  trackWindow,
  type Anomaly,
  type Revision,
  type TrackerState,
  type TrackerStep,
} from '../core/anomaly/anomaly-tracker';
import { relateAnomalies, type Feeds } from '../core/anomaly/cascade';
import type { Manifest } from '../domain/manifest';
import { enrich } from './enrich';
import type { AnomalyState } from './memory';
import type { WithFrames } from './with-frames';
import type { JudgedWindow, WithScores } from './with-scores';

/** The anomalies as one window leaves them. */
export interface AnomalyStep {
  /** Packet time, milliseconds. */
  readonly time: number;
  readonly revisions: readonly Revision[];
  /** Anomalies that this window added to. */
  readonly confirmed: readonly Pick<Anomaly, 'id' | 'verdict'>[];
}

export interface WithTracked {
  readonly tracked: readonly AnomalyStep[];
}

/** The reducer of anomalies; injected so that tests can tell their own. */
export interface AnomalyLogic {
  /** @param base how often the spacecraft's clock was set back before. */
  track(state: TrackerState, judged: Extract<JudgedWindow, { kind: 'scored' }>, base: number): TrackerStep;
  lose(state: TrackerState, time: number): TrackerStep;
  close(state: TrackerState, time: number): TrackerStep;
}

/** @param feeds which equipment feeds which, as the mission declares. */
export const anomalyLogic = (spacecraft: string, manifest: Manifest, feeds: Feeds = new Map()): AnomalyLogic => ({
  track: (state, { scored }, base) =>
    relateAnomalies(manifest, feeds, trackWindow({ spacecraft, base }, manifest, state, scored), scored.window.end),
  lose: loseTelemetry,
  close: (state, time) => closeAll(state, time, 'end-of-pass'),
});

const noAnomalies: AnomalyState = { tracker: initialTracker, time: 0 };

export const withAnomalies = <
  E extends Pick<WithScores, 'judged'> & Pick<WithFrames, 'base' | 'memory'> & { readonly isLast: boolean },
>(
  logic: AnomalyLogic,
  initial: AnomalyState = noAnomalies,
) =>
  enrich(
    initial,
    (before, { judged, isLast, base }: E) => {
      const tracked: AnomalyStep[] = [];
      let { tracker, time } = before;
      const take = (step: TrackerStep): void => {
        tracker = step.state;
        // No window adds to what waits for lost telemetry.
        const confirmed = tracker.lostAt === undefined ? tracker.open.filter(({ misses }) => misses === 0) : [];
        tracked.push({ time, revisions: step.revisions, confirmed });
      };
      for (const item of judged) {
        time = item.kind === 'lost' ? item.time : item.scored.window.end;
        take(item.kind === 'lost' ? logic.lose(tracker, time) : logic.track(tracker, item, base));
      }
      if (isLast) take(logic.close(tracker, time));
      const added: WithTracked = { tracked };
      const isSame = tracker === before.tracker && time === before.time;
      return { state: isSame ? before : { tracker, time }, added };
    },
    (anomalies) => ({ anomalies }),
  );
