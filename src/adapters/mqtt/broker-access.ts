/** What a client shows a broker, and wants to see of it: read from the files and credentials that `mqtt` of fdir.yaml names. */
import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { hasCredentials, NO_CREDENTIALS_IN_URL, type MqttConfig } from '../../config/broker-config';
import { describeError, FdirError } from '../../domain/errors';
import { secretName } from '../../domain/secret';
import { readPem } from '../read-pem';
import { readSecret } from '../secret-file';

/** Ready for the client; holds secrets, so it is never logged. */
export interface BrokerAccess {
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

const messageOf = (error: unknown): string => describeError(error);

/**
 * A certificate that cannot be read, has run out, or does not belong to its key is refused at the start. A broker would only hang
 * up.
 */
const checkOwn = (cert: string, key: string, [file, keyName]: readonly [string, string], now: number): void => {
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new FdirError(
      'config',
      `mqtt.tls: ${file} and its key ${keyName} cannot be used together: ${messageOf(error)}`,
    );
  }
  const { validTo } = new X509Certificate(cert);
  if (Date.parse(validTo) < now) throw new FdirError('config', `mqtt.tls.cert ${file} has expired on ${validTo}`);
};

/**
 * @param baseDir folder of fdir.yaml, which files are relative to.
 * @param now wall clock, milliseconds.
 * @throws FdirError `config` naming the file that is missing, unfit or readable by others.
 */
export const readBrokerAccess = (
  { tls, username, password }: MqttConfig,
  { baseDir, now = Date.now() }: { readonly baseDir: string; readonly now?: number },
): BrokerAccess => {
  const cert = tls?.cert === undefined ? undefined : readPem(resolve(baseDir, tls.cert), 'mqtt.tls.cert');
  const key = tls?.key === undefined ? undefined : readSecret(tls.key, { baseDir });
  if (tls?.cert !== undefined && tls.key !== undefined && cert !== undefined && key !== undefined)
    checkOwn(cert, key, [tls.cert, secretName(tls.key)], now);
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && typeof password !== 'string' && { password: readSecret(password, { baseDir }) }),
    ...(tls?.ca !== undefined && { ca: readPem(resolve(baseDir, tls.ca), 'mqtt.tls.ca') }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(tls?.serverName !== undefined && { servername: tls.serverName }),
    ...(tls !== undefined && { minVersion: tls.minVersion }),
  };
};

/**
 * For a broker named on the command line. If it is the configured broker, it gets the access of the configuration. Another one
 * gets only the trusted authorities, because a password belongs to one broker.
 * @throws FdirError `usage` when the URL carries a password.
 */
export const accessFor = (url: string, configured: string, access: BrokerAccess): BrokerAccess => {
  if (hasCredentials(url)) throw new FdirError('usage', `the broker's URL ${NO_CREDENTIALS_IN_URL}`);
  if (url === configured) return access;
  const { ca, minVersion } = access;
  return { ...(ca !== undefined && { ca }), ...(minVersion !== undefined && { minVersion }) };
};
