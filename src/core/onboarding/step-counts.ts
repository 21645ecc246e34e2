/** How often each time step occurred between successive samples, in bounded memory, and the sampling period they suggest. */

/** Steps are kept to four digits: 1.024 s stays itself, and a recording of any length has at most some 10^5 different ones. */
const KEPT_STEPS = 10_000;
/** A step this near to the period counts as one period: the jitter of a time stamp. */
export const JITTER = 0.1;
/** A median this near to a round value is that value: 3.997 s of a clock that drifts is 4 s. */
const ROUNDING = 0.02;
/** When so many steps are equal to the millisecond, the period is exactly that, round or not. */
const EXACT_SHARE = 0.5;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Periods people and equipment choose, milliseconds. */
const ROUND_PERIODS = [
  ...[1, 2, 4, 5, 8, 10, 16, 20, 25, 32, 40, 50, 64, 100, 125, 128, 200, 250, 256, 500, 512],
  ...[1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 24, 30, 32].map((count) => count * SECOND),
  ...[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((count) => count * HOUR),
  DAY,
];

const keptStep = (stepMs: number): number => {
  let unit = 1;
  while (stepMs / unit >= KEPT_STEPS) unit *= 10;
  return Math.round(stepMs / unit) * unit;
};

export class StepSurvey {
  private readonly counts = new Map<number, number>();
  total = 0;

  /** A positive step, milliseconds. */
  add(stepMs: number, times = 1): void {
    const step = keptStep(stepMs);
    this.counts.set(step, (this.counts.get(step) ?? 0) + times);
    this.total += times;
  }

  addAll(other: StepSurvey): void {
    for (const [step, times] of other.counts) this.add(step, times);
  }

  /** Steps for which `test` holds. */
  count(test: (stepMs: number) => boolean): number {
    let sum = 0;
    for (const [step, times] of this.counts) if (test(step)) sum += times;
    return sum;
  }

  /** The period these steps suggest, rounded to a value somebody would have chosen; undefined without steps. */
  period(): number | undefined {
    const sorted = [...this.counts].sort(([a], [b]) => a - b);
    const [mostCommon] = sorted.toSorted(([, a], [, b]) => b - a);
    if (mostCommon === undefined) return undefined;
    if (mostCommon[1] > EXACT_SHARE * this.total) return mostCommon[0];
    let seen = 0;
    const median = sorted.find(([, times]) => (seen += times) * 2 >= this.total)?.[0] ?? mostCommon[0];
    return ROUND_PERIODS.find((round) => Math.abs(round - median) <= ROUNDING * median) ?? median;
  }
}

export const isRegular = (stepMs: number, periodMs: number): boolean =>
  Math.abs(stepMs - periodMs) <= JITTER * periodMs;

/** `4s`, `10m`, `1024ms`: the largest unit that needs no decimals, as a mission file writes it. */
export const durationText = (ms: number): string => {
  for (const [unit, name] of [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'm'],
    [SECOND, 's'],
  ] as const)
    if (ms >= unit && ms % unit === 0) return `${String(ms / unit)}${name}`;
  return `${String(ms)}ms`;
};
