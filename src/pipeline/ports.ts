/** The outside world as the pipeline sees it. Adapters implement these; tests use in-memory ones. */
import type { Observable } from 'rxjs';
import type { Drop } from '../core/drop';
import type { Answer, Control } from '../core/respond';
import type { AlarmStep } from '../domain/alarm';
import type { PipelineEvent, RecoveryRequest } from '../domain/events';
import type { LedgerEntry } from '../domain/ledger';
import type { Manifest } from '../domain/manifest';
import type { Inference } from '../domain/scored-window';
import type { ModeChange, PartialFrame } from '../domain/telemetry';

/** What arrives together: one message of a broker, some lines of a file. */
export interface Arrival {
  readonly frames: readonly PartialFrame[];
  /** What of it could not be decoded. */
  readonly drops: readonly Drop[];
  /** Changes of the operating mode that arrived with it; each applies from its packet time on. */
  readonly modes?: readonly ModeChange[];
  /** Acknowledgements, orders of people, the clock: what comes from elsewhere than telemetry. */
  readonly controls?: readonly Control[];
  /** Wall clock, milliseconds; none of a recording. */
  readonly receivedAt?: number | undefined;
  /** No telemetry follows: the end of a recorded pass. */
  readonly isLast: boolean;
  /** Tells the source that this arrival is dealt with: written to the log, and handed on. Sources send the next one after it. */
  acknowledge(): void;
}

/** Where telemetry comes from. One arrival is under way at a time, which is what bounds memory. */
export interface TelemetrySource {
  readonly arrivals$: Observable<Arrival>;
}

/** Runs the model package. `windows` is [n, parameters, frames]; answers n inferences in order. Rejects when inference fails. */
export interface Scorer {
  readonly manifest: Manifest;
  score(windows: Float32Array, n: number): Promise<readonly Inference[]>;
  close(): Promise<void>;
}

/** The explanation log. One transaction a call: all of it is durable when it returns, or it throws and none of it is. */
export interface ExplanationLog {
  commit(events: readonly PipelineEvent[], ledger: readonly LedgerEntry[]): void;
}

/** Lets recovery requests out. A replay has none. */
export interface RecoveryGateway {
  send(request: RecoveryRequest): void;
}

/** Tells the world what was found; handing over is enough, delivery is the link's business. */
export interface Publisher {
  publish(event: PipelineEvent): void;
  /** A recovery that is recorded or waits, for people: never on the topic the spacecraft listens to. */
  advise(request: RecoveryRequest): void;
  publishAlarm(step: AlarmStep): void;
}

/** Answers people; a question is put to the log when everything it may be about is written. */
export interface AnswerDesk {
  answer(answer: Answer): void;
}

/** Parts whose failure leaves the daemon running with less. */
export type VitalPart = 'inference' | 'log';

/** What people are told about the running of the program. */
export interface Diagnostics {
  dropped(drops: readonly Drop[]): void;
  /** A part works, or does not; called on every attempt, cheap when nothing changed. */
  vital(part: VitalPart, ok: boolean, detail?: string): void;
}

export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** Emits every `periodMs`. */
  every(periodMs: number): Observable<number>;
}
