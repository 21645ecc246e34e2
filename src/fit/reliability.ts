/** How often fused verdicts were right on held cases, by the confidence they stated: `quality.reliability` of a package. */
import { calibrationOf } from '../core/metrics/calibration';
import type { ReliabilityBin } from '../domain/reliability';

/**
 * @param posteriors of one window each, over unit and fault.
 * @param truths the true option of each.
 * @returns equal bins of confidence that hold a case at least, rising.
 */
export const reliabilityOf = (
  posteriors: readonly ArrayLike<number>[],
  truths: readonly number[],
): readonly ReliabilityBin[] => {
  const claims = posteriors.map((posterior, at) => {
    const values = Array.from(posterior);
    const confidence = Math.max(...values);
    return { confidence, isRight: values.indexOf(confidence) === truths[at] };
  });
  return calibrationOf(claims)
    .bins.filter(({ n }) => n > 0)
    .map(({ from, to, n, accuracy }) => ({ from, to, n, right: Math.round(n * (accuracy ?? 0)) }));
};
