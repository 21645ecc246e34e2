/**
 * Two daemons of one spacecraft, each with a log of its own. Each tells who it is with its `state`; by that the two agree on who acts.
 * Pure: what a daemon makes of what another one says.
 */
import type { daemonStates } from '../domain/health';
import { actionStates, type ActionState } from '../domain/rules';

/** Who a daemon is: user properties of its `state` (MQTT 5). */
export interface Identity {
  /** The same as long as the log lies at the same place of the same machine: a restart is no other daemon. */
  readonly instance: string;
  readonly mode: ActionState;
  /** When it started: wall clock, milliseconds. */
  readonly since: number;
}

/** What another daemon says on `state`. */
export interface Claim extends Identity {
  readonly state: (typeof daemonStates)[number];
}

export const propertiesOfIdentity = ({ instance, mode, since }: Identity): Readonly<Record<string, string>> => ({
  ...{ instance, mode, since: String(since) },
});

/** @returns undefined for what names no instance: an older version, or MQTT 3.1.1. */
export const identityIn = (properties: Readonly<Record<string, unknown>>): Identity | undefined => {
  const { instance, mode, since } = properties;
  const known = actionStates.find((item) => item === mode);
  const time = Number(since);
  if (typeof instance !== 'string' || instance === '' || instance.length > 200) return undefined;
  if (known === undefined || !Number.isFinite(time)) return undefined;
  return { instance, mode: known, since: time };
};

/** Whether `one` has the word: who acts before who does not, then who was first. A total order, so the two agree. */
export const isFirst = (one: Identity, other: Identity): boolean => {
  const [acts, otherActs] = [one.mode === 'active', other.mode === 'active'];
  if (acts !== otherActs) return acts;
  return one.since === other.since ? one.instance < other.instance : one.since < other.since;
};

export const isActing = ({ state, mode }: Claim): boolean => state !== 'offline' && mode === 'active';
