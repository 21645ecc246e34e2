/** What a broker takes, and how it refuses. Knows no MQTT package. */
import { explainRefusal, FIRST_REFUSAL } from './broker-trouble';

/** Fixed header, topic length, identifier and the properties that we use, bytes. */
const PACKET_OVERHEAD = 64;
/** What the broker takes of a publisher (MQTT 5, section 3.2.2.3). */
export interface BrokerOffer {
  /** Topic and payload together, bytes; infinite when it names no limit. */
  readonly maxPayloadBytes: number;
  readonly maxQos: number;
  readonly canRetain: boolean;
}
export const FULL_OFFER: BrokerOffer = { maxPayloadBytes: Infinity, maxQos: 2, canRetain: true };

export interface OfferedProperties {
  readonly maximumPacketSize?: number | undefined;
  readonly maximumQoS?: number | undefined;
  readonly retainAvailable?: boolean | undefined;
}

/** Reason code of a message that is larger than the broker takes. */
const TOO_LARGE = 0x95;

/** The broker has, or would have, refused this one message: it is not sent again. */
export class RefusedPublication extends Error {
  /** @param isTooLarge a shorter one may be taken. */
  constructor(
    message: string,
    readonly isTooLarge: boolean,
  ) {
    super(message);
  }
}

/** Read from the properties of a CONNACK; a broker of MQTT 3.1.1 says nothing of it. */
export const offerOf = ({ maximumPacketSize, maximumQoS, retainAvailable }: OfferedProperties = {}): BrokerOffer => ({
  maxPayloadBytes: maximumPacketSize === undefined ? Infinity : Math.max(0, maximumPacketSize - PACKET_OVERHEAD),
  maxQos: Number(maximumQoS ?? 2),
  canRetain: retainAvailable ?? true,
});

/** @throws RefusedPublication when the message is larger than the broker takes. */
export const checkSize = (bytes: number, { maxPayloadBytes }: BrokerOffer): void => {
  if (bytes > maxPayloadBytes)
    throw new RefusedPublication(
      `it has ${String(bytes)} bytes, and the broker takes ${String(maxPayloadBytes)}`,
      true,
    );
};

/** An error of the client, as a refusal where the broker refused the message. */
export const asRefusal = (error: unknown): unknown => {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' && code >= FIRST_REFUSAL
    ? new RefusedPublication(`the broker refuses it: ${explainRefusal(code, error as Error)}`, code === TOO_LARGE)
    : error;
};
