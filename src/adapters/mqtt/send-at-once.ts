/** Sockets of brokers do not wait for more. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Small packets follow one another here (an acknowledgement, an anomaly, a request and its release). With Nagle's algorithm (RFC
 * 896) each would wait for the peer's delayed acknowledgement of the one before, some 40 ms.
 */
export const sendAtOnce = (stream: Duplex): void => {
  if (stream instanceof Socket) stream.setNoDelay(true);
};
