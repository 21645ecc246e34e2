/**
 * Alertmanager as a receiver, by its API v2. It forgets alerts that nobody repeats and all alerts when it restarts, so what stands is
 * told again from time to time, as Prometheus does. A repetition is no news for it.
 */
import type { TlsOptions } from 'node:tls';
import type { Alert } from '../../domain/notification';
import { isoTime } from '../../domain/units';
import { attemptOf } from './attempt';
import { httpPost } from './http-post';
import type { NotifyAttempt, Receiver } from './receiver';

export interface AlertmanagerOptions {
  readonly name: string;
  /** With or without a path prefix; `/api/v2/alerts` is added. */
  readonly url: string;
  readonly ca?: TlsOptions['ca'];
  /** `Basic` or `Bearer`, as `web.config.file` of Alertmanager asks; left out: none. */
  readonly authorization?: string | undefined;
  readonly standing: () => readonly Alert[];
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

/** One request of so many is some tens of kilobytes. */
const MOST = 64;
/**
 * An alert that nobody repeats ends by itself. A daemon that died has not solved anything: a day is long enough for people to notice
 * that it is gone, which Prometheus tells them.
 */
const BELIEVED_MS = 24 * 3_600_000;

export const alertmanager = (options: AlertmanagerOptions): Receiver => {
  const { name, url, ca, authorization, standing, now } = options;
  const target = `${url.replace(/\/+$/, '')}/api/v2/alerts`;
  // One at a time after a refusal: which of many was refused is not said.
  let most = MOST;
  const post = (alerts: readonly Alert[], count: number, signal: AbortSignal): Promise<NotifyAttempt> => {
    if (alerts.length === 0) return Promise.resolve({ kind: 'taken', count });
    const endsAt = isoTime(now() + BELIEVED_MS);
    const body = JSON.stringify(alerts.map((alert) => ({ endsAt, ...alert })));
    const headers: Readonly<Record<string, string>> = authorization === undefined ? {} : { authorization };
    return attemptOf(count, () => httpPost({ url: target, body, headers, ca, signal }));
  };
  return {
    name,
    most: MOST,
    tell: async (waiting, signal) => {
      const told = waiting.slice(0, most);
      const attempt = await post(
        told.flatMap(({ alerts }) => alerts),
        told.length,
        signal,
      );
      if (attempt.kind !== 'refused' || told.length === 1) {
        if (attempt.kind === 'taken') most = MOST;
        return attempt;
      }
      most = 1;
      return { kind: 'failed', reason: attempt.reason, afterMs: 0 };
    },
    remind: (signal) => post(standing(), 0, signal),
  };
};
