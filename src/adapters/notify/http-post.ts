/** Posts a text over HTTP or HTTPS, with a limit on time and on what is read of the answer. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TlsOptions } from 'node:tls';

/** A receiver that needs longer is not there. */
const TIMEOUT_MS = 10_000;
/** Enough to say what is wrong with a request. */
const MAX_ANSWER_BYTES = 4096;

export interface HttpPost {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Authorities that may vouch for the receiver (PEM); left out: those that Node trusts. */
  readonly ca?: TlsOptions['ca'];
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Its first kilobytes. */
  readonly text: string;
  /** Seconds it asks to be left alone; undefined when it does not. */
  readonly retryAfterSeconds: number | undefined;
}

const secondsIn = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined;

/** @throws the error of the connection, of TLS, of the time limit, or of the signal. */
export const httpPost = ({ url, body, headers, ca, timeoutMs = TIMEOUT_MS, signal }: HttpPost): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort(new Error(`no answer within ${String(timeoutMs / 1000)} s`));
    }, timeoutMs);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      act();
    };
    const fail = (error: unknown): void => {
      settle(() => {
        reject(limit.signal.aborted && !signal.aborted ? (limit.signal.reason as Error) : (error as Error));
      });
    };
    const options = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...headers,
      },
      signal: AbortSignal.any([signal, limit.signal]),
    };
    const sent = (url.startsWith('https:') ? httpsRequest : httpRequest)(
      url,
      { ...options, ...(ca !== undefined && { ca }) },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text = (text + part).slice(0, MAX_ANSWER_BYTES);
        });
        response.on('error', fail);
        response.on('end', () => {
          settle(() => {
            const retryAfterSeconds = secondsIn(response.headers['retry-after']);
            resolve({ status: response.statusCode ?? 0, text, retryAfterSeconds });
          });
        });
      },
    );
    sent.on('error', fail);
    sent.end(body);
  });
