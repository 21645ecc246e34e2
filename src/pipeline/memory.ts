/**
 * What the judgement remembers after an arrival. It travels with the event, stage by stage. So the state that is committed with
 * an outcome is exactly the one that the outcome left. A stage may already be busy with the next arrival by then.
 */
import type { TrackerState } from '../core/anomaly/anomaly-tracker';
import type { AssemblerState } from '../core/telemetry/assembler-state';
import type { AbsenceState } from '../core/telemetry/absence';
import type { CheckState } from '../core/monitoring/limit-checks';
import type { ObserverState } from '../core/rules/observe';
import type { ResponseState } from '../core/response/response';
import type { ResumableResponse } from '../core/response/resume-response';
import type { SeenState } from '../core/telemetry/seen';
import type { RecentFrame } from '../core/anomaly/surroundings';
import type { Tally } from '../core/tally';
import type { WindowState } from '../core/telemetry/window-assembler';
import type { PacketBlock } from '../core/telemetry/packet-memory';
import type { TelecommandMemory } from '../core/telemetry/telecommands';

/** The anomalies, and packet time of the last window, milliseconds. Plain data. */
export interface AnomalyState {
  readonly tracker: TrackerState;
  readonly time: number;
}

/** Immutable parts; one that did not change is the same object as before, which is what makes a checkpoint cheap. */
export interface Memory {
  readonly seen: SeenState;
  /** Packets that came, in two parts: the newest, and those before. Absent without packets. */
  readonly packets?: PacketBlock;
  readonly olderPackets?: PacketBlock;
  readonly frames: AssemblerState;
  readonly telecommands?: TelecommandMemory;
  readonly checks: CheckState;
  readonly absence?: AbsenceState;
  /** Absent without a model. */
  readonly windows?: WindowState;
  /** What a record keeps of the time before it; absent without a model. */
  readonly recent?: readonly RecentFrame[];
  readonly anomalies?: AnomalyState;
  readonly observer: ObserverState;
  readonly response: ResponseState;
  readonly tally: Tally;
}

/** Parts as far as the event has come. */
export interface Remembering {
  readonly memory?: Partial<Memory> | undefined;
}

/** What earlier stages remember with an event; nothing before the first of them. */
export const memoryOf = ({ memory = {} }: Remembering): Partial<Memory> => memory;

/** What of it a restarted daemon goes on with; the supervisor and the alarms come from the ledger. */
export type ResumedMemory = Partial<Omit<Memory, 'response'>> & { readonly response?: ResumedResponse };
export type ResumedResponse = ResumableResponse;
