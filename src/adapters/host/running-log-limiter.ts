/**
 * Holds back lines of the running log that come too often, and counts them. So a flood of one thing does not drown the others.
 */

export interface LogLimiterOptions {
  /** Lines of one kind in a period. */
  readonly most: number;
  readonly periodMs: number;
  readonly now: () => number;
}

export interface Admission {
  readonly isAdmitted: boolean;
  /** The last one of this period. */
  readonly isLast: boolean;
  /** How many of this kind were held back before this one and not told yet. */
  readonly heldBack: number;
}

/** Kinds that are remembered; the oldest are forgotten first. */
const MAX_KINDS = 256;
const KIND_LENGTH = 48;

/** Lines that differ in numbers or in their ends are of one kind. */
const kindOf = (level: number, message: string): string =>
  `${String(level)} ${message.slice(0, KIND_LENGTH).replace(/\d+/g, '#')}`;

export const logLimiter = ({ most, periodMs, now }: LogLimiterOptions) => {
  const kinds = new Map<string, { since: number; count: number; heldBack: number }>();
  return (level: number, message: string): Admission => {
    const kind = kindOf(level, message);
    const time = now();
    let seen = kinds.get(kind);
    if (seen === undefined || time - seen.since >= periodMs) {
      const heldBack = seen?.heldBack ?? 0;
      kinds.delete(kind);
      kinds.set(kind, (seen = { since: time, count: 0, heldBack: 0 }));
      const [oldest] = kinds.keys();
      if (kinds.size > MAX_KINDS && oldest !== undefined) kinds.delete(oldest);
      seen.count = 1;
      return { isAdmitted: true, isLast: most === 1, heldBack };
    }
    seen.count += 1;
    if (seen.count > most) seen.heldBack += 1;
    return { isAdmitted: seen.count <= most, isLast: seen.count === most, heldBack: 0 };
  };
};
