/** `GET /log/history`: what was found, told, ordered and done in one time line, newest first. The same as `fdir log history`. */
import { z } from 'zod';
import { historyEntrySchema, historyKinds } from '../../domain/history';
import { anomalyFilter } from './anomalies';

const filters = {
  since: true,
  until: true,
  equipment: true,
  fault: true,
  severity: true,
  rule: true,
  text: true,
} as const;

/** The filters of `GET /anomalies` that more than anomalies have. */
export const logHistoryQuery = anomalyFilter.pick(filters).extend({
  /** Kinds, separated by commas. */
  kind: z
    .string()
    .max(200)
    .transform((text) => text.split(',').map((kind) => kind.trim()))
    .pipe(z.array(z.enum(historyKinds)))
    .optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** `next` of the page before. */
  cursor: z.string().max(60).optional(),
});
export type LogHistoryQuery = z.infer<typeof logHistoryQuery>;

export const logHistorySchema = z.object({
  items: z.array(historyEntrySchema),
  /** `cursor` of the next page; null on the last. */
  next: z.string().nullable(),
  /** More rows may fit than are looked through: entries before this time may be missing. Null: none is. */
  completeSince: z.iso.datetime().nullable(),
  /** When nothing passes: which equipments or faults of the filter the log does not have, and which it has. */
  unknown: z.array(z.string()),
  /** Every kind that `kind` takes. */
  kinds: z.array(z.enum(historyKinds)),
});
export type LogHistory = z.infer<typeof logHistorySchema>;
