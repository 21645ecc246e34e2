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
