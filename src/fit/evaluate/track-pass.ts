/** The tracker over one pass, as the daemon runs it: what it closed, and what it muted as a symptom. */
import {
  closeAll,
  loseTelemetry,
  initialTracker,
  trackWindow,
  type Anomaly,
  type TrackerState,
  type TrackerStep,
} from '../../core/anomaly/anomaly-tracker';
import { relateAnomalies, type Feeds } from '../../core/anomaly/cascade';
import type { Manifest } from '../../domain/manifest';
import type { ScoredWindow } from '../../domain/scored-window';

export class PassTracker {
  private state: TrackerState = initialTracker;
  private readonly closed: Anomaly[] = [];
  /** Anomalies that were muted as symptoms of another one. */
  symptoms = 0;

  constructor(
    private readonly manifest: Manifest,
    private readonly feeds: Feeds,
  ) {}

  take(scored: ScoredWindow): void {
    const step = trackWindow(this.manifest, this.manifest, this.state, scored);
    this.keep(relateAnomalies(this.manifest, this.feeds, step, scored.window.end));
  }

  lose(time: number): void {
    this.keep(loseTelemetry(this.state, time));
  }

  close(time: number): void {
    this.keep(closeAll(this.state, time, 'end-of-pass'));
  }

  /** As they stood when they were closed, by start. */
  get anomalies(): readonly Anomaly[] {
    return this.closed.toSorted((a, b) => a.start - b.start);
  }

  private keep({ state, revisions }: TrackerStep): void {
    this.state = state;
    for (const revision of revisions) {
      if (revision.state !== 'closed') continue;
      if (revision.anomaly.cascade?.role === 'symptom') this.symptoms += 1;
      else this.closed.push(revision.anomaly);
    }
  }
}
