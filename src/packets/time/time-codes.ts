/** CCSDS time codes (301.0-B-4): unsegmented (CUC) and day segmented (CDS), with or without the preamble field. */
import { taiOfUtc, utcOfTai, type LeapSeconds } from './leap-seconds';

export interface CucFormat {
  readonly code: 'cuc';
  /** Bytes of whole seconds, and of the fraction. */
  readonly coarseBytes: number;
  readonly fineBytes: number;
}
export interface CdsFormat {
  readonly code: 'cds';
  readonly dayBytes: 2 | 3;
  /** 2: microseconds of the millisecond; 4: picoseconds. */
  readonly subMillisecondBytes: 0 | 2 | 4;
}
export type TimeFormat = CucFormat | CdsFormat;

/** Epoch as UTC milliseconds. `tai`: every second counts; `utc`: days have 86,400 s. */
export interface Epoch {
  readonly epochMs: number;
  readonly scale: 'utc' | 'tai';
}

/** Level 1 epoch of 301.0-B-4: 1958-01-01, TAI for CUC, UTC for CDS. */
export const CCSDS_EPOCH_MS = Date.UTC(1958, 0, 1);

export type TimeResult =
  { readonly ok: true; readonly timeMs: number } | { readonly ok: false; readonly message: string };

export interface Preamble {
  readonly format: TimeFormat;
  readonly bytes: number;
  /** True for the epoch of the standard; else the agency's, which the mission must give. */
  readonly isStandardEpoch: boolean;
}

const CUC_STANDARD = 1;
const CUC_AGENCY = 2;
const CDS = 4;

const readCucPreamble = (first: number, second: number | undefined): CucFormat => ({
  code: 'cuc',
  coarseBytes: ((first >>> 2) & 0x3) + 1 + (second === undefined ? 0 : (second >>> 5) & 0x3),
  fineBytes: (first & 0x3) + (second === undefined ? 0 : (second >>> 2) & 0x7),
});

/** Reads a P-field (301.0-B-4, sections 3.2.2 and 3.3.2); says why when it is none that is supported. */
export const readPreamble = (bytes: Uint8Array): Preamble | string => {
  const first = bytes[0];
  if (first === undefined) return 'the P-field is missing';
  const isExtended = (first & 0x80) !== 0;
  const second = isExtended ? bytes[1] : undefined;
  if (isExtended && second === undefined) return 'the second byte of the P-field is missing';
  if (second !== undefined && (second & 0x80) !== 0) return 'a P-field of more than two bytes is not supported';
  const id = (first >>> 4) & 0x7;
  const length = isExtended ? 2 : 1;
  if (id === CUC_STANDARD || id === CUC_AGENCY) {
    return { format: readCucPreamble(first, second), bytes: length, isStandardEpoch: id === CUC_STANDARD };
  }
  if (id !== CDS) return `the time code ${String(id)} of the P-field is neither CUC (1, 2) nor CDS (4)`;
  const sub = first & 0x3;
  if (sub === 3) return 'the P-field has the reserved resolution 3';
  const format: CdsFormat = {
    code: 'cds',
    dayBytes: (first & 0x4) === 0 ? 2 : 3,
    subMillisecondBytes: sub === 0 ? 0 : sub === 1 ? 2 : 4,
  };
  return { format, bytes: length, isStandardEpoch: (first & 0x8) === 0 };
};

export const bytesOf = (format: TimeFormat): number =>
  format.code === 'cuc' ? format.coarseBytes + format.fineBytes : format.dayBytes + 4 + format.subMillisecondBytes;

const unsigned = (bytes: Uint8Array, from: number, count: number): number => {
  let value = 0;
  for (let index = from; index < from + count; index += 1) value = value * 256 + (bytes[index] ?? 0);
  return value;
};

/** Milliseconds that have passed since the epoch on its scale, to UTC. */
export const sinceEpoch = (elapsedMs: number, { epochMs, scale }: Epoch, table: LeapSeconds): number =>
  scale === 'utc' ? epochMs + elapsedMs : utcOfTai(table, taiOfUtc(table, epochMs) + elapsedMs);

const DAY_MS = 86_400_000;
/** A day with a leap second ends before this. */
const LONGEST_DAY_MS = DAY_MS + 1000;

/** Reads a time code from the beginning of `bytes`. */
export const readTimeCode = (bytes: Uint8Array, format: TimeFormat, epoch: Epoch, table: LeapSeconds): TimeResult => {
  const needed = bytesOf(format);
  if (bytes.length < needed) {
    return { ok: false, message: `the time code takes ${String(needed)} bytes; ${String(bytes.length)} are there` };
  }
  if (format.code === 'cuc') {
    const seconds = unsigned(bytes, 0, format.coarseBytes);
    const fraction = unsigned(bytes, format.coarseBytes, format.fineBytes) / 256 ** format.fineBytes;
    return { ok: true, timeMs: sinceEpoch((seconds + fraction) * 1000, epoch, table) };
  }
  const days = unsigned(bytes, 0, format.dayBytes);
  const ms = unsigned(bytes, format.dayBytes, 4);
  const sub = unsigned(bytes, format.dayBytes + 4, format.subMillisecondBytes);
  if (ms >= LONGEST_DAY_MS) return { ok: false, message: `${String(ms)} ms of the day are longer than a day` };
  const fraction = format.subMillisecondBytes === 0 ? 0 : sub / (format.subMillisecondBytes === 2 ? 1e3 : 1e9);
  return { ok: true, timeMs: sinceEpoch(days * DAY_MS + ms + fraction, epoch, table) };
};
