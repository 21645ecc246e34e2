/** What came before a window, and the window as it counts after it: all kinds of evidence over time, the strongest of them its score. */
import type { Manifest } from '../../domain/manifest';
import type { ScoredWindow } from '../../domain/scored-window';
import { framesSeen } from '../telemetry/summaries';
import { absentRows } from './absent';
import { acceptOwnPast, judgeOwnPast, type OwnPastState } from './own-past';
import { ownPastScores } from './own-past-shares';
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
 * Decades that some evidence loses while an anomaly is open, so that the wide hysteresis of other evidence does not keep it open. The level
 * of the own past is held then, and telemetry may differ somewhat from before for long. A running mean of many windows still shows a
 * fault that is over.
 */
const HELD = 0.7;

/** @param frozen whether an anomaly is open: levels do not follow it. */
export const judgeEvidence = (
  manifest: Manifest,
  before: EvidenceState,
  scored: ScoredWindow,
  frozen: boolean,
): JudgedEvidence => {
  const { calibration, sampling } = manifest;
  const { window, inference } = scored;
  const { sustained, ownPast } = calibration;
  if (sustained === undefined || inference.evidence === undefined) return { state: {}, scored };
  const unseen = isUnseen(sustained, window.values, sampling.window);
  const absent = absentRows(window.memory);
  const quiet = { unseen, isPartial: absent.length > 0 };
  const step = sustain(sustained, before.sustained, inference.evidence, quiet);
  const past =
    ownPast === undefined || inference.ownPast === undefined || window.memory === undefined
      ? undefined
      : judgeOwnPast(ownPast, before.ownPast, {
          ...{ signals: inference.ownPast, seen: framesSeen(window.memory), unseen, absent, frozen },
        });
  const held = frozen ? HELD : 0;
  const byHead = step.byHead.map((surprise, head) => surprise - (sustained.heads[head]?.fast === true ? 0 : held));
  const [others, own] = [Math.max(...byHead), (past?.score ?? -Infinity) - held];
  // Who is named must be who raised the score. Where the window alone raises it too, its deviations are easier to check.
  const isByPast = own > others && others < calibration.threshold;
  const carried = past && isByPast ? ownPastScores(manifest, before.ownPast, past) : undefined;
  return {
    state: { sustained: step.state, ...(past && { ownPast: past.state }) },
    scored: { ...scored, inference: { ...inference, ...carried, score: Math.max(others, own) } },
  };
};

/** What stays of the evidence when telemetry was lost: the level of the time before, or a fault that begins soon after would be no news. */
export const afterGap = ({ ownPast }: EvidenceState): EvidenceState => (ownPast === undefined ? {} : { ownPast });

/** What is now counts as ordinary from here on. */
export const acceptEvidence = ({ calibration }: Manifest, { sustained, ownPast }: EvidenceState): EvidenceState => ({
  ...(sustained && { sustained: acceptSustained(sustained) }),
  ...(ownPast && calibration.ownPast && { ownPast: acceptOwnPast(calibration.ownPast, ownPast) }),
});
