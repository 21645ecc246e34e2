/** What the values of one parameter are like, gathered sample by sample in bounded memory. */

import { ValueEnds, type FillValue } from '../telemetry/fill-values';

/** What is known of a parameter after its recordings were read. */
export interface ValueSurvey {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  /** Quantiles 1 %, 50 % and 99 %: exact up to `KEPT_SAMPLES` samples, of evenly spaced ones beyond. */
  readonly quantiles: readonly [number, number, number];
  /** Different values, counted up to `MAX_DISTINCT`. */
  readonly distinct: number;
  /** Samples that differ from the one before them in the same recording, and how many of them are lower. */
  readonly changes: number;
  readonly falls: number;
  /** Decimals the values are written with, up to `MAX_DECIMALS`. */
  readonly decimals: number;
  /** Numbers that come again and again, far outside of all else: they may stand for missing samples. */
  readonly fillValues: readonly FillValue[];
}

/** Enough for a 1 % quantile that means something; 32 KiB a parameter. */
export const KEPT_SAMPLES = 4096;
/** More different values than this are a continuous quantity. */
export const MAX_DISTINCT = 1000;
const MAX_DECIMALS = 12;

/** Binary fractions are never quite their decimals: as near as this many units in the last place is the same number. */
const SAME = 4 * Number.EPSILON;
const isWritten = (value: number, decimals: number): boolean => {
  const scaled = value * 10 ** decimals;
  return Math.abs(scaled - Math.round(scaled)) <= SAME * Math.abs(scaled);
};

export class ValueCounter {
  private count = 0;
  private min = Infinity;
  private max = -Infinity;
  private changes = 0;
  private falls = 0;
  private decimals = 0;
  private last: number | undefined;
  private readonly distinct = new Set<number>();
  private readonly ends = new ValueEnds();
  /** Every `spacing`-th sample; when full, every second of them is let go and the spacing doubles. */
  private kept: number[] = [];
  private spacing = 1;

  /** What came last belongs to another recording. */
  startRecording(): void {
    this.last = undefined;
  }

  /** A finite value. */
  add(value: number): void {
    if (this.count % this.spacing === 0) {
      if (this.kept.length === KEPT_SAMPLES) {
        this.kept = this.kept.filter((_, index) => index % 2 === 0);
        this.spacing *= 2;
      }
      if (this.count % this.spacing === 0) this.kept.push(value);
    }
    this.count += 1;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (this.last !== undefined && value !== this.last) {
      this.changes += 1;
      if (value < this.last) this.falls += 1;
    }
    this.last = value;
    this.ends.add(value);
    if (this.distinct.size < MAX_DISTINCT) this.distinct.add(value);
    while (this.decimals < MAX_DECIMALS && !isWritten(value, this.decimals)) this.decimals += 1;
  }

  result(): ValueSurvey {
    const sorted = Float64Array.from(this.kept).sort();
    const quantile = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
    const { count, min, max, changes, falls, decimals } = this;
    return {
      count,
      min,
      max,
      quantiles: [quantile(0.01), quantile(0.5), quantile(0.99)],
      distinct: this.distinct.size,
      changes,
      falls,
      decimals,
      fillValues: this.ends.fillValues(),
    };
  }
}
