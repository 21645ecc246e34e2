/** Arrivals gain the frames and gaps of the sampling grid that they complete. */
import type { AssemblyPlan } from '../core/assembly-plan';
import type { Drop } from '../core/drop';
import {
  assembleFrames,
  flushFrames,
  initialAssembler,
  type Assembled,
  type AssembledFrame,
  type AssemblerState,
} from '../core/frame-assembler';
import { enrich } from './enrich';
import type { Arrival } from './ports';

export interface Framed {
  readonly assembled: readonly Assembled[];
  /** Frames among `assembled`. */
  readonly frames: number;
  readonly drops: readonly Drop[];
}

export const isFrame = (item: Assembled): item is AssembledFrame => item.kind === 'frame';

export const withFrames = (plan: AssemblyPlan, initial: AssemblerState = initialAssembler) =>
  enrich(
    initial,
    (before, arrival: Arrival) => {
      const assembled: Assembled[] = [];
      const drops: Drop[] = [...arrival.drops];
      let state = before;
      const take = (step: ReturnType<typeof assembleFrames>): void => {
        state = step.state;
        assembled.push(...step.items);
        drops.push(...step.drops);
      };
      for (const partial of arrival.frames) take(assembleFrames(plan, state, partial));
      if (arrival.isLast) take(flushFrames(plan, state));
      const added: Framed = { assembled, frames: assembled.filter(isFrame).length, drops };
      return { state, added };
    },
    (frames) => ({ frames }),
  );
