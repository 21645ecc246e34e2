/**
 * Lets the client read every refusal. In PUBACK and PUBREC its parser takes the reason codes that MQTT 5 names there (section
 * 3.4.2.1) and stops at any other. Mosquitto up to 2.0 sends 0x95, packet too large. The message would wait for its answer for ever.
 */
import { MQTT5_PUBACK_PUBREC_CODES as known } from 'mqtt-packet/constants';
import { FIRST_REFUSAL } from './broker-trouble';

const LAST_CODE = 0xff;

/** A reason code from 0x80 on is a refusal, whatever it is (section 4.13.2). */
export const readEveryRefusal = (): void => {
  for (let code = FIRST_REFUSAL; code <= LAST_CODE; code += 1) known[code] ??= 'refused';
};
