/** How requests leave: `action` of `fdir.yaml`. */
import { z } from 'zod';

export const actionSchema = z
  .strictObject({
    /** `json`: the recovery request; `pus`: the telecommand packet of the command in the mission's definition. */
    format: z.enum(['json', 'pus']).default('json'),
    /** Appended to the packet, and counted in its length. */
    checksum: z.enum(['crc16-ccitt', 'iso', 'sum16']).optional(),
    /** Values of the packet that neither its arguments nor the definition give, by the name of the parameter: a source, a session. */
    parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  })
  .refine(
    ({ format, checksum, parameters }) =>
      format === 'pus' || (checksum === undefined && Object.keys(parameters).length === 0),
    {
      message: 'says how packets are made, and "format" is not pus',
    },
  )
  .readonly();

export type ActionConfig = z.infer<typeof actionSchema>;
