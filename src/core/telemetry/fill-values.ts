/**
 * Numbers that some writers put where there was no sample: -9999, 1e30 (`_FillValue` of netCDF). Such a number comes again and again,
 * exactly the same, far outside of everything else. Whether it means "missing" only people know, so it is told and never dropped.
 * Bounded memory: of each parameter the few lowest and highest values, with their counts.
 */
import type { PartialFrame } from '../../domain/telemetry';

export interface FillValue {
  readonly value: number;
  readonly count: number;
}

/** So many values at either end may be no measurements. */
const MAX_PEELED = 3;
const KEPT = MAX_PEELED + 1;
/** One glitch is no habit. */
const FEWEST = 3;
/** A value is far outside if it is this many times the width of all other values away from them. */
const FAR_AWAY = 20;
/** Fewer values are states of something, and a rare state may be far from the others. */
const FEWEST_DISTINCT = 10;
const MAX_DISTINCT = FEWEST_DISTINCT + 2 * MAX_PEELED;

interface Counted {
  readonly value: number;
  count: number;
}

/** The `KEPT` lowest values by `rank`, ascending, with how often each came: what was let go never comes back into it. */
const countIn = (kept: Counted[], value: number, rank: (value: number) => number): void => {
  const own = rank(value);
  const last = kept[KEPT - 1];
  if (last !== undefined && own > rank(last.value)) return;
  const at = kept.findIndex((item) => rank(item.value) >= own);
  const found = kept[at];
  if (found?.value === value) {
    found.count += 1;
    return;
  }
  kept.splice(at < 0 ? kept.length : at, 0, { value, count: 1 });
  if (kept.length > KEPT) kept.pop();
};

const upwards = (value: number): number => value;
const downwards = (value: number): number => -value;

/** The ends of what one parameter was. */
export class ValueEnds {
  private readonly lowest: Counted[] = [];
  private readonly highest: Counted[] = [];
  private readonly distinct = new Set<number>();

  /** What is not finite is no value. */
  add(value: number): void {
    if (!Number.isFinite(value)) return;
    if (this.distinct.size < MAX_DISTINCT) this.distinct.add(value);
    countIn(this.lowest, value, upwards);
    countIn(this.highest, value, downwards);
  }

  /** The numbers that may stand for missing samples. One is far from the rest once another, farther out, is taken away. */
  fillValues(): readonly FillValue[] {
    for (let peeled = 2 * MAX_PEELED; peeled > 0; peeled -= 1)
      for (let below = Math.min(peeled, MAX_PEELED); below >= 0 && peeled - below <= MAX_PEELED; below -= 1) {
        const found = this.peel(below, peeled - below);
        if (found.length > 0) return found;
      }
    return [];
  }

  private peel(below: number, above: number): readonly FillValue[] {
    const [low, high] = [this.lowest[below]?.value, this.highest[above]?.value];
    if (low === undefined || high === undefined || low > high) return [];
    if (this.distinct.size - below - above < FEWEST_DISTINCT) return [];
    const far = FAR_AWAY * (high - low);
    const peeled = [...this.lowest.slice(0, below), ...this.highest.slice(0, above)];
    const isFar = peeled.every(({ value }) => Math.max(low - value, value - high) > far);
    return isFar ? peeled.filter(({ count }) => count >= FEWEST) : [];
  }
}

/** @returns what to tell people of a parameter. */
export const fillValueText = (parameter: string, { value, count }: FillValue): string =>
  `${String(value)} stands ${String(count)} times in ${parameter}, far outside the rest: if it means missing, add it to missing: in the mission`;

/** Watches the values of a recording. */
export class FillValueWatch {
  private readonly ends = new Map<string, ValueEnds>();

  /** @param parameters those that are measured; states and flags have no rest to be far from. */
  constructor(parameters: readonly string[]) {
    for (const id of parameters) this.ends.set(id, new ValueEnds());
  }

  take(frames: readonly PartialFrame[]): void {
    for (const { values } of frames) for (const id in values) this.ends.get(id)?.add(values[id] ?? NaN);
  }

  /** A sentence for each such number. */
  told(): readonly string[] {
    return [...this.ends].flatMap(([id, ends]) => ends.fillValues().map((found) => fillValueText(id, found)));
  }
}
