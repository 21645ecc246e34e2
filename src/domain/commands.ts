/** Mission commands: what may be requested of the spacecraft or the ground. A rule can request nothing that is not declared here. */
import { z } from 'zod';

/** Types of arguments; `equipment` is a text that must name an equipment of the mission. */
export const argumentTypes = ['number', 'integer', 'string', 'boolean', 'equipment'] as const;
export type ArgumentType = (typeof argumentTypes)[number];

export const argumentValue = z.union([z.string(), z.number(), z.boolean()]);
export type ArgumentValue = z.infer<typeof argumentValue>;

export const commandName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be capitals, digits and "_"');

const argumentSchema = z
  .strictObject({
    type: z.enum(argumentTypes),
    title: z.string().optional(),
    units: z.string().optional(),
    /** Numbers and integers: both ends allowed. */
    range: z
      .tuple([z.number(), z.number()])
      .refine(([low, high]) => low <= high, 'the first number must not be above the second')
      .readonly()
      .optional(),
    /** The only values allowed; for `equipment` those of the mission that can take the command. */
    values: z.array(argumentValue).min(1).readonly().optional(),
    optional: z.boolean().default(false),
  })
  .refine(({ type, range }) => range === undefined || type === 'number' || type === 'integer', {
    path: ['range'],
    message: 'only numbers and integers have a range',
  })
  .readonly();

export const commandSchema = z
  .strictObject({
    name: commandName,
    title: z.string(),
    arguments: z
      .record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be lower-case words joined by "_"'), argumentSchema)
      .default({}),
    /** Harm is possible when it is sent at the wrong time: it never leaves without a person or a high confidence. */
    hazardous: z.boolean().default(false),
    /** Whether `accepted` and `completed` come back on the acknowledgement topic. */
    acknowledgement: z.enum(['expected', 'none']).default('expected'),
    /** Commands that undo or contradict this one for the same equipment; either side may say so. */
    opposes: z.array(commandName).readonly().default([]),
  })
  .readonly();

export type MissionCommand = z.infer<typeof commandSchema>;
export type CommandArgument = MissionCommand['arguments'][string];
