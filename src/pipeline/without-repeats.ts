/** Arrivals that were dealt with before are emptied and counted; they are still acknowledged. */
import { nothingSeen, see, type SeenState } from '../core/telemetry/seen';
import { enrich } from './enrich';
import type { Arrival } from './ports';

/** What an arrival brings. */
type Content = Pick<Arrival, 'frames' | 'controls' | 'modes' | 'telecommands' | 'reports' | 'drops'>;

const emptied = ({ frames, controls = [], modes = [], telecommands = [], reports = [] }: Arrival): Content => {
  const others = controls.length + modes.length + telecommands.length + reports.length;
  const count = Math.max(1, frames.length + others);
  const message = 'a message that the broker sent again had been dealt with';
  return {
    frames: [],
    controls: [],
    modes: [],
    telecommands: [],
    reports: [],
    drops: [{ reason: 'duplicate', message, count }],
  };
};

export const withoutRepeats = (initial: SeenState = nothingSeen) =>
  enrich(
    initial,
    (before, arrival: Arrival) => {
      const { mark, frames, controls = [], modes = [], telecommands = [], reports = [], drops } = arrival;
      const content: Content = { frames, controls, modes, telecommands, reports, drops };
      if (mark === undefined) return { state: before, added: content };
      const { state, isKnown } = see(before, mark);
      return { state, added: isKnown ? emptied(arrival) : content };
    },
    (seen) => ({ seen }),
  );
