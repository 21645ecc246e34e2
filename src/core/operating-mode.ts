/** The operating mode at a packet time: from telemetry when the mission says which parameter carries it, else as it was told. */
import type { Mission } from '../domain/mission';
import type { ModeChange } from '../domain/telemetry';
import { excerpt, type Drop } from './drop';
import { LATEST_TIME, parseTime, parseTimeText, timeReason } from './packet-time';

export interface ModeState {
  /** The mode that was told last for a time that has passed, and since when; undefined until then. */
  readonly current: ModeChange | undefined;
  /** Told for later times, ascending: on a replay a whole pass of them. */
  readonly ahead: readonly ModeChange[];
}

export const initialMode: ModeState = { current: undefined, ahead: [] };

/** A modes file has some changes an orbit; a broker that repeats itself must not make us hold much. */
const MAX_AHEAD = 10_000;
/** Names of modes are short; anything longer is something else. */
const LONGEST_NAME = 100;

/** Takes changes in whatever order they arrive; of equal times the later arrival counts, and one before the current is history. */
export const tellModes = (state: ModeState, changes: readonly ModeChange[]): ModeState => {
  const since = state.current?.time ?? -Infinity;
  const news = changes.filter(({ time }) => time >= since);
  if (news.length === 0) return state;
  return { ...state, ahead: [...state.ahead, ...news].sort((a, b) => a.time - b.time).slice(-MAX_AHEAD) };
};

/** The same mode on a time base that begins at `time`; what was told for later times of the old one means nothing. */
export const rebaseMode = ({ current }: ModeState, time: number): ModeState => ({
  current: current && { ...current, time },
  ahead: [],
});

/** The state at `time`, times ascending: a change applies from its own time on, whenever it arrived. */
export const modeAt = (state: ModeState, time: number): ModeState => {
  const passed = state.ahead.findLastIndex((change) => change.time <= time);
  return passed < 0 ? state : { current: state.ahead[passed], ahead: state.ahead.slice(passed + 1) };
};

/** The mode that the mission's mode parameter stands for; undefined when it is stale, or no mode has its value. */
export const modeOfParameter = (mission: Mission, parameters: Readonly<Record<string, number>>): string | undefined => {
  const source = mission.modes?.parameter;
  if (source === undefined) return undefined;
  const value = parameters[source.id];
  return Object.keys(source.values).find((name) => source.values[name] === value);
};

/** Topic `mode`: `{ "time", "mode" }`. @param latest latest believable time, milliseconds. */
export const decodeMode = (payload: Uint8Array, latest: number): ModeChange | Drop => {
  const text = new TextDecoder().decode(payload.subarray(0, 4096));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { reason: 'malformed', message: `mode is not JSON: ${excerpt(text)}` };
  }
  const { time: at, mode } = (typeof value === 'object' && value !== null ? value : {}) as {
    time?: unknown;
    mode?: unknown;
  };
  const time = parseTime(at);
  if (time === undefined || typeof mode !== 'string' || mode === '' || mode.length > LONGEST_NAME) {
    return { reason: 'malformed', message: `not a mode {"time", "mode"}: ${excerpt(text)}` };
  }
  const reason = timeReason(time, latest);
  return reason === undefined
    ? { time, mode }
    : { reason, message: `the mode's time ${excerpt(text)} is in the ${reason}` };
};

/** A modes file, CSV `time,mode`: each mode from its time on. */
export const decodeModes = (text: string) => {
  const modes: ModeChange[] = [];
  const problems: { line: number; message: string }[] = [];
  const [header = '', ...lines] = text.replace(/^\ufeff/, '').split(/\r?\n/);
  if (header.replaceAll(' ', '').toLowerCase() !== 'time,mode')
    problems.push({ line: 1, message: 'the header is not time,mode' });
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const [at = '', mode = '', ...rest] = line.split(',').map((cell) => cell.trim());
    const time = parseTimeText(at);
    if (
      time === undefined ||
      timeReason(time, LATEST_TIME) !== undefined ||
      mode === '' ||
      mode.length > LONGEST_NAME ||
      rest.length > 0
    ) {
      problems.push({ line: index + 2, message: `not a time and a mode: ${excerpt(line)}` });
    } else modes.push({ time, mode });
  });
  return { modes, problems };
};
