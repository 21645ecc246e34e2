/**
 * Who carries evidence of the own past. The scores of the window say nothing of it: a temperature may be odd by its own past alone, and
 * the others imply nothing of it.
 */
import type { Manifest } from '../../domain/manifest';
import type { Inference } from '../../domain/scored-window';
import { aboveUsual, levelBefore, type OwnPast, type OwnPastState, type OwnPastStep } from './own-past';
import { surpriseAt } from './surprise';

/** The head whose ratio is the greatest surprise. */
const loudestHead = ({ heads }: OwnPast, ratios: readonly number[]): number => {
  const surprises = heads.map(({ line }, at) => surpriseAt(line, ratios[at] ?? 0));
  return surprises.indexOf(Math.max(...surprises));
};

/**
 * What each parameter adds to the squared ratio of its unit in the loudest head, and the sum of each equipment. It is how far the parameter
 * is above what is usual of it, beside the level of its unit before. Attribution and counterfactual are made from the two.
 * @param before the state that the step began with.
 */
export const ownPastScores = (
  { calibration: { ownPast }, parameters, equipment }: Manifest,
  before: OwnPastState | undefined,
  { state, ratios }: OwnPastStep,
): Pick<Inference, 'parameterScore' | 'equipmentScore'> => {
  const parameterScore = new Float32Array(parameters.length);
  const equipmentScore = new Float32Array(Math.max(1, equipment.length));
  const at = ownPast === undefined ? -1 : loudestHead(ownPast, ratios);
  const head = ownPast?.heads[at];
  if (ownPast === undefined || head === undefined) return { parameterScore, equipmentScore };
  const { units, unitOf } = ownPast;
  const past = before ?? { blocks: [] };
  ownPast.parameters.forEach((row, index) => {
    const unit = unitOf[index] ?? 0;
    const level = levelBefore(past, at * units.length + unit);
    const signal = state.smoothed[at * ownPast.parameters.length + index] ?? 0;
    const above = aboveUsual(head, index, signal) / level;
    parameterScore[row] = above * above;
    const owner = equipment.indexOf(units[unit] ?? '');
    if (owner >= 0) equipmentScore[owner] = (equipmentScore[owner] ?? 0) + above * above;
  });
  return { parameterScore, equipmentScore };
};
