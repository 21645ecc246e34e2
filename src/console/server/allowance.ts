/** How often one address may do something: a token bucket each, for a bounded number of addresses. */
import { TokenBucket, type Rate } from '../../core/token-bucket';

export type AllowanceLimits = Rate;

/** Addresses that are remembered; whoever has been quiet longest is forgotten first. */
const MAX_KEYS = 4096;

export class Allowance {
  private readonly buckets = new Map<string, TokenBucket>();

  /** @param now monotonic milliseconds. */
  constructor(
    private readonly limits: AllowanceLimits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether something is left, without using it. */
  has(key: string): boolean {
    return (this.buckets.get(key)?.level(this.now()) ?? this.limits.burst) >= 1;
  }

  /** Uses one. @returns whether there was one. */
  take(key: string): boolean {
    const bucket = this.buckets.get(key) ?? new TokenBucket(this.limits);
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    const oldest = this.buckets.size > MAX_KEYS ? this.buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.buckets.delete(oldest);
    return bucket.take(this.now());
  }
}
