/** What the assembler of frames remembers, and what one step of it brings about. Plain data. */
import type { Frame, PartialFrame } from '../../domain/telemetry';
import type { Drop } from './drop';
import type { OpenSlot, ReceivedSample } from './open-slot';
import { initialPhase, type PhaseState } from './sampling-phase';
import type { Behind } from './step-back';

export interface AssembledFrame {
  readonly kind: 'frame';
  readonly slot: number;
  readonly frame: Frame;
  /** What arrived for this slot as it arrived, invalid values too; NaN where nothing did. In mission order. */
  readonly received: Float64Array;
  /** Rows, ascending, whose value a declared effect of a telecommand explains: it counts as not measured. Left out: none. */
  readonly excused?: readonly number[] | undefined;
}

/** Slots skipped because nothing at all arrived for longer than anything may be held. */
export interface Gap {
  readonly kind: 'gap';
  /** First and last skipped slot. */
  readonly first: number;
  readonly last: number;
  /** When telemetry counted as lost: packet time, milliseconds. */
  readonly lostAt: number;
}

export type AssemblyItem = AssembledFrame | Gap;

export interface AssemblerState {
  /** The next slot to close; undefined before the first sample. */
  readonly next: number | undefined;
  /** The newest slot that received anything. */
  readonly newest: number;
  /** Slots from `next` on that received something; at most `lateness` + 1 of them outlive a step. */
  readonly open: ReadonlyMap<number, OpenSlot>;
  /** Last valid value of each parameter and its packet time. */
  readonly held: Float64Array;
  readonly heldAt: Float64Array;
  /** Packet time of the last value that was taken into a slot, by row; absent before the first, and after an older checkpoint. */
  readonly takenAt?: Float64Array | undefined;
  /** A frame so far ahead that a second one must confirm it, lest one wrong clock make all that follows late. */
  readonly suspect: PartialFrame | undefined;
  /** What arrived so far behind that the clock may have been set back. */
  readonly behind: readonly Behind[];
  /** Where in the period samples come. */
  readonly phase: PhaseState;
  /** Wall clock when the newest slot, or the suspect, began to arrive, milliseconds; undefined on a recording and after a restart. */
  readonly heardAt?: number | undefined;
}

/** The spacecraft's clock was set back: a new time base begins, and nothing of the old one is in what follows. */
export interface StepBack {
  /** Packet time of the newest slot of the old base, and of the first of the new one, milliseconds. */
  readonly from: number;
  readonly to: number;
  /** What the new base begins with; the `items` of the step are the last of the old one. */
  readonly items: readonly AssemblyItem[];
  readonly samples: readonly ReceivedSample[];
}

export interface AssemblerStep {
  readonly state: AssemblerState;
  readonly items: readonly AssemblyItem[];
  readonly drops: readonly Drop[];
  /** What arrived, to be checked against limits at once. */
  readonly samples: readonly ReceivedSample[];
  readonly stepBack?: StepBack;
}

export const initialAssembler: AssemblerState = {
  next: undefined,
  newest: -Infinity,
  open: new Map(),
  held: new Float64Array(0),
  heldAt: new Float64Array(0),
  suspect: undefined,
  behind: [],
  phase: initialPhase,
};
