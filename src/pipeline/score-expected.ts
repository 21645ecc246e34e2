/** Scores a window some cells of which a declared effect explains, or nothing measured: they count as what the other parameters imply. */
import { rowFor } from '../core/telemetry/usable';
import type { Inference } from '../domain/scored-window';
import type { Window } from '../domain/telemetry';
import type { Scorer } from './ports';

/** What stands in for a hole has a part in what is implied of the others: after so many turns it is consistent with them. */
const TURNS = 4;

/** Windows without such cells are scored as they are. Rejects when inference fails. */
export const scoreWindow = async (scorer: Scorer, window: Window): Promise<Inference | undefined> => {
  const { expected = [], holes = [] } = window;
  // The values come first in a row of input, so that a cell lies where it lies in the window.
  let values = rowFor(scorer.manifest, window);
  const cells = [...expected, ...holes];
  for (let turn = 0; cells.length > 0 && turn < (holes.length > 0 ? TURNS : 1); turn += 1) {
    const [implied] = await scorer.implied(values, 1);
    if (implied === undefined) return undefined;
    values = Float32Array.from(values);
    for (const cell of cells) values[cell] = implied.expected[cell] ?? NaN;
  }
  return (await scorer.score(values, 1))[0];
};
