/** Effects of telecommands that a mission declares (CONTRACTS section 9): expected, not alarmed. What goes beyond them is. */
import { z } from 'zod';
import { durationMs } from './units';

const range = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, 'the first number must not be above the second')
  .readonly();

export const effectSchema = z
  .strictObject({
    /** Name of the telecommand, as the topic `command` says it. */
    command: z.string().min(1).max(200),
    /** Ids of the parameters that it moves. */
    parameters: z.array(z.string()).min(1).readonly(),
    /** How long after the telecommand. */
    within: durationMs,
    /**
     * Values that are expected meanwhile: one range for all parameters, or one for each. A limit check is widened to it, and a value
     * outside is alarmed. Left out: any value is expected by the model, and limits stay as they are.
     */
    allow: z.union([range, z.record(z.string(), range)]).optional(),
  })
  .refine(
    ({ parameters, allow }) =>
      allow === undefined || Array.isArray(allow) || Object.keys(allow).every((id) => parameters.includes(id)),
    { path: ['allow'], message: 'names a parameter that is not among "parameters"' },
  )
  .readonly();

export type Effect = z.infer<typeof effectSchema>;

/** A parameter that no packet carries: 1 for `hold` after a telecommand, else 0. So a model knows what it was told to expect. */
export const commandFlagSchema = z
  .strictObject({ name: z.string().min(1).max(200), hold: durationMs.default(60_000) })
  .readonly();
