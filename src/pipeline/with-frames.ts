/** Arrivals gain the frames and gaps of the sampling grid that they complete. */
import { concatMap, type Observable } from 'rxjs';
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
import type { Sample } from '../core/telemetry/open-slot';
import { closeByClock } from '../core/telemetry/slot-clock';
import { enrich } from './enrich';
import type { Remembering } from './memory';
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
  readonly samples: readonly Sample[];
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
  readonly samples: Sample[];
}

type SplitArrival = Omit<Arrival, 'drops'> & {
  readonly bases: readonly Base[];
  readonly first: number;
  readonly drops: readonly Drop[];
};
export type FramedArrival = Omit<Arrival, keyof WithFrames> & WithFrames;

/** What is dealt with as one: frames of one time base, in packet-time order. Only the last part of an arrival acknowledges it. */
const partsOf = ({ bases, first, ...event }: SplitArrival): readonly FramedArrival[] =>
  bases.map(({ begins, assembled, samples }, index) => {
    const part = { ...event, base: first + index, assembled, samples, frames: assembled.filter(isFrame).length };
    const begun = begins === undefined ? part : { ...part, beginsBase: begins };
    // What is no telemetry came once, and before what it came with.
    const alone = index === 0 ? begun : { ...begun, drops: [], controls: [], modes: [], telecommands: [], reports: [] };
    const ends = bases[index + 1]?.begins;
    return ends === undefined ? alone : { ...alone, endsBase: ends, isLast: false, acknowledge: () => undefined };
  });

/** @param base how often the clock was set back before; the tally keeps it, whatever else changes. */
export const withFrames =
  (plan: AssemblyPlan, initial: AssemblerState = initialAssembler, base = 0) =>
  (arrivals$: Observable<Arrival>): Observable<FramedArrival> =>
    arrivals$.pipe(
      enrich(
        { frames: initial, base },
        (before, arrival: Arrival) => {
          const bases: Base[] = [{ assembled: [], samples: [] }];
          const drops: Drop[] = [...arrival.drops];
          let state = before.frames;
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
          const next = state === before.frames ? before : { frames: state, base: before.base + bases.length - 1 };
          return { state: next, added: { bases, first: before.base, drops } };
        },
        ({ frames }) => ({ frames }),
      ),
      concatMap(partsOf),
    );
