/** The event figures of one fault kind, or of one unit: a mean hides the kind that is never found. */
import { median } from './events';
import type { EventOutcome } from './event-counts';

export interface EventGroup {
  /** The fault, or the equipment, as labelled. */
  readonly name: string;
  readonly events: number;
  readonly found: number;
  /** Of the found ones those that were under alarm when they began; they have no delay. */
  readonly alreadyOpen: number;
  /** Of the found ones those whose main anomaly names the labelled unit; null where no label names one. */
  readonly rightEquipment: number | null;
  readonly rightFault: number | null;
  readonly medianDelaySeconds: number | null;
}

const share = (values: readonly (boolean | undefined)[]): number | null => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : known.filter(Boolean).length / known.length;
};

/** @param by what to group by; @returns in alphabetical order. */
export const groupEvents = (
  outcomes: readonly EventOutcome[],
  by: (outcome: EventOutcome) => string,
): readonly EventGroup[] =>
  [...new Set(outcomes.map(by))]
    .filter((name) => name !== '')
    .sort()
    .map((name) => {
      const own = outcomes.filter((outcome) => by(outcome) === name);
      const delay = median(own.flatMap(({ delayMs }) => delayMs ?? []));
      return {
        name,
        events: own.length,
        found: own.filter(({ found }) => found).length,
        alreadyOpen: own.filter(({ alreadyOpen }) => alreadyOpen).length,
        rightEquipment: share(own.map(({ rightEquipment }) => rightEquipment)),
        rightFault: share(own.map(({ rightFault }) => rightFault)),
        medianDelaySeconds: delay === null ? null : delay / 1000,
      };
    });
