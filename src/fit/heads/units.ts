/** Names of what evidence is counted against, and the commands that hold it back. */
import type { Mission } from '../../domain/mission';
import type { Window } from '../../domain/telemetry';
import { looseOf, type Layout } from '../layout';

/** Equipments, then scored parameters of none; without equipment each parameter on its own. */
export const unitNames = (layout: Layout, { parameters }: Mission): string[] => {
  const idOf = (parameter: number): string => parameters[parameter]?.id ?? '';
  if (layout.equipment.length === 0) return (layout.groups[0] ?? []).map(idOf);
  const loose = looseOf(layout);
  const named = loose.length > 0 ? layout.equipment.slice(0, -1) : layout.equipment;
  return [...named, ...loose.map(idOf)];
};

/** Commands and modes with the range that the nominal windows show; setpoints that are measured may go on beyond theirs. */
export const commandsOf = ({ conditions, frames }: Layout, { parameters }: Mission, windows: readonly Window[]) =>
  conditions
    .filter((parameter) => parameters[parameter]?.kind === 'event')
    .map((parameter) => {
      let [low, high] = [Infinity, -Infinity];
      for (const { values } of windows)
        for (let t = 0; t < frames; t += 1) {
          const value = values[parameter * frames + t] ?? NaN;
          if (value < low) low = value;
          if (value > high) high = value;
        }
      return { parameter, low, high };
    });
