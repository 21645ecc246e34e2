/** Something that came in and is not used, on its way to being counted and reported. */
import type { DropCounts, DropReason } from '../../domain/drops';

export interface Drop {
  readonly reason: DropReason;
  /** For people: what it was. */
  readonly message: string;
  /** How many things this stands for; 1 when left out. */
  readonly count?: number;
  /** The parameter whose value it was, when it was one value. */
  readonly parameter?: string;
}

/** Text that came from outside, short enough to be reported and without control characters. */
export const excerpt = (text: string, length = 60): string => {
  const printable = text.slice(0, length).replace(/[\p{Cc}\p{Cf}]/gu, '\u00b7');
  return text.length > length ? `${printable}…` : printable;
};

/** Any value out of JSON, as text short enough to be reported; one nested too deeply to be written is called that. */
export const shown = (value: unknown): string => {
  try {
    return excerpt(JSON.stringify(value) ?? 'none');
  } catch {
    return 'something nested too deeply';
  }
};

/** `counts` with every drop added. */
export const countDrops = (counts: DropCounts, drops: readonly Drop[]): DropCounts => {
  if (drops.length === 0) return counts;
  const next: Partial<Record<DropReason, number>> = { ...counts };
  for (const { reason, count = 1 } of drops) next[reason] = (next[reason] ?? 0) + count;
  return next;
};
