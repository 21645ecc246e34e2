/**
 * Messages that were dealt with, by fingerprint. A broker sends again what it has no acknowledgement of. After a crash or a
 * broken connection, that may have been committed already. A pure reducer.
 *
 * Refused: slots alone. They would do for telemetry, and not for acknowledgements and orders.
 */

/** Oldest first. */
export type SeenState = readonly string[];

export const nothingSeen: SeenState = [];

/** More than a broker may have under way towards us (receive maximum), twice over. */
export const MAX_SEEN = 256;

/** How a source recognises a message. */
export interface Mark {
  /** Of topic and content. */
  readonly fingerprint: string;
  /** The source says that it may have sent this before (MQTT's DUP). */
  readonly isAgain: boolean;
}

/** Whether a message that is sent again was dealt with; a message that is not, is new whatever it says. */
export const see = (state: SeenState, mark: Mark): { readonly state: SeenState; readonly isKnown: boolean } =>
  mark.isAgain && state.includes(mark.fingerprint)
    ? { state, isKnown: true }
    : { state: [...state, mark.fingerprint].slice(-MAX_SEEN), isKnown: false };
