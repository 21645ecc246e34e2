/** The log of a fleet, whatever keeps it: what is committed for several spacecraft at once, and what waits for the broker. */
import type { PipelineEvent } from '../../domain/events';
import type { DaemonEvent } from '../../domain/daemon-event';
import type { LedgerEntry, StoredState } from '../../domain/ledger';
import type { OperatorRequest, Reply } from '../../domain/requests';
import type { Memory } from '../../pipeline/memory';
import type { CheckpointSubject, RestoredCheckpoint } from './checkpoint';

/** Something on its way to the broker; forgotten when the broker has it. */
export interface Outgoing {
  /** Rises within one log; says in which order they leave. */
  readonly sequence: number;
  readonly topic: string;
  readonly payload: string;
  /** Of a recovery request. */
  readonly request?: {
    readonly id: string;
    /** Wall clock at which it expires, milliseconds. */
    readonly until: number;
  };
}

/** Name of the number of the last request of a spacecraft, among what the log keeps. */
export const REQUEST_NUMBER = 'request-seq';

/** What one spacecraft adds to a transaction. */
export interface FleetCommit {
  readonly spacecraft: string;
  readonly events: readonly PipelineEvent[];
  readonly ledger: readonly LedgerEntry[];
  readonly memory: Partial<Memory> | undefined;
  readonly outgoing: readonly Outgoing[];
}

/** What the last owner of a spacecraft left. */
export interface RestoredSpacecraft extends RestoredCheckpoint {
  readonly kept: StoredState;
}

export type Subjects = ReadonlyMap<string, CheckpointSubject>;
/** By spacecraft. */
export type RestoredFleet = ReadonlyMap<string, RestoredSpacecraft>;

/** Another worker has the partition: nothing was written, and nothing may be acted upon. */
export class LeaseLost extends Error {}

export interface FleetLog {
  /** Higher than that of every owner before. */
  readonly epoch: number;
  /** @param subjects by spacecraft. @returns what there is of each; nothing is written of one that was not restored. */
  restore(subjects: Subjects): RestoredFleet | Promise<RestoredFleet>;
  /** What the last owner committed, and the broker may not have. In order. */
  waiting(): readonly Outgoing[] | Promise<readonly Outgoing[]>;
  /**
   * One transaction: all of it is durable when it returns, or none of it is. @param settled what the broker has by now.
   * @throws LeaseLost when another worker has the partition.
   */
  commit(batch: readonly FleetCommit[], settled: readonly Outgoing[]): void | Promise<void>;
  /** What happened to the daemon itself; wall clock, milliseconds. */
  note(time: number, event: DaemonEvent): void | Promise<void>;
  /** Answers a question about one spacecraft. */
  query(spacecraft: string, request: OperatorRequest): Reply | Promise<Reply>;
  close(): void | Promise<void>;
}

export interface FleetLogOptions {
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Signs the chain. */
  readonly chainKey: Uint8Array | undefined;
}
