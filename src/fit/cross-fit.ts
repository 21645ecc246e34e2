/**
 * Short recordings are not dealt out: a quarter of a few minutes calibrates nothing. Instead, a model fitted on all other blocks scores
 * each block (cross-conformal prediction: Vovk, Annals of Mathematics and AI, 2015). The model that is kept is fitted on everything. The
 * first and the last block are extrapolations, so slow drift is met as it will be in operation. The models of the blocks know a little
 * less than the one that is kept, so thresholds err on the side of caution.
 *
 * Nothing is extrapolated from these scores: a model that knows less scores higher already.
 */
import { FdirError } from '../domain/errors';
import type { Window } from '../domain/telemetry';
import type { Layout } from './layout';
import { FEWEST_WINDOWS } from './nominal-windows';

/** A block of nominal windows, and all that share no frame with it. */
export interface NominalFold {
  readonly shape: readonly Window[];
  readonly heldOut: readonly Window[];
}

/** With this many windows for each sample of one, half of them still estimate a covariance. */
const AMPLE = 4;
/**
 * Blocks in all. Each model still sees five sixths of the recordings, and a block is long enough for k of n windows to open an anomaly.
 */
const FOLDS = 6;

export const isShort = (windows: number, { parameters, frames }: Layout): boolean =>
  windows >= FEWEST_WINDOWS && windows < AMPLE * parameters * frames;

const sharesFrame = (a: Window, b: Window): boolean => a.start <= b.end && b.start <= a.end;

/** @param passes windows of each recording, in time order. @throws FdirError `input` when some block leaves nothing to fit on. */
export const foldsOf = (passes: readonly (readonly Window[])[]): NominalFold[] => {
  const total = passes.reduce((sum, { length }) => sum + length, 0);
  const blocks = passes.flatMap((pass, number) => {
    const count = Math.max(1, Math.round((FOLDS * pass.length) / total));
    return Array.from({ length: pass.length === 0 ? 0 : count }, (_, index) => ({
      number,
      heldOut: pass.slice(Math.round((index * pass.length) / count), Math.round(((index + 1) * pass.length) / count)),
    }));
  });
  return blocks
    .filter(({ heldOut }) => heldOut.length > 0)
    .map(({ number, heldOut }) => {
      const [first, last] = [heldOut[0], heldOut.at(-1)];
      const shape = passes.flatMap((pass, other) =>
        other !== number
          ? pass
          : pass.filter(
              (window) =>
                first === undefined || last === undefined || !sharesFrame(window, { ...first, end: last.end }),
            ),
      );
      if (shape.length === 0)
        throw new FdirError(
          'input',
          'the nominal recordings are too short for their window: record more, or shorten it',
        );
      return { shape, heldOut };
    });
};
