/** How nominal windows are dealt out for cross-fitting, and which of them follow each other. */
import type { Window } from '../domain/telemetry';

/** Each model sees three quarters of the recordings, in blocks that are dealt out in turns so that slow drift meets all of them. */
const FOLDS = 4;
const BLOCKS = 24;
/** Shorter blocks would be judged by models that know them: windows and running means reach over their ends, so many times as far. */
const REACHES = 4;
/** No more windows a block than this are needed. */
const AMPLE_BLOCK = 100;
/** Windows further apart than so many strides do not follow each other. */
const APART = 4;

/**
 * The fold of each window of ample recordings. Blocks are as short as they may be: a state that comes once, such as running in, is
 * then known to most of the models.
 * @param reach windows that the memory of the slowest head and a window itself span.
 */
export const interleavedFolds = (windows: number, reach: number): number[] => {
  const least = Math.min(AMPLE_BLOCK, Math.ceil(REACHES * reach), Math.ceil(windows / FOLDS));
  const size = Math.max(1, Math.ceil(windows / BLOCKS), least);
  return Array.from({ length: windows }, (_, index) => Math.floor(index / size) % FOLDS);
};

/** Models of that many parts of the recordings are enough. */
const MOST_RECORDINGS = 6;

/** The fold of each window where recordings differ: no model that judges one has seen it. */
export const foldsByRecording = (passes: readonly (readonly Window[])[]): number[] =>
  passes.flatMap((pass, index) => pass.map(() => index % MOST_RECORDINGS));

/** A number for each run of windows without a gap; windows in time order, pass after pass. */
export const stretchesOf = (passes: readonly (readonly Window[])[], strideMs: number): number[] => {
  let stretch = -1;
  return passes.flatMap((pass) =>
    pass.map(({ end }, index) => {
      const before = pass[index - 1]?.end;
      if (before === undefined || end - before > APART * strideMs) stretch += 1;
      return stretch;
    }),
  );
};
