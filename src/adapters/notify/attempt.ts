/** What an HTTP answer means for a notification. */
import { describeError } from '../../domain/errors';
import type { HttpAnswer } from './http-post';
import type { NotifyAttempt } from './receiver';

/** These say that the message itself is wrong; all others may be mended by somebody, and are tried again. */
const REFUSALS: ReadonlySet<number> = new Set([400, 409, 410, 413, 414, 415, 422]);

const MAX_REASON = 200;

const reasonOf = ({ status, text }: HttpAnswer): string => {
  const line = text.replace(/\s+/g, ' ').trim().slice(0, MAX_REASON);
  return `HTTP ${String(status)}${line === '' ? '' : `: ${line}`}`;
};

/** @param count how many the receiver has when it took them. */
export const attemptOf = async (count: number, post: () => Promise<HttpAnswer>): Promise<NotifyAttempt> => {
  try {
    const answer = await post();
    if (answer.status >= 200 && answer.status < 300) return { kind: 'taken', count };
    if (REFUSALS.has(answer.status)) return { kind: 'refused', reason: reasonOf(answer) };
    const { retryAfterSeconds } = answer;
    const afterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
    return { kind: 'failed', reason: reasonOf(answer), afterMs };
  } catch (error) {
    return { kind: 'failed', reason: describeError(error).slice(0, MAX_REASON) };
  }
};
