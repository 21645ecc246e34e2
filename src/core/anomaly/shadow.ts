/** Two models on one window: where they agree, and where a swap would change something. */
import type { Manifest } from '../../domain/manifest';
import type { Inference } from '../../domain/scored-window';
import { KEPT_DIFFERENCES, type ShadowReport } from '../../domain/shadow';
import { isoTime } from '../../domain/units';
import { jointPosterior, verdictOf } from './verdict';

/** What one model makes of one window. */
export interface Opinion {
  readonly score: number;
  readonly isAnomalous: boolean;
  readonly equipment: string;
  readonly fault: string;
}

/** By this window alone: persistence and pooling are the live path's. @throws Error when the score is not finite. */
export const opinionOf = (manifest: Manifest, { score, peepholes, equipmentScore }: Inference): Opinion => {
  if (!Number.isFinite(score)) throw new Error('the model gave no finite score');
  const { equipment, fault } = verdictOf(manifest, jointPosterior(manifest, peepholes), equipmentScore);
  return { score, isAnomalous: score >= manifest.calibration.threshold, equipment, fault };
};

type ModelIdentity = Pick<Manifest, 'id' | 'sha256'>;

export const emptyReport = (live: ModelIdentity, shadow: ModelIdentity): ShadowReport => ({
  live: { id: live.id, sha256: live.sha256 },
  shadow: { id: shadow.id, sha256: shadow.sha256 },
  from: null,
  to: null,
  compared: 0,
  skipped: 0,
  failed: 0,
  both: 0,
  onlyLive: 0,
  onlyShadow: 0,
  neither: 0,
  otherVerdict: 0,
  trouble: null,
  differences: [],
});

const told = ({ score, equipment, fault }: Opinion) => ({ score, equipment, fault });

/** @param time packet time of the window's end, milliseconds. */
export const compareOpinions = (report: ShadowReport, time: number, live: Opinion, shadow: Opinion): ShadowReport => {
  const key = live.isAnomalous
    ? shadow.isAnomalous
      ? 'both'
      : 'onlyLive'
    : shadow.isAnomalous
      ? 'onlyShadow'
      : 'neither';
  const isOther = key === 'both' && (live.equipment !== shadow.equipment || live.fault !== shadow.fault);
  const differs = isOther || key === 'onlyLive' || key === 'onlyShadow';
  const at = isoTime(time);
  return {
    ...report,
    from: report.from ?? at,
    to: at,
    compared: report.compared + 1,
    [key]: report[key] + 1,
    otherVerdict: report.otherVerdict + (isOther ? 1 : 0),
    trouble: null,
    differences: differs
      ? [...report.differences, { time: at, live: told(live), shadow: told(shadow) }].slice(-KEPT_DIFFERENCES)
      : report.differences,
  };
};
