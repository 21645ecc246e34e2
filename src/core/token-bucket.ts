/** How often something may happen: so many at once, and so many a second after that. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export class TokenBucket {
  private tokens: number;
  private at: number | undefined;

  constructor(private readonly rate: Rate) {
    this.tokens = rate.burst;
  }

  /** Takes one. @param now milliseconds; a clock that jumps back gives nothing. @returns whether there was one. */
  take(now: number): boolean {
    const gained = Math.max(0, now - (this.at ?? now)) * (this.rate.perSecond / 1000);
    this.tokens = Math.min(this.rate.burst, this.tokens + gained);
    this.at = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
