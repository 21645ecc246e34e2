/** Whether a window holds enough to be scored. */
import type { Manifest } from '../../domain/manifest';
import type { Window } from '../../domain/telemetry';

/** Below this share of usable samples too much would be inferred. */
const LEAST_USABLE = 0.5;

/** A model that infers what was not measured takes windows with holes. */
export const infersMissing = ({ calibration }: Pick<Manifest, 'calibration'>): boolean =>
  calibration.sustained !== undefined;

/** @param infers whether the model infers samples that were not measured; left out, every parameter must be usable. */
export const isUsable = ({ values, unusable, measured }: Window, infers: boolean): boolean => {
  if (unusable.length === 0) return true;
  if (!infers || measured === undefined) return false;
  const usable = values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  return usable >= LEAST_USABLE * values.length;
};
