/**
 * Quantities as people write them in configuration files: durations (`4s`, `2h`) and sizes (`2GB`).
 * Inside the program durations are milliseconds and sizes are bytes, always as plain numbers.
 */
import { z } from 'zod';

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

const parseQuantity = (text: string, units: Readonly<Record<string, number>>): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim());
  const factor = units[match?.[2] ?? ''];
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
};

/** A hundred years: what is longer is a mistake, and added to a time might be none any more. */
const LONGEST_MS = 36_500 * 86_400_000;

const atMost = (value: number | undefined, most: number): number | undefined =>
  value !== undefined && value <= most ? value : undefined;

/** Milliseconds of `4s`, `500ms`, `1.5h`, `400d`; undefined when it is not a duration, or more than a hundred years. */
export const parseDuration = (text: string): number | undefined => atMost(parseQuantity(text, MS_PER_UNIT), LONGEST_MS);

/** Bytes of `2GB`, `64MiB`; undefined when it is not a size, or one that cannot be counted. */
export const parseSize = (text: string): number | undefined =>
  atMost(parseQuantity(text, BYTES_PER_UNIT), Number.MAX_SAFE_INTEGER);

const quantity = (parse: (text: string) => number | undefined, what: string) =>
  z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.issues.push({ code: 'custom', message: `"${text}" is not ${what}`, input: text });
    return z.NEVER;
  });

/** zod: a duration string, output in milliseconds. */
export const durationMs = quantity(parseDuration, 'a duration such as 4s, 500ms, 2h or 400d');

/** zod: the same, and more than nothing: a period or an age of 0 is a mistake. */
export const positiveDurationMs = durationMs.refine((ms) => ms >= 1, 'must be at least 1ms');

/** zod: a size string, output in bytes. */
export const sizeBytes = quantity(parseSize, 'a size such as 2GB or 64MiB');

/** ISO 8601 UTC text of milliseconds since 1970; whole seconds are written without decimals. */
export const isoTime = (timeMs: number): string => new Date(timeMs).toISOString().replace('.000Z', 'Z');
