/** The operating mode at a packet time: from telemetry when the mission says which parameter carries it, else as it was told. */
import type { Mission } from '../domain/mission';
import type { ModeChange } from '../domain/telemetry';

export interface ModeState {
  /** The mode that was told last for a time that has passed; undefined until then. */
  readonly mode: string | undefined;
  /** Told for later times, ascending: on a replay a whole pass of them. */
  readonly ahead: readonly ModeChange[];
}

export const initialMode: ModeState = { mode: undefined, ahead: [] };

/** A modes file has some changes an orbit; a broker that repeats itself must not make us hold much. */
const MAX_AHEAD = 10_000;

/** Takes changes in whatever order they arrive; of equal times the later arrival counts. */
export const tellModes = (state: ModeState, changes: readonly ModeChange[]): ModeState => {
  if (changes.length === 0) return state;
  const ahead = [...state.ahead, ...changes].sort((a, b) => a.time - b.time).slice(-MAX_AHEAD);
  return { ...state, ahead };
};

/** The state at `time`, times ascending: a change applies from its own time on, whenever it arrived. */
export const modeAt = (state: ModeState, time: number): ModeState => {
  const passed = state.ahead.findLastIndex((change) => change.time <= time);
  return passed < 0 ? state : { mode: state.ahead[passed]?.mode, ahead: state.ahead.slice(passed + 1) };
};

/** The mode that the mission's mode parameter stands for; undefined when it is stale, or no mode has its value. */
export const modeOfParameter = (mission: Mission, parameters: Readonly<Record<string, number>>): string | undefined => {
  const source = mission.modes?.parameter;
  if (source === undefined) return undefined;
  const value = parameters[source.id];
  return Object.keys(source.values).find((name) => source.values[name] === value);
};
