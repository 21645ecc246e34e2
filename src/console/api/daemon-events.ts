/** `GET /daemon/events`: what happened to the daemon itself, newest first. The same as `fdir log events`. */
import { z } from 'zod';
import { daemonEventKinds, eventSeverities, kindsFrom, loggedEventSchema } from '../../domain/daemon-event';

export const daemonEventQuery = z.strictObject({
  /** Noted at or after; ISO 8601, or a duration back from now such as `2h`. The wall clock. */
  since: z.string().max(40).optional(),
  /** Noted before. */
  until: z.string().max(40).optional(),
  /** Kinds, separated by commas. */
  kind: z
    .string()
    .max(1000)
    .transform((text) => text.split(',').map((kind) => kind.trim()))
    .pipe(z.array(z.enum(daemonEventKinds)))
    .optional(),
  /** Of this severity, or of a graver one. */
  severity: z.enum(eventSeverities).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** `next` of the page before. */
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
});
export type DaemonEventQuery = z.infer<typeof daemonEventQuery>;

export const daemonEventListSchema = z.object({
  items: z.array(loggedEventSchema),
  /** `before` of the next page; null on the last. */
  next: z.int().nullable(),
  /** Every kind that `kind` takes. */
  kinds: z.array(z.string()),
});
export type DaemonEventList = z.infer<typeof daemonEventListSchema>;

/** The kinds that a query lets pass; undefined: all, also those of another version. */
export const queriedKinds = ({
  kind,
  severity,
}: Pick<DaemonEventQuery, 'kind' | 'severity'>): readonly string[] | undefined => {
  // A kind of another version counts as `info`.
  if (severity === undefined || severity === 'info') return kind;
  const grave = kindsFrom(severity);
  return kind === undefined ? grave : kind.filter((one) => grave.includes(one));
};
