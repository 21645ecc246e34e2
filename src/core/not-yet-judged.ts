/**
 * A package that was adapted to a spacecraft says nothing about the hours it was adapted on: they were taken for nominal. Until packet
 * time has passed them, the state of the judgement is "not yet judged", and people are told so.
 */
import type { Manifest } from '../domain/manifest';
import { isoTime } from '../domain/units';

/** Packet time up to which nothing is judged, milliseconds; undefined when everything is. */
const judgesFrom = ({ adapted }: Pick<Manifest, 'adapted'>): number | undefined =>
  adapted === undefined ? undefined : Date.parse(adapted.judgesFrom);

/** @param end packet time of the last frame of a window, milliseconds. */
export const isNotYetJudged = (manifest: Pick<Manifest, 'adapted'>, end: number): boolean =>
  end <= (judgesFrom(manifest) ?? -Infinity);

export interface NotYetJudged {
  readonly state: 'not-yet-judged';
  /** Packet time up to which that holds. */
  readonly until: string;
}

/** @param packetTime of the newest frame, milliseconds; undefined before the first. @returns undefined when the judgement is at work. */
export const notYetJudged = (
  manifest: Pick<Manifest, 'adapted'> | undefined,
  packetTime: number | undefined,
): NotYetJudged | undefined => {
  const until = manifest && judgesFrom(manifest);
  return until === undefined || (packetTime ?? -Infinity) > until
    ? undefined
    : { state: 'not-yet-judged', until: isoTime(until) };
};
