/** The generation time of a packet: from its secondary header or from a parameter, corrected for the clock on board. */
import type { DecodedPacket, DecodedValue } from '../decode/values';
import { HEADER_BYTES, type SpacePacket } from '../stream/space-packet';
import { LEAP_SECONDS, type LeapSeconds } from './leap-seconds';
import {
  CCSDS_EPOCH_MS,
  readPreamble,
  readTimeCode,
  sinceEpoch,
  type Epoch,
  type TimeFormat,
  type TimeResult,
} from './time-codes';

export interface ClockCorrelation {
  /** Milliseconds that are added. */
  readonly offsetMs: number;
  /** Seconds that the clock on board loses (above 0) or gains a second, since `at`. */
  readonly drift?: number;
  /** UTC milliseconds at which the offset alone is right. */
  readonly atMs?: number;
}

export interface TimeSpec {
  /** Id of the field that holds the time; without it and `secondaryHeader`, the first absolute time of the packet. */
  readonly parameter?: string;
  /** Time code in the secondary header, or in the parameter when that is binary. */
  readonly secondaryHeader?: 'cuc' | 'cds' | 'unix' | 'gps';
  readonly code?: 'cuc' | 'cds';
  /** ISO 8601. Default: 1958-01-01 for time codes, 1970-01-01 for numbers. */
  readonly epoch?: string;
  /** `tai`: every second counts. Default: `tai` for CUC and GPS, `utc` for all else. */
  readonly scale?: 'utc' | 'tai';
  /** A P-field stands before the time code and says its format. */
  readonly pField?: boolean;
  /** Bytes of the secondary header before the time code. */
  readonly offset?: number;
  /** CUC without P-field: bytes of seconds (4) and of their fraction (2; `unix` and `gps`: 0). */
  readonly coarseBytes?: number;
  readonly fineBytes?: number;
  /** CDS without P-field: bytes of days (2) and below the millisecond (2). */
  readonly dayBytes?: 2 | 3;
  readonly subMillisecondBytes?: 0 | 2 | 4;
  /** Milliseconds of one unit of a numeric parameter; default 1000. */
  readonly unitMs?: number;
  readonly correlation?: ClockCorrelation;
  /** Times outside are taken for absurd. Default: from the epoch, to the year 2200. */
  readonly earliestMs?: number;
  readonly latestMs?: number;
  readonly leapSeconds?: LeapSeconds;
}

export type PacketTime =
  | { readonly ok: true; readonly timeMs: number; readonly source: 'secondary-header' | 'parameter' }
  | { readonly ok: false; readonly reason: 'none' | 'unreadable' | 'absurd'; readonly message: string };

export interface PacketClock {
  /** UTC in milliseconds since 1970, fractions included. */
  readonly timeOf: (packet: SpacePacket, decoded: DecodedPacket | undefined) => PacketTime;
}

const GPS_EPOCH_MS = Date.UTC(1980, 0, 6);
const LATEST_MS = Date.UTC(2200, 0, 1);

const formatOf = (spec: TimeSpec): TimeFormat => {
  const code = spec.code ?? spec.secondaryHeader ?? 'cuc';
  if (code === 'cds') {
    return { code, dayBytes: spec.dayBytes ?? 2, subMillisecondBytes: spec.subMillisecondBytes ?? 2 };
  }
  return { code: 'cuc', coarseBytes: spec.coarseBytes ?? 4, fineBytes: spec.fineBytes ?? (code === 'cuc' ? 2 : 0) };
};

/** @throws RangeError when the epoch is no date: a mistake of the program or its configuration, not of a packet */
const epochOf = (spec: TimeSpec): Epoch => {
  const code = spec.code ?? spec.secondaryHeader;
  const isCode = code === 'cuc' || code === 'cds';
  const byDefault = isCode ? CCSDS_EPOCH_MS : code === 'gps' ? GPS_EPOCH_MS : 0;
  const epochMs = spec.epoch === undefined ? byDefault : Date.parse(spec.epoch);
  if (Number.isNaN(epochMs)) throw new RangeError(`the epoch ${spec.epoch ?? ''} is no ISO 8601 time`);
  return { epochMs, scale: spec.scale ?? (code === 'cuc' || code === 'gps' ? 'tai' : 'utc') };
};

