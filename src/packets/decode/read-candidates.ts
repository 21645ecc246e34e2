/** Telecommands: everything that fits a packet is read, for a definition need not tell its commands apart. */
import type { Container } from '../xtce/model';
import type { Candidate, DecodeProblem, DecodedValue, Run } from './values';

/** What reading a container changes. */
interface ReadState {
  readonly values: readonly DecodedValue[];
  readonly problems: readonly DecodeProblem[];
  readonly latest: readonly (DecodedValue | undefined)[];
  readonly position: number;
  readonly bitsUsed: number;
  readonly others: readonly Candidate[];
}

const stateOf = ({ values, problems, latest, position, bitsUsed, others = [] }: Run): ReadState => ({
  values: values.slice(),
  problems: problems.slice(),
  latest: latest.slice(),
  position,
  bitsUsed,
  others: others.slice(),
});

const replace = <T>(list: T[], items: readonly T[]): void => {
  list.length = 0;
  for (const item of items) list.push(item);
};

const goTo = (run: Run, state: ReadState): void => {
  replace(run.values, state.values);
  replace(run.problems, state.problems);
  replace(run.latest, state.latest);
  replace((run.others ??= []), state.others);
  run.position = state.position;
  run.bitsUsed = state.bitsUsed;
  run.mismatch = false;
};

/**
 * Tries every reader. The first one that reads the packet is gone on with, the further ones are noted in `run.others`. If none does,
 * the problem of the first one stands; if all of them differ in a fixed value, there is none, and `run.mismatch` says so.
 */
export const readCandidates = <N extends { readonly container: Container }>(
  run: Run,
  readers: readonly (() => N | undefined)[],
): N | undefined => {
  const before = stateOf(run);
  const others: Candidate[] = [];
  let taken: { readonly leaf: N; readonly state: ReadState } | undefined;
  let failed: ReadState | undefined;
  for (const read of readers) {
    const leaf = read();
    if (leaf !== undefined && run.problems.length === before.problems.length) {
      const found = (run.others ?? []).slice(before.others.length);
      if (taken === undefined) taken = { leaf, state: stateOf(run) };
      else others.push({ container: leaf.container, values: run.values.slice() }, ...found);
    } else if (!run.mismatch) failed ??= stateOf(run);
    goTo(run, before);
  }
  const end = taken?.state ?? failed;
  if (end === undefined) run.mismatch = true;
  else goTo(run, { ...end, others: [...end.others, ...others] });
  return taken?.leaf;
};
