/**
 * A second model beside the live one: it sees the windows the live one scored, and nothing ever waits for it. It has one window
 * at a time. Those that come meanwhile are counted and not kept, so that a slow shadow costs a count and no memory.
 */
import { describeError } from '../domain/errors';
import { compareOpinions, emptyReport, opinionOf } from '../core/anomaly/shadow';
import type { Manifest } from '../domain/manifest';
import type { Inference } from '../domain/scored-window';
import type { ShadowReport } from '../domain/shadow';
import type { Scorer } from './ports';

/** Where the shadow model runs. Rejects when it fails. */
export type ShadowScorer = Pick<Scorer, 'manifest' | 'score' | 'close'>;

/** After a failure this many windows are left out, twice as many after each further one in a row. */
const FIRST_PAUSE_WINDOWS = 8;
const LONGEST_PAUSE_WINDOWS = 4096;

export class Shadow {
  private current: ShadowReport;
  private isBusy = false;
  private pause = 0;
  private toLeaveOut = 0;

  constructor(
    private readonly scorer: ShadowScorer,
    private readonly live: () => Manifest,
    /** The live model it will be compared with. */
    comparedWith: Manifest,
  ) {
    this.current = emptyReport(comparedWith, scorer.manifest);
  }

  get report(): ShadowReport {
    return this.current;
  }

  /**
   * Takes a window that the live model has scored. Never throws, never waits.
   * @param time packet time of its end, milliseconds.
   */
  see(time: number, values: Float32Array, inference: Inference): void {
    if (this.isBusy || this.toLeaveOut > 0) {
      this.toLeaveOut = Math.max(0, this.toLeaveOut - 1);
      this.current = { ...this.current, skipped: this.current.skipped + 1 };
      return;
    }
    this.isBusy = true;
    const manifest = this.live();
    void this.judge(time, values, inference, manifest).finally(() => {
      this.isBusy = false;
    });
  }

  close(): Promise<void> {
    return this.scorer.close();
  }

  private async judge(time: number, values: Float32Array, inference: Inference, manifest: Manifest): Promise<void> {
    try {
      const [found] = await this.scorer.score(values, 1);
      if (found === undefined) throw new Error('the model gave nothing');
      const shadow = opinionOf(this.scorer.manifest, found);
      this.current = compareOpinions(this.current, time, opinionOf(manifest, inference), shadow);
      this.pause = 0;
    } catch (error) {
      const trouble = describeError(error);
      this.current = { ...this.current, failed: this.current.failed + 1, trouble };
      this.pause = Math.min(LONGEST_PAUSE_WINDOWS, this.pause === 0 ? FIRST_PAUSE_WINDOWS : this.pause * 2);
      this.toLeaveOut = this.pause;
    }
  }
}
