/**
 * Repetition: so many consecutive equal results establish a status (repetition number, ECSS-E-ST-70-41C clause 6.12.3.7), in both
 * directions. Only the change of an established status is reported. A result that could not be judged (stale, error) is no
 * result: it clears the count and changes nothing that is established.
 */
import { isFailing } from './checking';
import type { Repetition } from './plan';

export interface Persistence<S extends string> {
  /** Established. */
  readonly status: S;
  /** The result the count is about; undefined when the last one was the established one or none. */
  readonly candidate: S | undefined;
  /** The repetition counter. */
  readonly count: number;
}

export interface PersistenceStep<S extends string> {
  readonly state: Persistence<S>;
  /** Status before, when the established one changed and that is worth a report. */
  readonly from?: S | undefined;
  /** The repetition counter of a failure that did not become one: a near miss. */
  readonly missedAt?: number | undefined;
}

export const unestablished = <S extends string>(status: S): Persistence<S> => ({
  status,
  candidate: undefined,
  count: 0,
});

/** Stale or error: the consecutive count starts again. */
export const clearCount = <S extends string>(state: Persistence<S>): Persistence<S> =>
  state.count === 0 ? state : { status: state.status, candidate: undefined, count: 0 };

/** The check no longer applies. What had failed is reported as unchecked, lest it stand for ever; anything else ends in silence. */
export const stopChecking = <S extends string>(state: Persistence<S>, unchecked: S): PersistenceStep<S> => {
  if (state.status === unchecked) return { state: clearCount(state) };
  return { state: unestablished(unchecked), ...(isFailing(state.status) && { from: state.status }) };
};

/** One result. The first passing status is established in silence. */
export const addResult = <S extends string>(
  state: Persistence<S>,
  result: S,
  repetition: Repetition,
  unchecked: S,
): PersistenceStep<S> => {
  const isNearMiss = state.candidate !== undefined && isFailing(state.candidate) && !isFailing(result);
  const missed = isNearMiss ? { missedAt: state.count } : {};
  if (result === state.status) return { state: clearCount(state), ...missed };
  const count = state.candidate === result ? state.count + 1 : 1;
  if (count < (isFailing(result) ? repetition.fail : repetition.pass)) {
    return { state: { status: state.status, candidate: result, count }, ...missed };
  }
  const isSilent = state.status === unchecked && !isFailing(result);
  return { state: unestablished(result), ...missed, ...(!isSilent && { from: state.status }) };
};
