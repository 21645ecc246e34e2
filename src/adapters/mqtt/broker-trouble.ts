/**
 * Why a broker cannot be reached, in words that say what to look at. Codes: OpenSSL and Node TLS, MQTT 5 section 3.2.2.2, MQTT
 * 3.1.1 table 3.1.
 *
 * A refusal is reported with the key to look at. Secrets come from files and credentials. An answer goes only to the topics
 * for answers, so nobody borrows the voice of the daemon.
 */

const WRONG_AUTHORITY = 'its certificate comes from an authority that is not trusted: check mqtt.tls.ca';
const WANTS_CERTIFICATE =
  'it wants a certificate of ours, or refuses the one it got: check mqtt.tls.cert and mqtt.tls.key';
const WRONG_PASSWORD = 'it refuses user name or password: check mqtt.username and mqtt.password';
const NOT_ALLOWED = 'it does not let us in: check mqtt.username, mqtt.password and its access list';

const NOT_TLS = 'it hung up before TLS was agreed on: check the port, or use mqtt:// (ECONNRESET)';
/** A broker that speaks TLS only has no word for plain text. */
export const HANGS_UP = 'it hung up without a word; where it speaks TLS, use mqtts://';
const SECURE = /^(mqtts|tls|wss):/;

const TLS_TROUBLES: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: WRONG_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: WRONG_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: WRONG_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: WRONG_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: WRONG_AUTHORITY,
  CERT_SIGNATURE_FAILURE: WRONG_AUTHORITY,
  CERT_HAS_EXPIRED: 'its certificate has expired, or the clock of this machine is wrong',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet, or the clock of this machine is wrong',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host: check mqtt.url, or set mqtt.tls.serverName',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there: check the port, or use mqtt://',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: WANTS_CERTIFICATE,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: WANTS_CERTIFICATE,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not trust the authority of our certificate: check mqtt.tls.cert',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: WANTS_CERTIFICATE,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'our certificate has expired: renew mqtt.tls.cert',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: 'our certificate has been revoked: renew mqtt.tls.cert',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it has no TLS version in common with us: see mqtt.tls.minVersion',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it has no TLS version in common with us: see mqtt.tls.minVersion',
};

const CONNACK_TROUBLES: Readonly<Record<number, string>> = {
  4: WRONG_PASSWORD,
  5: NOT_ALLOWED,
  134: WRONG_PASSWORD,
  135: NOT_ALLOWED,
  138: 'it has banned this client',
  133: 'it refuses the client identifier: check mqtt.clientId',
};

/** What a broker may mean that hangs up before it has said anything; undefined when the error is another. */
export const explainSilence = (url: string, error: Error): string | undefined => {
  if ((error as { code?: unknown }).code !== 'ECONNRESET') return undefined;
  return SECURE.test(url) ? NOT_TLS : HANGS_UP;
};

/** @returns what an error of the connection means, its own text last; undefined when it is none of these. */
export const explainTrouble = (error: Error): string | undefined => {
  const { code } = error as { code?: unknown };
  const told =
    typeof code === 'string' ? TLS_TROUBLES[code] : typeof code === 'number' ? CONNACK_TROUBLES[code] : undefined;
  return told === undefined ? undefined : `${told} (${typeof code === 'string' ? code : error.message})`;
};

/** Reason codes of PUBACK and PUBREC (MQTT 5, section 3.4.2.1). */
const PUBLISH_TROUBLES: Readonly<Record<number, string>> = {
  135: 'its access list does not let us publish there',
  144: 'it does not take this topic',
  149: 'it is larger than the broker takes',
  151: 'a quota is exceeded',
  153: 'it does not take this payload',
};

/** Why a broker refused a message. */
export const explainRefusal = (code: number, error: Error): string =>
  `${PUBLISH_TROUBLES[code] ?? error.message} (0x${code.toString(16).toUpperCase()})`;

/** SUBACK, PUBACK and PUBREC codes from here on are refusals. */
export const FIRST_REFUSAL = 128;

/** What the client's error carries, unless the connection broke before there was an answer. */
interface RefusedSubscription extends Error {
  readonly packet?: { readonly granted?: readonly unknown[] };
}

/** One refusal makes an error of the whole; the codes in the answer are in the order of the topics. */
export const explainSubscription = (error: Error, topics: readonly string[], reason: string): string => {
  const codes = (error as RefusedSubscription).packet?.granted ?? [];
  const refused = topics.filter((_topic, index) => Number(codes[index]) >= FIRST_REFUSAL);
  return refused.length === 0
    ? `cannot subscribe: ${reason}`
    : `the broker refuses the subscription of ${refused.join(', ')}: check its access list (${error.message})`;
};

/** What an error of the connection says, for people. */
export const reasonOf = (error: Error): string => {
  const explained = explainTrouble(error);
  if (explained !== undefined) return explained;
  const { code } = error as { code?: unknown };
  return error.message === '' ? String(code ?? error.name) : error.message;
};
