/** The outside world as the pipeline sees it. Adapters implement these; tests use in-memory ones. */
import type { Observable } from 'rxjs';
import type { Drop } from '../core/telemetry/drop';
import type { Answer, Control } from '../core/response/response';
import type { PacketMark } from '../core/telemetry/packet-memory';
import type { Mark } from '../core/telemetry/seen';
import type { Closing } from '../core/telemetry/slot-clock';
import type { AlarmStep } from '../domain/alarm';
import type { PipelineEvent, RecoveryRequest } from '../domain/events';
import type { LedgerEntry } from '../domain/ledger';
import type { Manifest } from '../domain/manifest';
import type { Inference } from '../domain/scored-window';
import type { Notices } from '../domain/notification';
import type { OnboardEvent } from '../domain/onboard-event';
import type { Telecommand } from '../domain/telecommand';
import type { ModeChange, PartialFrame } from '../domain/telemetry';
import type { Memory, Remembering } from './memory';

/** What arrives together: one message of a broker, some lines of a file. */
export interface Arrival extends Remembering {
  readonly frames: readonly PartialFrame[];
  /** What of it could not be decoded. */
  readonly drops: readonly Drop[];
  /** Changes of the operating mode that arrived with it; each applies from its packet time on. */
  readonly modes?: readonly ModeChange[];
  /** Telecommands that were sent; each counts from its packet time on. */
  readonly telecommands?: readonly Telecommand[];
  /** What the spacecraft itself reported (PUS services 5, 12 and 19). */
  readonly reports?: readonly OnboardEvent[];
  /** Packets that it brought and that had not come before. */
  readonly packets?: readonly PacketMark[];
  /** The clock closes slots that are over, or the program stops and closes all of them. */
  readonly closing?: Closing | undefined;
  /** Acknowledgements, orders of people, the clock: what comes from elsewhere than telemetry. */
  readonly controls?: readonly Control[];
  /** Nobody keeps it for us: when there is no room it is lost, and counted. */
  readonly isLossy?: boolean | undefined;
  /** By what it is recognised when the source sends it again; a source that never does gives none. */
  readonly mark?: Mark | undefined;
  /** Wall clock, milliseconds; none of a recording. */
  readonly receivedAt?: number | undefined;
  /** No telemetry follows: the end of a recorded pass. */
  readonly isLast: boolean;
  /** Tells the source that this arrival is dealt with: written to the log, and handed on. Sources send the next one after it. */
  acknowledge(): void;
}

/** Where telemetry comes from. So many arrivals are under way at a time as the source allows, which is what bounds memory. */
export interface TelemetrySource {
  readonly arrivals$: Observable<Arrival>;
}

export interface ImpliedWindow {
  /** [parameters * frames], as in an inference. */
  readonly expected: Float32Array;
  /** The score is no less than this; undefined when that is not known. */
  readonly leastScore?: number | undefined;
}

/** Runs the model package. `windows` is [n, parameters, frames]; answers n inferences in order. Rejects when inference fails. */
export interface Scorer {
  readonly manifest: Manifest;
  score(windows: Float32Array, n: number): Promise<readonly Inference[]>;
  /** What of `score` follows from the linear model alone; may cost far less. */
  implied(windows: Float32Array, n: number): Promise<readonly ImpliedWindow[]>;
  /** `smallestSet` of with-sufficient.ts where the model is; left out: it is looked for with the others. */
  readonly smallestSet?:
    ((values: Float32Array, expected: Float32Array, rows: readonly number[]) => Promise<readonly number[]>) | undefined;
  close(): Promise<void>;
}

/** Something the world is told: a topic and what is said on it. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
}

/** What is committed along with events. */
export interface Keeping {
  /** To be handed on afterwards, in order, by this process or the next. */
  readonly publications: readonly Publication[];
  /** What the receivers of `notify:` are to hear; left out: nothing, or there are none. */
  readonly notices?: Notices | undefined;
  /** What a restarted daemon goes on with. */
  readonly memory: Partial<Memory> | undefined;
}

/** The explanation log. One transaction a call: all of it is durable when it returns, or it throws and none of it is. */
export interface ExplanationLog {
  commit(events: readonly PipelineEvent[], ledger: readonly LedgerEntry[], keeping?: Keeping): void;
}

/** Lets recovery requests out. A replay has none. */
export interface RecoveryGateway {
  /** @param decidedAt wall clock, milliseconds: what waited long for its record has expired by now. Default: now. */
  request(request: RecoveryRequest, decidedAt?: number): void;
}

/** What of an outcome the world is told. */
export interface PublishableOutcome {
  readonly events: readonly PipelineEvent[];
  readonly alarms: readonly AlarmStep[];
}

/** Tells the world what was found; delivery is the link's business. */
export interface Publisher {
  /** What is to be said, in order; it is committed with what it is about. Requests that leave are not among it. */
  publicationsOf(outcome: PublishableOutcome): readonly Publication[];
  /** Something was committed: what waits is handed on. */
  publishWaiting(): void;
}

/** Answers people; a question is put to the log when everything it may be about is written. */
export interface RequestAnswerer {
  answer(answer: Answer): void;
}

/** Parts whose failure leaves the daemon running with less. */
export type VitalPart = 'inference' | 'log' | 'telemetry' | 'delivery' | 'notify' | 'coverage';

/** What people are told about the running of the program. */
export interface Diagnostics {
  dropped(drops: readonly Drop[]): void;
  /** A part works, or does not; called on every attempt, cheap when nothing changed. */
  vital(part: VitalPart, ok: boolean, detail?: string): void;
}

export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** How far the wall clock was set since the start, milliseconds; left out: never. */
  stepMs?(): number;
  /** Emits every `periodMs`. */
  every(periodMs: number): Observable<number>;
}
