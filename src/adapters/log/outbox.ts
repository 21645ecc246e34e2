/** What the log keeps for the broker: requests that must arrive exactly once, and publications that wait. */
import type { Publication } from '../../pipeline/ports';

/** Messages that must reach the broker exactly once. */
export interface Outbox {
  /** In order and all or none; durable when it returns. */
  write(changes: readonly OutboxChange[]): void;
  /** One of those whose handshake is not over. */
  find(messageId: number): OutboxMessage | undefined;
  /** Messages whose handshake is not over, in order; those that have expired are given up and left out. */
  underWay(): readonly OutboxMessage[];
  /** The broker has forgotten the session: whether it had a message is not known, and none is sent again. */
  giveUp(): void;
}

export interface OutboxMessage {
  readonly messageId: number;
  /** The release of a message that the broker has taken. */
  readonly isRelease: boolean;
  readonly topic: string;
  /** Text; of a packet its bytes in base64. */
  readonly payload: string;
  /** Of a packet: the id of its request, which a text holds itself. */
  readonly packetOf?: string | undefined;
  readonly expirySeconds: number | null;
}

/** `put`: a message or its release is about to be written to the connection; `forget`: the handshake is over, or given up. */
export type OutboxChange =
  { readonly kind: 'put'; readonly message: OutboxMessage } | { readonly kind: 'forget'; readonly messageId: number };

/** What waits, durable. */
export interface PublicationQueue {
  next(after: number, most: number): readonly (Publication & { readonly sequence: number })[];
  settle(sequence: number): void;
}
