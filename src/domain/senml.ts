/** One record of a SenML pack (RFC 8428, section 4): base fields and a measurement. */
import { z } from 'zod';

const number = z.union([z.number(), z.bigint().transform(Number)]);
export const senmlRecordSchema = z.looseObject({
  bn: z.string().optional(),
  bt: number.optional(),
  bv: number.optional(),
  bver: number.optional(),
  n: z.string().optional(),
  v: number.optional(),
  vb: z.boolean().optional(),
  vs: z.string().optional(),
  vd: z.unknown().optional(),
  s: number.optional(),
  t: number.optional(),
});
export type SenmlRecord = z.infer<typeof senmlRecordSchema>;
