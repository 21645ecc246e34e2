/**
 * Scores a window some cells of which a declared effect explains, or nothing measured: they count as what the other parameters imply. So
 * does what is remembered of a parameter that is absent. A model that takes a mask infers such cells itself, all at once.
 */
import type { Manifest } from '../../domain/manifest';
import type { Inference } from '../../domain/scored-window';
import type { Window } from '../../domain/telemetry';
import { rowFor } from '../telemetry/usable';
import { absentRows, rowOfLevels, withImplied } from './absent';

/** What runs a package. */
export interface ExpectingScorer {
  readonly manifest: Manifest;
  /** `windows` is [n, parameters, frames]; answers n inferences in order. */
  score(windows: Float32Array, n: number): Promise<readonly Inference[]>;
  /** What the other parameters imply, [parameters * frames] each; left out: no window has such cells. */
  implied?(windows: Float32Array, n: number): Promise<readonly { readonly expected: Float32Array }[]>;
}

/** What stands in for a hole has a part in what is implied of the others: after so many turns it is consistent with them. */
const TURNS = 4;

/** Windows without such cells are scored as they are. Rejects when inference fails. */
export const scoreWindow = async (scorer: ExpectingScorer, window: Window): Promise<Inference | undefined> => {
  const { expected = [], holes = [] } = window;
  // The values come first in a row of input, so that a cell lies where it lies in the window.
  let values = rowFor(scorer.manifest, window);
  const hasMask = values.length > window.values.length;
  const cells = scorer.implied === undefined || hasMask ? [] : [...expected, ...holes];
  for (let turn = 0; cells.length > 0 && turn < TURNS; turn += 1) {
    const [implied] = (await scorer.implied?.(values, 1)) ?? [];
    if (implied === undefined) return undefined;
    values = Float32Array.from(values);
    for (const cell of cells) values[cell] = implied.expected[cell] ?? NaN;
  }
  const absent = scorer.implied === undefined ? [] : absentRows(window.memory);
  if (window.memory !== undefined && absent.length > 0 && hasMask) {
    const both = new Float32Array(2 * values.length);
    both.set(values);
    both.set(rowOfLevels(values, window.memory, absent), values.length);
    const [implied, levels] = (await scorer.implied?.(both, 2)) ?? [];
    if (implied === undefined || levels === undefined) return undefined;
    const memory = withImplied(window.memory, absent, { expected: implied.expected, levels: levels.expected });
    // The memory is the end of a row.
    values = Float32Array.from(values);
    values.set(memory, values.length - memory.length);
  }
  return (await scorer.score(values, 1))[0];
};
