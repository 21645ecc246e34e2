/** Outcomes gain what was counted since the start. */
import { emptyTally, tally, type StepCounts, type Tally } from '../core/tally';
import { enrich } from './enrich';
import type { Remembering } from './memory';

export interface WithTally {
  readonly tally: Tally;
}

export const withTally = <E extends StepCounts & Remembering>(initial: Tally = emptyTally) =>
  enrich(
    initial,
    (before, outcome: E) => {
      const state = tally(before, outcome);
      const added: WithTally = { tally: state };
      return { state, added };
    },
    (counted) => ({ tally: counted }),
  );
