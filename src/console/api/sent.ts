/** `GET /commands` and `GET /reports`: telecommands that were sent, and what the spacecraft itself reported. Newest first. */
import { z } from 'zod';
import { onboardEventSchema } from '../../domain/onboard-event';
import { telecommandRecordSchema } from '../../domain/telecommand';

export const sentQuery = z.strictObject({
  /** At or after, by packet time; ISO 8601, or a duration back from now such as `2h`. */
  since: z.string().max(40).optional(),
  /** Before. */
  until: z.string().max(40).optional(),
  /** Only of this name. */
  name: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type SentQuery = z.infer<typeof sentQuery>;

export const commandListSchema = z.object({
  items: z.array(telecommandRecordSchema),
  /** There are older ones: `until` the time of the last item leads to them. */
  hasMore: z.boolean(),
});
export const reportListSchema = z.object({ items: z.array(onboardEventSchema), hasMore: z.boolean() });
