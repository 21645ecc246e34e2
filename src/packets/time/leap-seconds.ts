/** TAI - UTC by date (IERS Bulletin C), as a table that can be replaced, and conversions between the two. */

export interface LeapSeconds {
  /** Ascending: from `fromMs` (Unix milliseconds, UTC) on, TAI - UTC is `offsetSeconds`. */
  readonly steps: readonly { readonly fromMs: number; readonly offsetSeconds: number }[];
}

/** Date of each step; the first one is 10 s on 1972-01-01, each other one a second more. */
const DATES = [
  '1972-01-01',
  '1972-07-01',
  '1973-01-01',
  '1974-01-01',
  '1975-01-01',
  '1976-01-01',
  '1977-01-01',
  '1978-01-01',
  '1979-01-01',
  '1980-01-01',
  '1981-07-01',
  '1982-07-01',
  '1983-07-01',
  '1985-07-01',
  '1988-01-01',
  '1990-01-01',
  '1991-01-01',
  '1992-07-01',
  '1993-07-01',
  '1994-07-01',
  '1996-01-01',
  '1997-07-01',
  '1999-01-01',
  '2006-01-01',
  '2009-01-01',
  '2012-07-01',
  '2015-07-01',
  '2017-01-01',
];
const FIRST_OFFSET = 10;

/** Up to Bulletin C 70 (July 2025): 37 s since 2017. */
export const LEAP_SECONDS: LeapSeconds = {
  steps: DATES.map((date, index) => ({ fromMs: Date.parse(`${date}T00:00:00Z`), offsetSeconds: FIRST_OFFSET + index })),
};

/** TAI - UTC in milliseconds at a UTC instant. Before 1972 it is 0: TAI times of that age are labels, not measurements. */
const offsetAtUtc = ({ steps }: LeapSeconds, utcMs: number): number => {
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const step = steps[index];
    if (step !== undefined && utcMs >= step.fromMs) return step.offsetSeconds * 1000;
  }
  return 0;
};

/** UTC of a TAI instant, both as milliseconds since 1970 on their own scale. A leap second itself shows as the second after it. */
export const utcOfTai = (table: LeapSeconds, taiMs: number): number => {
  const { steps } = table;
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const step = steps[index];
    if (step !== undefined && taiMs >= step.fromMs + step.offsetSeconds * 1000)
      return taiMs - step.offsetSeconds * 1000;
  }
  return taiMs;
};

export const taiOfUtc = (table: LeapSeconds, utcMs: number): number => utcMs + offsetAtUtc(table, utcMs);

/** Seconds between 1900, where the file below counts from, and 1970. */
const NTP_TO_UNIX_SECONDS = 2_208_988_800;

export type ReadLeapSeconds =
  | { readonly ok: true; readonly table: LeapSeconds }
  | { readonly ok: false; readonly line: number; readonly message: string };

/** Reads `leap-seconds.list` of IERS and NIST: lines of NTP seconds and TAI - UTC; `#` begins a comment. */
export const readLeapSeconds = (text: string): ReadLeapSeconds => {
  const steps: { fromMs: number; offsetSeconds: number }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.replace(/#.*/, '').trim();
    if (content === '') continue;
    const [ntp, offset, ...rest] = content.split(/\s+/).map(Number);
    const fromMs = ((ntp ?? NaN) - NTP_TO_UNIX_SECONDS) * 1000;
    const isAscending = fromMs > (steps.at(-1)?.fromMs ?? -Infinity);
    if (!Number.isFinite(fromMs) || !Number.isInteger(offset) || rest.length > 0 || !isAscending) {
      const message = `"${content}" is no line of NTP seconds and TAI - UTC, ascending`;
      return { ok: false, line: index + 1, message };
    }
    steps.push({ fromMs, offsetSeconds: offset ?? 0 });
  }
  return steps.length === 0 ? { ok: false, line: 1, message: 'holds no leap second' } : { ok: true, table: { steps } };
};
