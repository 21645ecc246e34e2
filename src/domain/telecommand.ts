/** A telecommand that was sent to the spacecraft (CONTRACTS section 9), as the topic `command` or a commands file says. */
import { z } from 'zod';
import { argumentValue, type ArgumentValue } from './commands';

/** Inside the program; `time` is milliseconds since 1970 UTC. */
export interface Telecommand {
  readonly time: number;
  readonly name: string;
  readonly arguments: Readonly<Record<string, ArgumentValue>>;
}

/** As it is kept in the log, in records and on the wire. */
export const telecommandRecordSchema = z.object({
  time: z.iso.datetime(),
  name: z.string(),
  arguments: z.record(z.string(), argumentValue),
});

export type TelecommandRecord = z.infer<typeof telecommandRecordSchema>;

/** An XTCE name with its SpaceSystems fits; anything longer is something else. */
const MAX_NAME = 200;
const MAX_ARGUMENTS = 256;

/** As it comes: one item of the topic `command` or of a commands file. */
export const telecommandMessageSchema = z.object({
  time: z.union([z.string(), z.number()]),
  name: z.string().min(1).max(MAX_NAME),
  arguments: z
    .record(z.string(), argumentValue)
    .refine((all) => Object.keys(all).length <= MAX_ARGUMENTS, `has more than ${String(MAX_ARGUMENTS)} arguments`)
    .default({}),
});
