/** What every route of the console shares: problem details, orders and their answers, pages of lists. Times are ISO 8601 UTC. */
import { z } from 'zod';

/** All routes begin with it; another version would be served beside this one. */
export const API_ROOT = '/api/v1';

export const time = z.iso.datetime();
export const nullableTime = time.nullable();

/** RFC 9457, `application/problem+json`: what every answer that is no success looks like. */
export const problemSchema = z.object({
  /** `about:blank` or a fragment of this API: `#invalid-input`, `#no-token`, `#refused`, `#log-unavailable`, ... */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** What is wrong and what to do, for people. */
  detail: z.string(),
  /** Which fields, when the input is wrong. */
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
export type ProblemDetails = z.infer<typeof problemSchema>;

/** An order that was taken, in the daemon's words. One that was refused answers 409 with the daemon's words as `detail`. */
export const takenSchema = z.object({ message: z.string(), by: z.string() });
export type OrderReceipt = z.infer<typeof takenSchema>;

/** Why, for the record; every order takes one. */
export const comment = z.string().trim().max(1000).default('');
export const commentBody = z.strictObject({ comment }).prefault({});

export const idText = z.string().min(1).max(300);

/** `true` and `false` of a query string. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** `GET /session`: who asks, and what they may. A wrong token is 401 here as everywhere; without one `name` is null. */
export const sessionSchema = z.object({
  name: z.string().nullable(),
  /** Whether orders are taken from this request. */
  mayChange: z.boolean(),
  /** Whether any token is configured at all: without one nothing can be changed here, and the page need not ask for one. */
  hasTokens: z.boolean(),
});
export type Session = z.infer<typeof sessionSchema>;
