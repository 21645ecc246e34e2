/** What a shadow model was seen to do beside the live one: counts, and the newest windows on which they differ. */
import { z } from 'zod';

const count = z.int().min(0);
const verdict = z.strictObject({ score: z.number(), equipment: z.string(), fault: z.string() });

/** So many differing windows are kept, the newest. */
export const KEPT_DIFFERENCES = 20;

export const shadowReportSchema = z.strictObject({
  /** Id and hash of the two packages. */
  live: z.strictObject({ id: z.string(), sha256: z.string() }),
  shadow: z.strictObject({ id: z.string(), sha256: z.string() }),
  /** Packet time of the first and the newest window compared; null before the first. */
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  /** Windows that both scored. */
  compared: count,
  /** Windows the shadow was too slow for. */
  skipped: count,
  /** Windows it failed on. */
  failed: count,
  /** Windows above the threshold of each, both, or neither. */
  both: count,
  onlyLive: count,
  onlyShadow: count,
  neither: count,
  /** Of `both`: windows on which the two name another equipment or fault. */
  otherVerdict: count,
  /** Why the shadow last failed; null while it works. */
  trouble: z.string().nullable(),
  differences: z
    .array(z.strictObject({ time: z.iso.datetime(), live: verdict, shadow: verdict }))
    .max(KEPT_DIFFERENCES),
});
export type ShadowReport = z.infer<typeof shadowReportSchema>;
