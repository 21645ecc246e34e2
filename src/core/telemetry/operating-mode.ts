/** The operating mode at a packet time: from telemetry when the mission says which parameter carries it, else as it was told. */
import type { Mission } from '../../domain/mission';
import type { ModeChange } from '../../domain/telemetry';
import { excerpt, type Drop } from './drop';
import { LATEST_TIME, parseTime, parseTimeText, timeReason } from './packet-time';

export interface ModeState {
  /** The mode that was told last for a time that has passed, and since when; undefined until then. */
  readonly current: ModeChange | undefined;
  /** Told for later times, ascending: on a replay a whole pass of them. */
  readonly ahead: readonly ModeChange[];
  /** Told for times before that of the current one: late, or of a time base that is not believed yet. */
  readonly late: readonly LateChange[];
}

interface LateChange extends ModeChange {
  /** Packet time that had been reached when it was told, milliseconds. */
  readonly toldAt: number;
}

export const initialMode: ModeState = { current: undefined, ahead: [], late: [] };

/** A modes file has some changes an orbit; a broker that repeats itself must not make us hold much. */
const MAX_AHEAD = 10_000;
/** Names of modes are short; anything longer is something else. */
const LONGEST_NAME = 100;
/** Between a step back of the clock and its recognition are some instants. */
const MAX_LATE = 100;

/**
 * Takes changes in whatever order they arrive. Of equal times the later arrival counts. A change before the current one is
 * history, unless a new time base begins with it.
 * @param reached packet time that has been reached, milliseconds.
 */
export const tellModes = (state: ModeState, changes: readonly ModeChange[], reached: number): ModeState => {
  if (changes.length === 0) return state;
  const since = state.current?.time ?? -Infinity;
  const news = changes.filter(({ time }) => time >= since);
  const late = changes.filter(({ time }) => time < since).map((change) => ({ ...change, toldAt: reached }));
  return {
    ...state,
    ahead: [...state.ahead, ...news].sort((a, b) => a.time - b.time).slice(-MAX_AHEAD),
    late: [...state.late, ...late].slice(-MAX_LATE),
  };
};

/** A time base that begins: the packet time that had been reached, its first one, and how far apart what belongs to it can be. */
export interface NewBase {
  readonly reached: number;
  readonly to: number;
  readonly withinMs: number;
}

/**
 * The mode on a new time base. If a change for about its beginning arrived before the base was confirmed, it applies. Otherwise
 * the mode stays. What was told for later times of the old one means nothing.
 */
export const rebaseMode = (state: ModeState, { reached, to, withinMs }: NewBase): ModeState => {
  const before = modeAt(state, reached).current;
  const told = state.late
    .filter(({ time, toldAt }) => toldAt >= reached - withinMs && Math.abs(time - to) <= withinMs)
    .map(({ time, mode }) => ({ time, mode }))
    .sort((a, b) => a.time - b.time);
  const begun = told.findLast(({ time }) => time <= to) ?? before;
  return { current: begun && { ...begun, time: to }, ahead: told.filter(({ time }) => time > to), late: [] };
};

/** The state at `time`, times ascending: a change applies from its own time on, whenever it arrived. */
export const modeAt = (state: ModeState, time: number): ModeState => {
  const passed = state.ahead.findLastIndex((change) => change.time <= time);
  return passed < 0 ? state : { ...state, current: state.ahead[passed], ahead: state.ahead.slice(passed + 1) };
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
