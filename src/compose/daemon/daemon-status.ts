/** Where the running daemon is: its state, its counts and its packet time, in one place that every part reads. */
import { emptyTally, type Tally } from '../../core/tally';
import type { ResumedMemory } from '../../pipeline/memory';
import type { DaemonState } from '../../pipeline/vitals';

export class DaemonStatus {
  /** As it is told on the topic `state`. */
  state: DaemonState = 'offline';
  /** Counted since the first start; a restart resumes it. */
  tally: Tally = emptyTally;
  /** Of the newest frame, packet time in milliseconds; undefined before the first. */
  packetTime: number | undefined;
  /** When the flow last dealt with something, or was last known to wait for a reason: wall clock, milliseconds. */
  lastProgressAt: number;

  /** @param startedAt wall clock, milliseconds. */
  constructor(readonly startedAt: number) {
    this.lastProgressAt = startedAt;
  }

  /** Goes on where the last run was. */
  resume({ tally, observer }: ResumedMemory): void {
    this.tally = tally ?? emptyTally;
    this.packetTime = observer?.situation.time;
  }
}
