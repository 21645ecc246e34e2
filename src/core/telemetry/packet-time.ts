/** Reads the times telemetry carries: ISO 8601 (UTC unless it says otherwise), by date or by day of year, or Unix seconds. */

/** 2000-01-01T00:00:00Z. No spacecraft this program watches was flying before: an earlier time is a clock that was never set. */
export const EARLIEST_TIME = 946_684_800_000;
/** 9999-12-31T23:59:59.999Z, the last time that ISO 8601 writes with four digits of year. */
export const LATEST_TIME = 253_402_300_799_999;

const DATE = String.raw`(\d{4})-(?:(\d{2})-(\d{2})|(\d{3}))`;
const CLOCK = String.raw`(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,18}))?)?`;
const ZONE = String.raw`(?:([Zz])|([+-])(\d{2}):?(\d{2})?)?`;
/** ISO 8601, extended form (section 5.4.2); the ASCII time codes A and B of CCSDS 301.0-B-4 (section 3.5) are part of it. */
const ISO = new RegExp(`^${DATE}(?:[Tt ]${CLOCK} ?${ZONE})?$`);
const SECONDS = /^[+-]?\d{1,15}(?:\.\d+)?(?:e[+-]?\d{1,2})?$/i;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Milliseconds on either side of 1970 that a date can be of (ECMA-262, section 21.4.1.1). */
const MAX_MS = 8.64e15;

/** Milliseconds at which a day begins; undefined when the calendar has no such day. */
const dayStart = (year: number, month: number, day: number, dayOfYear: number | undefined): number | undefined => {
  const date = new Date(0);
  date.setUTCFullYear(year, dayOfYear === undefined ? month - 1 : 0, dayOfYear ?? day);
  const exists =
    dayOfYear === undefined
      ? date.getUTCMonth() === month - 1 && date.getUTCDate() === day
      : dayOfYear >= 1 && date.getUTCFullYear() === year;
  return exists ? date.getTime() : undefined;
};

/** A leap second is the last one of a day in UTC. POSIX time has none: it becomes the first second of the next day. */
const isLeapSecond = (time: number): boolean => ((time % DAY_MS) + DAY_MS) % DAY_MS < 1000;

const fromIso = (text: string): number | undefined => {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const part = (index: number): number => Number(match[index] ?? 0);
  const day = dayStart(part(1), part(2), part(3), match[4] === undefined ? undefined : part(4));
  const [hours, minutes, seconds] = [part(5), part(6), part(7)];
  const isMidnight = hours === 24 && minutes === 0 && seconds === 0 && part(8) === 0;
  if (day === undefined || (hours > 23 && !isMidnight) || minutes > 59 || seconds > 60) return undefined;
  const [zoneHours, zoneMinutes] = [part(11), part(12)];
  if (zoneHours > 23 || zoneMinutes > 59) return undefined;
  const offset = (match[10] === '-' ? -1 : 1) * (zoneHours * 60 + zoneMinutes) * MINUTE_MS;
  const fraction = Math.trunc(Number(`0.${match[8] ?? '0'}`) * 1000 + 1e-6);
  const time = day + (hours * 60 + minutes) * MINUTE_MS + seconds * 1000 + fraction - offset;
  return seconds === 60 && !isLeapSecond(time) ? undefined : time;
};

const fromNumber = (value: number, unitsPerSecond: number): number | undefined => {
  const time = Math.round((value / unitsPerSecond) * 1000);
  return Math.abs(time) <= MAX_MS ? time : undefined;
};

/** Units that a number can count since 1970, by how many of them a second has. */
const UNITS = [
  { unitsPerSecond: 1, name: 'seconds' },
  { unitsPerSecond: 1e3, name: 'milliseconds' },
  { unitsPerSecond: 1e6, name: 'microseconds' },
  { unitsPerSecond: 1e9, name: 'nanoseconds' },
] as const;
export type TimeUnit = (typeof UNITS)[number];
export const SECONDS_UNIT: TimeUnit = UNITS[0];

/** The one unit in which a number is a time from 2000 to 9999; those ranges do not overlap. Undefined when there is none. */
export const unitOfNumber = (value: number): TimeUnit | undefined =>
  UNITS.find(({ unitsPerSecond }) => {
    const time = (value / unitsPerSecond) * 1000;
    return time >= EARLIEST_TIME && time <= LATEST_TIME;
  });

const COUNT = /^\d{9,19}(?:\.\d+)?$/;
/** The same for text; undefined when it is no plain number. */
export const unitOfText = (text: string): TimeUnit | undefined =>
  COUNT.test(text) ? unitOfNumber(Number(text)) : undefined;

/**
 * Milliseconds since 1970 UTC of `2026-03-01T04:12:08Z`, `2026-060T04:12:08`, `2026-03-01`, or `1772338328.0`; undefined when it is none.
 * @param unit what a number counts; seconds when left out.
 */
export const parseTimeText = (text: string, { unitsPerSecond }: TimeUnit = SECONDS_UNIT): number | undefined => {
  if (text.charCodeAt(4) === 45) return fromIso(text);
  const isNumber = unitsPerSecond === 1 ? SECONDS.test(text) : COUNT.test(text);
  return isNumber ? fromNumber(Number(text), unitsPerSecond) : undefined;
};

/** The same for a value out of JSON, where a count is a number. */
export const parseTime = (value: unknown, unit: TimeUnit = SECONDS_UNIT): number | undefined => {
  if (typeof value === 'number') return fromNumber(value, unit.unitsPerSecond);
  return typeof value === 'string' ? parseTimeText(value.trim(), unit) : undefined;
};

/** Days since 1899-12-30, as spreadsheets count: from 2000 to 2119. */
const SPREADSHEET_DAYS = { from: 36_526, to: 80_000 };

/** What to do with a text that is no time of a flight; empty when nothing comes to mind. */
export const timeAdvice = (text: string): string => {
  const value = SECONDS.test(text) ? Number(text) : NaN;
  if (value >= SPREADSHEET_DAYS.from && value <= SPREADSHEET_DAYS.to)
    return '; if a spreadsheet counts days here, format the column as yyyy-mm-dd hh:mm:ss and save it again';
  if (value >= 0 && value < EARLIEST_TIME / 1000) return '; a number counts seconds, or a fraction of them, since 1970';
  return /\d[./-]\d/.test(text) && !ISO.test(text) ? '; write it as 2026-03-01T00:00:00Z' : '';
};

/** Whether a time can be believed; `latest` is the clock plus the lead that is trusted, or `LATEST_TIME` on packet time. */
export const timeReason = (time: number, latest: number): 'past' | 'future' | undefined => {
  if (time < EARLIEST_TIME) return 'past';
  return time > latest ? 'future' : undefined;
};
