/**
 * Any HTTP service as a receiver. The request is signed as "Standard Webhooks" 1.0 says (standardwebhooks.com): HMAC-SHA-256 over
 * id, time and body. The id stays the same at every attempt, so a service that answered and was not heard knows the repetition.
 */
import { createHmac } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import { attemptOf } from './attempt';
import { httpPost } from './http-post';
import type { Receiver } from './receiver';

export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  /** Text of the secret; with the prefix `whsec_` the rest is base64. */
  readonly secret: string;
  readonly ca?: TlsOptions['ca'];
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

const PREFIX = 'whsec_';

/** The bytes that sign. */
export const keyOf = (secret: string): Uint8Array =>
  secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);

/** The header `webhook-signature`. @param time seconds since 1970. */
export const signatureOf = (key: Uint8Array, id: string, time: number, body: string): string =>
  `v1,${createHmac('sha256', key)
    .update(`${id}.${String(time)}.${body}`)
    .digest('base64')}`;

export const webhook = ({ name, url, secret, ca, now }: WebhookOptions): Receiver => {
  const key = keyOf(secret);
  return {
    name,
    most: 1,
    tell: ([first], signal) => {
      if (first === undefined) return Promise.resolve({ kind: 'taken', count: 0 });
      const { id, news } = first;
      const body = JSON.stringify({ type: 'alarm', data: news });
      const time = Math.floor(now() / 1000);
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': String(time),
        'webhook-signature': signatureOf(key, id, time, body),
      };
      return attemptOf(1, () => httpPost({ url, body, headers, ca, signal }));
    },
  };
};
