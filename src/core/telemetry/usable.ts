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

/** Whether enough of a window was measured for the rest to be inferred. */
export const hasEnough = ({ values }: Pick<Window, 'values'>): boolean =>
  values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0) >= LEAST_USABLE * values.length;

/**
 * A window with holes for a model that does not infer them: nominal means stand in, and what the other parameters imply counts.
 * @param means nominal mean by row.
 */
export const withStandIns = <W extends Pick<Window, 'values' | 'unusable'>>(window: W, means: readonly number[]) => {
  if (window.unusable.length === 0) return window;
  const frames = window.values.length / means.length;
  const holes: number[] = [];
  const values = window.values.map((value, cell) => {
    if (!Number.isNaN(value)) return value;
    holes.push(cell);
    return means[Math.floor(cell / frames)] ?? 0;
  });
  return { ...window, values, holes };
};

/** @param infers whether the model infers samples that were not measured; left out, every parameter must be usable. */
export const isUsable = (window: Window, infers: boolean): boolean => {
  if (window.unusable.length === 0) return true;
  return infers && window.measured !== undefined && hasEnough(window);
};
