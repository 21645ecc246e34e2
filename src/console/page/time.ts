/** Times as operators write them: UTC, with the day of year (CCSDS 301.0-B, ASCII time code B). */
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;

const two = (value: number): string => String(value).padStart(2, '0');

export const dayOfYear = (time: Date): number =>
  Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;

export const clockOf = (time: Date): string =>
  `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}`;

/** `2026-329T12:34:56Z`. */
export const byDayOfYear = (iso: string | number): string => {
  const time = new Date(iso);
  return `${String(time.getUTCFullYear())}-${String(dayOfYear(time)).padStart(3, '0')}T${clockOf(time)}Z`;
};

/** `25 Nov 2026 12:34:56 UTC`. */
export const readable = (iso: string | number): string => {
  const time = new Date(iso);
  return `${String(time.getUTCDate())} ${MONTHS[time.getUTCMonth()] ?? ''} ${String(time.getUTCFullYear())} ${clockOf(time)} UTC`;
};

const UNITS: readonly [name: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];

/** `2 h 05 min`: the two largest units. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  const at = UNITS.findIndex(([, size]) => whole >= size || size === 1);
  const [name, size] = UNITS[at] ?? ['s', 1];
  const [nextName, nextSize] = UNITS[at + 1] ?? ['', 0];
  const first = `${String(Math.floor(whole / size))} ${name}`;
  return nextSize === 0 ? first : `${first} ${two(Math.floor((whole % size) / nextSize))} ${nextName}`;
};
