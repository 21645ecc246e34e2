/** The one token bucket: how often something may happen, so many at once and so many a second after that. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** What is left, and when it was counted, milliseconds. */
export interface Tokens {
  readonly tokens: number;
  readonly at: number;
}

/** What is left at `now`. A clock that jumps back gives nothing. */
export const refill = ({ burst, perSecond }: Rate, { tokens, at }: Tokens, now: number): number =>
  Math.min(burst, tokens + (Math.max(0, now - at) * perSecond) / 1000);

export class TokenBucket {
  private state: Tokens | undefined;

  constructor(private readonly rate: Rate) {}

  /** What is left at `now`, milliseconds. */
  level(now: number): number {
    return this.state === undefined ? this.rate.burst : refill(this.rate, this.state, now);
  }

  /** Takes one. @param now milliseconds. @returns whether there was one. */
  take(now: number): boolean {
    const tokens = this.level(now);
    const isThere = tokens >= 1;
    this.state = { tokens: isThere ? tokens - 1 : tokens, at: now };
    return isThere;
  }
}
