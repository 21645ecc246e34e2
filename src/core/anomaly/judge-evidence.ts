/** What came before a window, and the window as it counts after it: all kinds of evidence over time, the strongest of them its score. */
import type { Manifest } from '../../domain/manifest';
import type { ScoredWindow } from '../../domain/scored-window';
import { framesSeen } from '../telemetry/summaries';
import { acceptOwnPast, judgeOwnPast, type OwnPastState } from './own-past';
import { acceptSustained, isUnseen, sustain, type SustainedState } from './sustained';

export interface EvidenceState {
  /** Evidence that lasts; absent where the model judges window by window. */
  readonly sustained?: SustainedState | undefined;
  /** Parameters against their own past; absent where the model has no such heads. */
  readonly ownPast?: OwnPastState | undefined;
}

export interface JudgedEvidence {
  readonly state: EvidenceState;
  readonly scored: ScoredWindow;
}

/**
 * Decades that evidence of the own past loses while an anomaly is open. Its level is held then and does not come back by itself, so that
 * the wide hysteresis of other evidence would keep an anomaly open for as long as telemetry is somewhat unlike before.
 */
const HELD = 0.7;

/** @param frozen whether an anomaly is open: levels do not follow it. */
export const judgeEvidence = (
  { calibration, sampling }: Manifest,
  before: EvidenceState,
  scored: ScoredWindow,
  frozen: boolean,
): JudgedEvidence => {
  const { window, inference } = scored;
  const { sustained, ownPast } = calibration;
  if (sustained === undefined || inference.evidence === undefined) return { state: {}, scored };
  const unseen = isUnseen(sustained, window.values, sampling.window);
  const step = sustain(sustained, before.sustained, inference.evidence, unseen);
  const past =
    ownPast === undefined || inference.ownPast === undefined || window.memory === undefined
      ? undefined
      : judgeOwnPast(ownPast, before.ownPast, {
          ...{ signals: inference.ownPast, seen: framesSeen(window.memory), unseen, frozen },
        });
  const score = Math.max(step.score, (past?.score ?? -Infinity) - (frozen ? HELD : 0));
  return {
    state: { sustained: step.state, ...(past && { ownPast: past.state }) },
    scored: { ...scored, inference: { ...inference, score } },
  };
};

/** What is now counts as ordinary from here on. */
export const acceptEvidence = ({ calibration }: Manifest, { sustained, ownPast }: EvidenceState): EvidenceState => ({
  ...(sustained && { sustained: acceptSustained(sustained) }),
  ...(ownPast && calibration.ownPast && { ownPast: acceptOwnPast(calibration.ownPast, ownPast) }),
});
