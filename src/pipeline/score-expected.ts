/** Scores a window some cells of which a declared effect explains: they count as what the other parameters imply. */
import { rowFor } from '../core/telemetry/usable';
import type { Inference } from '../domain/scored-window';
import type { Window } from '../domain/telemetry';
import type { Scorer } from './ports';

/** Windows without such cells are scored as they are. Rejects when inference fails. */
export const scoreWindow = async (scorer: Scorer, window: Window): Promise<Inference | undefined> => {
  const { expected = [] } = window;
  // The values come first in a row of input, so that a cell lies where it lies in the window.
  const values = rowFor(scorer.manifest, window);
  if (expected.length === 0) return (await scorer.score(values, 1))[0];
  const [implied] = await scorer.implied(values, 1);
  if (implied === undefined) return undefined;
  const replaced = Float32Array.from(values);
  for (const cell of expected) replaced[cell] = implied.expected[cell] ?? NaN;
  return (await scorer.score(replaced, 1))[0];
};
