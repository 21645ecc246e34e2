/**
 * The daemon's side of the port: says what changes, as long as the console keeps up. The daemon does not wait for a busy console.
 * Beyond a bound it tells nothing more until the console has caught up. The console then gets the newest state as a whole.
 * Nothing else ever waits here.
 */
import type { Pulse } from '../api/overview';
import { LiveState, type LiveChange } from '../port/live-state';
import type { TelemetryNews, ToConsole } from '../port/messages';

/** Messages under way; a console that works takes each within a millisecond. */
export const MAX_UNDER_WAY = 64;

export class Outbound {
  private readonly live = new LiveState();
  private post: ((message: ToConsole) => void) | undefined;
  private sequence = 0;
  private acknowledged = 0;
  private isBehind = false;
  private isPulseUnderWay = false;
  private isTelemetryUnderWay = false;
  /** How often changes were replaced by a snapshot. */
  coalesced = 0;

  constructor(initial: readonly LiveChange[]) {
    this.live.reset(initial);
  }

  /** A console is there, and knows nothing yet. */
  open(post: (message: ToConsole) => void): void {
    this.post = post;
    this.acknowledged = this.sequence;
    this.isBehind = false;
    this.isPulseUnderWay = false;
    this.isTelemetryUnderWay = false;
    this.sendSnapshot();
  }

  close(): void {
    this.post = undefined;
  }

  publish(changes: readonly LiveChange[]): void {
    if (changes.length === 0) return;
    for (const change of changes) this.live.take(change);
    if (this.post === undefined || this.isBehind) return;
    if (this.sequence - this.acknowledged >= MAX_UNDER_WAY) {
      this.isBehind = true;
      this.coalesced += 1;
      return;
    }
    this.sequence += 1;
    this.post({ kind: 'changes', sequence: this.sequence, changes });
  }

  /** The newest pulse only: one that is not taken yet is followed by none. */
  pulse(pulse: () => Pulse): void {
    if (this.post === undefined || this.isPulseUnderWay) return;
    this.isPulseUnderWay = true;
    this.post({ kind: 'pulse', pulse: pulse() });
  }

  pulseTaken(): void {
    this.isPulseUnderWay = false;
  }

  /** Telemetry that people see as it comes; while the last is not taken it waits in the history. */
  telemetry(news: () => TelemetryNews | undefined): void {
    if (this.post === undefined || this.isTelemetryUnderWay) return;
    const found = news();
    if (found === undefined) return;
    this.isTelemetryUnderWay = true;
    this.post({ kind: 'telemetry', news: found });
  }

  telemetryTaken(): void {
    this.isTelemetryUnderWay = false;
  }

  acknowledge(sequence: number): void {
    this.acknowledged = Math.max(this.acknowledged, sequence);
    if (!this.isBehind || this.acknowledged < this.sequence) return;
    this.isBehind = false;
    this.sendSnapshot();
  }

  private sendSnapshot(): void {
    const { coalesced } = this;
    this.sequence += 1;
    this.post?.({ kind: 'snapshot', sequence: this.sequence, changes: this.live.snapshot(), coalesced });
  }
}
