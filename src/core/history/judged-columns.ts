/**
 * What a scored window says of the instants that no window before it covered. It gives what the others imply of every parameter, how far
 * about that is normal, and the score. Windows overlap, but each instant is recorded once.
 */
import type { ScoredWindow } from '../../domain/scored-window';

export interface JudgedColumn {
  readonly time: number;
  /** What is expected of each parameter, and last the score. */
  readonly values: Float64Array;
  /** Half the width of the band of normal values, one a parameter; 0 where it is not known, and of the score. */
  readonly halfWidths: Float64Array;
}

/** A value within three standard deviations is no surprise. */
const BAND_SIGMAS = 3;
/** Smaller deviations say nothing of the standard deviation: both sides are rounding. */
const LEAST_DEVIATION = 1e-3;
/** Windows. */
const LOOK_EVERY = 32;

/** The nominal standard deviation of a row, from the cell that deviates most. */
const sigmaOf = ({ window, inference }: ScoredWindow, row: number, frames: number): number => {
  let most = LEAST_DEVIATION;
  let sigma = 0;
  for (let at = row * frames; at < (row + 1) * frames; at += 1) {
    const deviation = Math.abs(inference.deviation[at] ?? 0);
    if (!(deviation > most)) continue;
    const distance = Math.abs((window.values[at] ?? NaN) - (inference.expected[at] ?? NaN));
    if (!Number.isFinite(distance)) continue;
    most = deviation;
    sigma = distance / deviation;
  }
  return sigma;
};

export class JudgedColumns {
  private newest = -Infinity;
  /** A window may not deviate at all: then what is known of the one before holds. */
  private readonly halfWidths: Float64Array;
  private windows = 0;

  constructor(
    private readonly parameters: number,
    private readonly periodMs: number,
  ) {
    this.halfWidths = new Float64Array(parameters + 1);
  }

  take(scored: ScoredWindow): readonly JudgedColumn[] {
    const { window, inference } = scored;
    const frames = Math.round((window.end - window.start) / this.periodMs) + 1;
    // The spacecraft's clock went back: what it says is of another time base.
    const known = this.newest > window.end ? -Infinity : this.newest;
    this.newest = window.end;
    this.learnWidths(scored, frames);
    const columns: JudgedColumn[] = [];
    for (let column = 0; column < frames; column += 1) {
      const time = window.start + column * this.periodMs;
      if (time <= known) continue;
      const values = new Float64Array(this.parameters + 1);
      for (let row = 0; row < this.parameters; row += 1) values[row] = inference.expected[row * frames + column] ?? NaN;
      values[this.parameters] = inference.score;
      columns.push({ time, values, halfWidths: this.halfWidths });
    }
    return columns;
  }

  /** The standard deviations are the model's own and hardly change: another model may have been loaded. */
  private learnWidths(scored: ScoredWindow, frames: number): void {
    const isDue = this.windows % LOOK_EVERY === 0;
    this.windows += 1;
    for (let row = 0; row < this.parameters; row += 1) {
      if (!isDue && (this.halfWidths[row] ?? 0) > 0) continue;
      const sigma = sigmaOf(scored, row, frames);
      if (sigma > 0) this.halfWidths[row] = BAND_SIGMAS * sigma;
    }
  }
}
