/** How a mission's packets are read (CONTRACTS section 9): the definition, the framing and where the time comes from. */
import { z } from 'zod';
import { durationMs } from './units';

const epoch = z.iso.datetime().optional();

const packetTime = z.union([
  z.strictObject({
    /** Name of the parameter that carries the time of a packet. */
    parameter: z.string().min(1),
    epoch,
    leapSeconds: z.string().optional(),
    /** What the on-board clock is ahead, seconds, and how fast it gains, seconds a second. */
    offset: z.number().optional(),
    drift: z.number().optional(),
    /** When `offset` was measured; the drift counts from then. */
    at: z.iso.datetime().optional(),
  }),
  z.strictObject({
    secondaryHeader: z.enum(['cuc', 'cds']),
    epoch,
    /** CUC: whether the first octet says how long the code is, or how many octets it has. */
    pField: z.boolean().optional(),
    coarse: z.int().min(1).max(7).optional(),
    fine: z.int().min(0).max(10).optional(),
    /** CDS: octets of the day and of what is below a millisecond. */
    dayOctets: z.union([z.literal(2), z.literal(3)]).optional(),
    submillisecondOctets: z.union([z.literal(0), z.literal(2), z.literal(4)]).optional(),
    leapSeconds: z.string().optional(),
    offset: z.number().optional(),
    drift: z.number().optional(),
    at: z.iso.datetime().optional(),
  }),
]);

const port = z.int().min(1).max(65_535);

export const packetsSchema = z
  .strictObject({
    /** Path of the definition, relative to the mission file. */
    xtce: z.string().min(1),
    /** Root container, when the definition has several. */
    container: z.string().optional(),
    /** Bytes before each packet. */
    skip: z.int().min(0).max(65_536).default(0),
    /** After each packet. */
    checksum: z.enum(['crc16-ccitt', 'iso', 'sum16']).optional(),
    /** Left out: the time of reception, and it is said so. */
    time: packetTime.optional(),
    /** Names of definition parameters of which the mission takes another id: `{ mission id: definition name }`. */
    names: z.record(z.string(), z.string()).default({}),
    /** Ways in besides the topic `packet` and files. */
    udp: z.strictObject({ host: z.string().default('127.0.0.1'), port }).optional(),
    tcp: z
      .strictObject({
        host: z.string().default('127.0.0.1'),
        port,
        /** `header`: the length in each packet's own header; a number: octets of a big-endian length before each message. */
        framing: z.union([z.literal('header'), z.union([z.literal(2), z.literal(4)])]).default('header'),
      })
      .optional(),
    /** A file has packets only, and no reception times: the first packet's time, and what is between two packets, when `time` is left out. */
    reception: z.strictObject({ start: z.iso.datetime(), period: durationMs }).optional(),
  })
  .readonly();

export type PacketSource = z.infer<typeof packetsSchema>;
