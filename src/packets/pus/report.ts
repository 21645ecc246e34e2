/**
 * Reports of the packet utilisation standard (ECSS-E-ST-70-41C). It reads the secondary header and the fields of services 1 and 5 for a
 * ground system. It names the reports of services 12 and 19. What else a report holds is the definition's business.
 */
import { HEADER_BYTES, type SpacePacket } from '../stream/space-packet';

export interface PusLayout {
  /** Bytes of the secondary header of telemetry: 7 and those of the time (7.4.3.1); of PUS-A, 3 and what the mission has. */
  readonly secondaryHeader: number;
  /** Bytes of the number of an event definition (8.5.2). */
  readonly eventId: number;
}

export interface PusReport {
  readonly service: number;
  readonly subtype: number;
  /** What stands behind the secondary header, a checksum included. */
  readonly data: Uint8Array;
}

/** Version, service type and subtype begin the header of every version of the standard. */
const FEWEST_BYTES = 3;

/** Undefined for a telecommand, and for a packet without a secondary header: it is no report. */
export const readPusReport = (packet: SpacePacket, { secondaryHeader }: PusLayout): PusReport | undefined => {
  const { bytes, type, hasSecondaryHeader } = packet;
  if (type !== 'telemetry' || !hasSecondaryHeader || bytes.length < HEADER_BYTES + FEWEST_BYTES) return undefined;
  const [, service = 0, subtype = 0] = bytes.subarray(HEADER_BYTES);
  return { service, subtype, data: bytes.subarray(HEADER_BYTES + secondaryHeader) };
};

/** ST[01] request verification, clause 8.1.2: subtypes by what they say of the request. */
const STAGES: Readonly<Record<number, readonly [stage: 'accepted' | 'completed' | 'failed', words: string]>> = {
  1: ['accepted', 'accepted'],
  2: ['failed', 'acceptance failed'],
  4: ['failed', 'start of execution failed'],
  6: ['failed', 'progress of execution failed'],
  7: ['completed', 'completed'],
  8: ['failed', 'completion of execution failed'],
  10: ['failed', 'routing failed'],
};
/** Start and progress of execution: the request is accepted already, and not over. */
const PROGRESS: ReadonlySet<number> = new Set([3, 5]);

export interface PusVerification {
  readonly stage: 'accepted' | 'completed' | 'failed';
  /** APID and sequence count of the request it is about. */
  readonly apid: number;
  readonly sequence: number;
  readonly words: string;
}

/** Request identifier (8.1.2.1): version, type, flag and APID; sequence flags and count. */
const REQUEST_ID_BYTES = 4;

/** What a report of service 1 says; undefined: progress, or no report of service 1. `problem`: it is too short, or of no known subtype. */
export const verificationOf = ({
  service,
  subtype,
  data,
}: PusReport): PusVerification | { problem: string } | undefined => {
  if (service !== 1 || PROGRESS.has(subtype)) return undefined;
  const stage = STAGES[subtype];
  if (stage === undefined) return { problem: `service 1 has no report of subtype ${String(subtype)}` };
  if (data.length < REQUEST_ID_BYTES)
    return { problem: `a verification of ${String(data.length)} bytes names no request` };
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = data;
  return { stage: stage[0], apid: ((b0 & 0x07) << 8) | b1, sequence: ((b2 & 0x3f) << 8) | b3, words: stage[1] };
};

/** ST[05] event reporting, clause 8.5.2: the subtype is the severity. */
const SEVERITIES = ['informative', 'low', 'medium', 'high'] as const;
export type PusSeverity = (typeof SEVERITIES)[number];

export interface EventReport {
  readonly severity: PusSeverity;
  /** Number of the event definition. */
  readonly number: number;
}

/** What a report of service 5 says; undefined for every other report. */
export const eventOf = (
  { service, subtype, data }: PusReport,
  { eventId }: PusLayout,
): EventReport | { problem: string } | undefined => {
  const severity = SEVERITIES[subtype - 1];
  if (service !== 5 || severity === undefined) return undefined;
  if (data.length < eventId) return { problem: `an event report of ${String(data.length)} bytes has no number` };
  return { severity, number: data.subarray(0, eventId).reduce((value, byte) => value * 256 + byte, 0) };
};

/**
 * Reports of ST[12] on-board monitoring (clause 8.12) and ST[19] event-action (clause 8.19), by service and subtype. The sizes of their
 * fields are the mission's, so their values come from its definition.
 */
const NAMED_REPORTS: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  12: {
    9: 'parameter monitoring definition report',
    11: 'out-of-limits report',
    12: 'check transition report',
    14: 'parameter monitoring definition status report',
    26: 'functional monitoring definition report',
    28: 'functional monitoring definition status report',
  },
  19: { 7: 'event-action status report', 11: 'event-action definition report' },
};

/** What the standard calls a report of services 12 and 19; undefined for every other report. */
export const reportNameOf = ({ service, subtype }: PusReport): string | undefined => NAMED_REPORTS[service]?.[subtype];
