/** Outcomes gain what was counted since the start. */
import { emptyTally, tally, type Counted, type Tally } from '../core/tally';
import { enrich } from './enrich';

export interface WithTally {
  readonly tally: Tally;
}

export const withTally = <E extends Counted>(initial: Tally = emptyTally) =>
  enrich(
    initial,
    (before, outcome: E) => {
      const state = tally(before, outcome);
      const added: WithTally = { tally: state };
      return { state, added };
    },
    (counted) => ({ tally: counted }),
  );
