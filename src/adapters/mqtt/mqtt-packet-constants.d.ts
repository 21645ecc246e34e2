/** The tables of the package that parses MQTT for the client. */
declare module 'mqtt-packet/constants' {
  /** Name of each reason code that is read in PUBACK and PUBREC. */
  export const MQTT5_PUBACK_PUBREC_CODES: Record<number, string>;
}
