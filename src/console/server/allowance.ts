/** How often one address may do something: a token bucket each, for a bounded number of addresses. */
export interface AllowanceLimits {
  readonly burst: number;
  readonly perSecond: number;
}

/** Addresses that are remembered; whoever has been quiet longest is forgotten first. */
const MAX_KEYS = 4096;

export class Allowance {
  private readonly buckets = new Map<string, { tokens: number; at: number }>();

  /** @param now monotonic milliseconds. */
  constructor(
    private readonly limits: AllowanceLimits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether something is left, without using it. */
  has(key: string): boolean {
    return this.level(key) >= 1;
  }

  /** Uses one. @returns whether there was one. */
  take(key: string): boolean {
    const tokens = this.level(key);
    const isThere = tokens >= 1;
    this.buckets.delete(key);
    this.buckets.set(key, { tokens: isThere ? tokens - 1 : tokens, at: this.now() });
    const oldest = this.buckets.size > MAX_KEYS ? this.buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.buckets.delete(oldest);
    return isThere;
  }

  private level(key: string): number {
    const bucket = this.buckets.get(key);
    if (bucket === undefined) return this.limits.burst;
    const gained = ((this.now() - bucket.at) / 1000) * this.limits.perSecond;
    return Math.min(this.limits.burst, bucket.tokens + gained);
  }
}
