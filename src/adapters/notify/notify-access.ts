/** Secrets and certificates of `notify:`, read when the daemon starts: whoever mistyped a name is told at once. */
import { dirname, resolve } from 'node:path';
import type { NotifyConfig, WebhookConfig } from '../../config/notify-config';
import { FdirError } from '../../domain/errors';
import { readPem } from '../read-pem';
import { readSecret } from '../secret-file';
import { keyOf } from './webhook';

/** Ready for the senders; holds secrets, so it is never logged. */
export interface NotifyAccess {
  readonly alertmanager: { readonly ca: string | undefined; readonly authorization: string | undefined };
  /** In the order of the configuration. */
  readonly webhooks: readonly { readonly ca: string | undefined; readonly secret: string }[];
}

/** The least of Standard Webhooks, bytes. */
const MIN_KEY_BYTES = 24;

type Tls = { readonly ca: string } | undefined;

/** @throws FdirError `config` naming the file that is missing, unfit or readable by others. */
export const readNotifyAccess = ({ alertmanager, webhooks }: NotifyConfig, configFile: string): NotifyAccess => {
  const baseDir = dirname(resolve(configFile));
  const caOf = (tls: Tls, key: string): string | undefined =>
    tls === undefined ? undefined : readPem(resolve(baseDir, tls.ca), `${key}.tls.ca`);
  const secretOf = (hook: WebhookConfig, key: string): string => {
    const source = 'secretFile' in hook ? { file: hook.secretFile } : { credential: hook.secretCredential };
    const secret = readSecret(source, { baseDir });
    if (keyOf(secret).length >= MIN_KEY_BYTES) return secret;
    const least = String(MIN_KEY_BYTES);
    throw new FdirError('config', `${key}: the secret must have ${least} bytes at least: openssl rand -hex 32`);
  };
  const { username, password } = alertmanager ?? {};
  const authorization =
    username === undefined || password === undefined
      ? undefined
      : `Basic ${Buffer.from(`${username}:${readSecret(password, { baseDir })}`).toString('base64')}`;
  return {
    alertmanager: { ca: caOf(alertmanager?.tls, 'notify.alertmanager'), authorization },
    webhooks: webhooks.map((hook, index) => {
      const key = `notify.webhooks.${String(index)}`;
      return { ca: caOf(hook.tls, key), secret: secretOf(hook, key) };
    }),
  };
};
