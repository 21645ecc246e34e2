/** Reads the times telemetry carries: ISO 8601 (UTC unless it says otherwise) or Unix seconds. */

/** 2000-01-01T00:00:00Z. No spacecraft this program watches was flying before: an earlier time is a clock that was never set. */
export const EARLIEST_TIME = 946_684_800_000;
/** 9999-12-31T23:59:59.999Z, the last time that ISO 8601 writes with four digits of year. */
export const LATEST_TIME = 253_402_300_799_999;

const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;
const SECONDS = /^[+-]?\d{1,15}(?:\.\d+)?(?:e[+-]?\d{1,2})?$/i;

/** Milliseconds on either side of 1970 that a date can be of (ECMA-262, section 21.4.1.1). */
const MAX_MS = 8.64e15;

const fromSeconds = (seconds: number): number | undefined => {
  const time = Math.round(seconds * 1000);
  return Math.abs(time) <= MAX_MS ? time : undefined;
};

/** Milliseconds since 1970 UTC of `2026-03-01T04:12:08Z`, `2026-03-01 04:12:08` or `1772338328.0`; undefined when it is none. */
export const parseTimeText = (text: string): number | undefined => {
  const zone = ISO.exec(text);
  if (zone === null) return SECONDS.test(text) ? fromSeconds(Number(text)) : undefined;
  const iso = text.replace(' ', 'T');
  const time = Date.parse(zone[1] === undefined ? `${iso}Z` : iso);
  return Number.isNaN(time) ? undefined : time;
};

/** The same for a value out of JSON, where seconds are a number. */
export const parseTime = (value: unknown): number | undefined => {
  if (typeof value === 'number') return fromSeconds(value);
  return typeof value === 'string' ? parseTimeText(value.trim()) : undefined;
};

/** Whether a time can be believed; `latest` is the clock plus the lead that is trusted, or `LATEST_TIME` on packet time. */
export const timeReason = (time: number, latest: number): 'past' | 'future' | undefined => {
  if (time < EARLIEST_TIME) return 'past';
  return time > latest ? 'future' : undefined;
};
