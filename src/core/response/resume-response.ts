/** A response over a restart: what a checkpoint keeps beside the ledger, and the state that goes on with both. */
import type { LedgerEntry } from '../../domain/ledger';
import type { ResponseState } from './response';

/** What of the state is not in the ledger, as a checkpoint kept it. */
export interface ResumableResponse extends Pick<ResponseState, 'matcher' | 'anchor' | 'situation'> {
  /** Mission time that was reached, milliseconds. */
  readonly time: number;
  /** Ids of recoveries and names of alarms, in the order they are dealt with. */
  readonly recoveries: readonly string[];
  readonly alarms: readonly string[];
}

/** Things in a given order of their names; others come last, as they were. */
const inOrder = <T>(items: readonly T[], nameOf: (item: T) => string, names: readonly string[]): readonly T[] => {
  const place = new Map(names.map((name, index) => [name, index]));
  const placeOf = (item: T): number => place.get(nameOf(item)) ?? names.length;
  return [...items].sort((a, b) => placeOf(a) - placeOf(b));
};

/** Everything of the state that the ledger keeps: what a new log begins with. */
export const ledgerOf = ({ supervisor, alarms }: ResponseState): readonly LedgerEntry[] => [
  ...supervisor.recoveries.map((record) => ({ kind: 'recovery' as const, record })),
  ...supervisor.rules.map((record) => ({ kind: 'rule' as const, record })),
  ...supervisor.overrides.map((record) => ({ kind: 'override' as const, record })),
  ...supervisor.equipments.map((record) => ({ kind: 'equipment' as const, record })),
  ...alarms.alarms.map((record) => ({ kind: 'alarm' as const, record })),
  ...(supervisor.modeOverride === null
    ? []
    : [{ kind: 'memory' as const, name: 'mode', value: supervisor.modeOverride }]),
];

/** The state that a restarted daemon goes on with. */
export const resumeResponse = (initial: ResponseState, kept: ResumableResponse | undefined): ResponseState => {
  if (kept === undefined) return initial;
  const { matcher, anchor, situation, time, recoveries, alarms } = kept;
  const { supervisor, alarms: book } = initial;
  return {
    ...initial,
    matcher,
    anchor,
    situation,
    supervisor: {
      ...supervisor,
      time: Math.max(time, supervisor.time),
      recoveries: inOrder(supervisor.recoveries, ({ id }) => id, recoveries),
    },
    alarms: { ...book, alarms: inOrder(book.alarms, ({ name }) => name, alarms) },
  };
};
