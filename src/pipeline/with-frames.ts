/** Arrivals gain the frames and gaps of the sampling grid that they complete. */
import { concatMap, defer, type Observable } from 'rxjs';
import type { AssemblyPlan } from '../core/telemetry/assembly-plan';
import type { Drop } from '../core/telemetry/drop';
import {
  initialAssembler,
  type AssemblyItem,
  type AssembledFrame,
  type AssemblerState,
  type AssemblerStep,
} from '../core/telemetry/assembler-state';
import { assembleFrames, flushFrames } from '../core/telemetry/frame-assembler';
import type { ReceivedSample } from '../core/telemetry/open-slot';
import { closeByClock } from '../core/telemetry/slot-clock';
import { memoryOf, type Memory, type Remembering } from './memory';
import type { Arrival } from './ports';

/** The spacecraft's clock was set back: packet times, milliseconds, of the last frame before and the first after it. */
export interface TimeStep {
  readonly from: number;
  readonly to: number;
}

export interface WithFrames extends Remembering {
  readonly assembled: readonly AssemblyItem[];
  /** Frames among `assembled`. */
  readonly frames: number;
  readonly drops: readonly Drop[];
  /** Every value that arrived, to be checked against limits at once. */
  readonly samples: readonly ReceivedSample[];
  /** How often the spacecraft's clock was set back before these. */
  readonly base: number;
  /** These are the last frames of their time base. */
  readonly endsBase?: TimeStep | undefined;
  /** These are the first frames of theirs. */
  readonly beginsBase?: TimeStep | undefined;
}

export const isFrame = (item: AssemblyItem): item is AssembledFrame => item.kind === 'frame';

/** What one time base got of an arrival; the first one may have begun before it. */
interface Base {
  readonly begins?: TimeStep;
  readonly assembled: AssemblyItem[];
  readonly samples: ReceivedSample[];
}

export type FramedArrival = Omit<Arrival, keyof WithFrames> & WithFrames;

/** How the samples of an arrival lie on the time bases: `first` is the number of the first one. */
interface Split {
  readonly bases: readonly Base[];
  readonly first: number;
  readonly drops: readonly Drop[];
}

/** What is dealt with as one: frames of one time base, in packet-time order. Only the last part of an arrival acknowledges it. */
const partsOf = (arrival: Arrival, { bases, first, drops }: Split, memory: Partial<Memory>): readonly FramedArrival[] =>
  bases.map(({ begins, assembled, samples }, index) => {
    const frames = assembled.filter(isFrame).length;
    const part = { ...arrival, drops, base: first + index, assembled, samples, frames, memory };
    const begun = begins === undefined ? part : { ...part, beginsBase: begins };
    // What is no telemetry came once, and before what it came with.
    const alone = index === 0 ? begun : { ...begun, drops: [], controls: [], modes: [], telecommands: [], reports: [] };
    const ends = bases[index + 1]?.begins;
    return ends === undefined ? alone : { ...alone, endsBase: ends, isLast: false, acknowledge: () => undefined };
  });

/** The frames that an arrival completes, by time base, and the assembler after it. */
const split = (plan: AssemblyPlan, before: AssemblerState, arrival: Arrival) => {
  const bases: Base[] = [{ assembled: [], samples: [] }];
  const drops: Drop[] = [...arrival.drops];
  let state = before;
  const take = ({ state: next, items, drops: more, samples, stepBack }: AssemblerStep): void => {
    state = next;
    bases.at(-1)?.assembled.push(...items);
    bases.at(-1)?.samples.push(...samples);
    drops.push(...more);
    if (stepBack === undefined) return;
    const { from, to } = stepBack;
    bases.push({ begins: { from, to }, assembled: [...stepBack.items], samples: [...stepBack.samples] });
  };
  for (const partial of arrival.frames) take(assembleFrames(plan, state, partial, arrival.receivedAt));
  if (arrival.closing !== undefined && arrival.receivedAt !== undefined)
    take(closeByClock(plan, state, arrival.receivedAt, arrival.closing));
  if (arrival.isLast) take(flushFrames(plan, state));
  return { state, bases, drops };
};

/** @param base how often the clock was set back before; the tally keeps it, whatever else changes. */
export const withFrames =
  (plan: AssemblyPlan, initial: AssemblerState = initialAssembler, base = 0) =>
  (arrivals$: Observable<Arrival & Remembering>): Observable<FramedArrival> =>
    defer(() => {
      let before = initial;
      let first = base;
      return arrivals$.pipe(
        concatMap((arrival) => {
          const { state: frames, bases, drops } = split(plan, before, arrival);
          const parts = partsOf(arrival, { bases, first, drops }, { ...memoryOf(arrival), frames });
          before = frames;
          first += bases.length - 1;
          return parts;
        }),
      );
    });