/** Reads bytes that hold a time code, with its P-field when it has one. */
const readCode = (bytes: Uint8Array, spec: TimeSpec, epoch: Epoch, table: LeapSeconds): TimeResult => {
  if (spec.pField !== true) return readTimeCode(bytes, formatOf(spec), epoch, table);
  const preamble = readPreamble(bytes);
  if (typeof preamble === 'string') return { ok: false, message: preamble };
  const { format, isStandardEpoch } = preamble;
  const scale = format.code === 'cuc' ? 'tai' : 'utc';
  if (!isStandardEpoch && spec.epoch === undefined) {
    return { ok: false, message: 'the P-field says that the epoch is the agency’s own; give it as epoch' };
  }
  const used: Epoch = isStandardEpoch ? { epochMs: CCSDS_EPOCH_MS, scale } : { ...epoch, scale: spec.scale ?? scale };
  return readTimeCode(bytes.subarray(preamble.bytes), format, used, table);
};

const readValue = (
  { field, value, raw }: DecodedValue,
  spec: TimeSpec,
  epoch: Epoch,
  table: LeapSeconds,
): TimeResult => {
  if (field.type.kind === 'absolute-time') {
    return typeof value === 'number'
      ? { ok: true, timeMs: value }
      : { ok: false, message: `${field.id} holds no time` };
  }
  if (raw instanceof Uint8Array) return readCode(raw, spec, epoch, table);
  if (typeof value !== 'number' && typeof value !== 'bigint') return { ok: false, message: `${field.id} is no number` };
  return { ok: true, timeMs: sinceEpoch(Number(value) * (spec.unitMs ?? 1000), epoch, table) };
};

const correct = (timeMs: number, correlation: ClockCorrelation | undefined): number => {
  if (correlation === undefined) return timeMs;
  const { offsetMs, drift = 0, atMs } = correlation;
  return timeMs + offsetMs + (atMs === undefined ? 0 : drift * (timeMs - atMs));
};

/** @throws RangeError when the epoch of the specification is no date */
export const createPacketClock = (spec: TimeSpec = {}): PacketClock => {
  const table = spec.leapSeconds ?? LEAP_SECONDS;
  const epoch = epochOf(spec);
  const earliestMs = spec.earliestMs ?? epoch.epochMs;
  const latestMs = spec.latestMs ?? LATEST_MS;
  const isTimeValue = ({ field }: DecodedValue): boolean =>
    spec.parameter === undefined ? field.type.kind === 'absolute-time' : field.id === spec.parameter;
  const finish = (result: TimeResult, source: 'secondary-header' | 'parameter'): PacketTime => {
    if (!result.ok) return { ok: false, reason: 'unreadable', message: result.message };
    const timeMs = correct(result.timeMs, spec.correlation);
    if (timeMs >= earliestMs && timeMs <= latestMs) return { ok: true, timeMs, source };
    const shown = Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : `${String(timeMs)} ms`;
    return { ok: false, reason: 'absurd', message: `the time ${shown} is before the epoch or absurd` };
  };
  return {
    timeOf: (packet, decoded) => {
      if (spec.parameter === undefined && spec.secondaryHeader !== undefined) {
        if (!packet.hasSecondaryHeader)
          return { ok: false, reason: 'none', message: 'the packet has no secondary header' };
        const begin = HEADER_BYTES + (spec.offset ?? 0);
        return finish(readCode(packet.bytes.subarray(begin), spec, epoch, table), 'secondary-header');
      }
      const found = decoded?.values.find(isTimeValue);
      if (found !== undefined) return finish(readValue(found, spec, epoch, table), 'parameter');
      const message =
        spec.parameter === undefined ? 'the packet holds no time' : `the packet holds no ${spec.parameter}`;
      return { ok: false, reason: 'none', message };
    },
  };
};
