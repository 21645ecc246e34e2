/** How a mission's packets are read (CONTRACTS section 9): the definition, the framing and where the time comes from. */
import { z } from 'zod';
import { durationMs } from './units';

const correlation = {
  /** ISO 8601; left out: that of the time code. */
  epoch: z.iso.datetime().optional(),
  /** `tai`: every second counts, leap seconds too. Left out: `tai` for CUC and GPS, `utc` for all else. */
  scale: z.enum(['utc', 'tai']).optional(),
  /** Seconds that are added to the on-board time. */
  offset: z.number().optional(),
  /** Seconds that the on-board clock loses (above 0) or gains a second, since `at`. */
  drift: z.number().optional(),
  at: z.iso.datetime().optional(),
};

const timeCode = {
  /** A P-field stands before the time code and says its format. */
  pField: z.boolean().optional(),
  /** CUC: bytes of seconds and of their fraction. */
  coarse: z.int().min(1).max(7).optional(),
  fine: z.int().min(0).max(10).optional(),
  /** CDS: bytes of days, and of what is below a millisecond. */
  dayBytes: z.union([z.literal(2), z.literal(3)]).optional(),
  subMillisecondBytes: z.union([z.literal(0), z.literal(2), z.literal(4)]).optional(),
};

const packetTime = z.union([
  z.strictObject({
    /** The parameter that carries the time of a packet. */
    parameter: z.string().min(1),
    ...correlation,
    /** The time code of a binary parameter. */
    code: z.enum(['cuc', 'cds']).optional(),
    ...timeCode,
  }),
  z.strictObject({
    /** `unix` and `gps`: seconds since 1970 and 1980-01-06. */
    secondaryHeader: z.enum(['cuc', 'cds', 'unix', 'gps']),
    ...correlation,
    /** Bytes of the secondary header before the time code: 7 of PUS-C. */
    position: z.int().min(0).max(64).optional(),
    ...timeCode,
  }),
]);

export const packetsSchema = z
  .strictObject({
    /** Path of the definition, relative to the mission file. */
    xtce: z.string().min(1),
    /** Root container, when the definition has several. */
    container: z.string().optional(),
    /** What the leading size of a string counts; left out: bits, as `fdir decode --check` warns. */
    leadingSize: z.enum(['bits', 'bytes']).optional(),
    /** Bytes before each packet. */
    skip: z.int().min(0).max(65_536).default(0),
    /** After each packet. */
    checksum: z.enum(['crc16-ccitt', 'iso', 'sum16']).optional(),
    /** Left out: the first absolute time of the packet, or else the time of reception, which is said. */
    time: packetTime.optional(),
    /** Path of a table of leap seconds (`leap-seconds.list` of IERS), relative to the mission file; left out: the one built in. */
    leapSeconds: z.string().min(1).optional(),
    /** The packets follow the packet utilisation standard: verifications, events, and reports of services 12 and 19 are read. */
    pus: z
      .strictObject({
        /** Bytes of the secondary header of telemetry: 7, and those of the time (CUC of 4 and 3). */
        secondaryHeader: z.int().min(3).max(64).default(14),
        /** Bytes of the number of an event. */
        eventId: z.int().min(1).max(6).default(2),
      })
      .readonly()
      .optional(),
    /** Ids of the mission whose parameter has another name in the definition. */
    names: z.record(z.string(), z.string()).default({}),
    /** For files whose packets hold no time: the time of the first packet and the time between two. */
    reception: z.strictObject({ start: z.iso.datetime(), period: durationMs }).optional(),
  })
  .readonly();

export type PacketSource = z.infer<typeof packetsSchema>;
