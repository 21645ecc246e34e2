/** Holds the model that scores now, under one identity. What the judgement holds is the slot, so that a model can be swapped. */
import type { Scorer } from './ports';

export class ModelSlot implements Scorer {
  constructor(private current: Scorer) {}

  /** Puts another model in its place, only while nothing is under way. @returns the one before, which the caller closes. */
  swap(next: Scorer): Scorer {
    const before = this.current;
    this.current = next;
    return before;
  }

  get manifest(): Scorer['manifest'] {
    return this.current.manifest;
  }

  get smallestSet(): Scorer['smallestSet'] {
    return this.current.smallestSet;
  }

  score(...what: Parameters<Scorer['score']>): ReturnType<Scorer['score']> {
    return this.current.score(...what);
  }

  implied(...what: Parameters<Scorer['implied']>): ReturnType<Scorer['implied']> {
    return this.current.implied(...what);
  }

  close(): Promise<void> {
    return this.current.close();
  }
}
