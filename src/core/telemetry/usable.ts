/** Whether a window holds enough to be scored. */
import type { Window } from '../../domain/telemetry';
import { inputOf, type InputWindow } from './model-input';

/** Below this share of usable samples too much would be inferred. */
const LEAST_USABLE = 0.5;

/** A model that infers what was not measured takes windows with holes. */
export const infersMissing = ({ calibration }: Judging): boolean => calibration?.sustained !== undefined;

/** What of a manifest tells how the model is fed; packages of older versions tell nothing. */
export interface Judging {
  readonly calibration?: { readonly sustained?: unknown };
}

/** The row of input that a model takes of a window: the values alone where it has neither mask nor memory. */
export const rowFor = (manifest: Judging, window: InputWindow): Float32Array =>
  infersMissing(manifest) ? inputOf(window) : window.values;

/** @param infers whether the model infers samples that were not measured; left out, every parameter must be usable. */
export const isUsable = ({ values, unusable, measured }: Window, infers: boolean): boolean => {
  if (unusable.length === 0) return true;
  if (!infers || measured === undefined) return false;
  const usable = values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  return usable >= LEAST_USABLE * values.length;
};
