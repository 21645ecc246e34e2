/** Which telecommands were sent by a packet time. A pure reducer; a telecommand counts from its own time on, whenever it arrived. */
import type { Telecommand, TelecommandRecord } from '../../domain/telecommand';
import { isoTime } from '../../domain/units';

export interface TelecommandState {
  /** Packet time of the last one of each name, milliseconds. */
  readonly last: Readonly<Record<string, number>>;
  /** The newest that were sent by then, ascending: what anomalies and effects are told of. */
  readonly recent: readonly Telecommand[];
  /** Told for later times, ascending. */
  readonly ahead: readonly Telecommand[];
}

/** What the checkpoint keeps: the telecommands, and the packet time that was reached with them. */
export interface TelecommandMemory {
  readonly state: TelecommandState;
  readonly reached: number;
}

export const initialTelecommands: TelecommandState = { last: {}, recent: [], ahead: [] };

/** More than an operator sends in the time that a record shows. */
const MAX_RECENT = 500;
/** A plan uploaded for some days, or all telecommands of a recording that is fitted. */
const MAX_AHEAD = 100_000;
/** Names come from outside: a sender that makes them up must not fill memory. The longest unused one is forgotten first. */
const MAX_NAMES = 5000;

const byTime = (a: Telecommand, b: Telecommand): number => a.time - b.time;

const forgetOldest = (last: Readonly<Record<string, number>>): Readonly<Record<string, number>> => {
  const entries = Object.entries(last);
  if (entries.length <= MAX_NAMES) return last;
  return Object.fromEntries(entries.sort(([, a], [, b]) => a - b).slice(-MAX_NAMES));
};

const pass = (state: TelecommandState, sent: readonly Telecommand[]): TelecommandState => {
  if (sent.length === 0) return state;
  const last = { ...state.last };
  for (const { name, time } of sent) last[name] = Math.max(time, last[name] ?? -Infinity);
  return { ...state, last: forgetOldest(last), recent: [...state.recent, ...sent].sort(byTime).slice(-MAX_RECENT) };
};

/** Takes telecommands in whatever order they arrive. @param reached packet time that has been reached, milliseconds. */
export const tellTelecommands = (
  state: TelecommandState,
  told: readonly Telecommand[],
  reached: number,
): TelecommandState => {
  if (told.length === 0) return state;
  const later = told.filter(({ time }) => time > reached);
  const ahead = later.length === 0 ? state.ahead : [...state.ahead, ...later].sort(byTime).slice(-MAX_AHEAD);
  return {
    ...pass(
      state,
      told.filter(({ time }) => time <= reached),
    ),
    ahead,
  };
};

/** The state at `time`, times ascending. */
export const telecommandsAt = (state: TelecommandState, time: number): TelecommandState => {
  const [first] = state.ahead;
  if (first === undefined || first.time > time) return state;
  const count = state.ahead.findIndex((item) => item.time > time);
  const passed = count < 0 ? state.ahead.length : count;
  return pass({ ...state, ahead: state.ahead.slice(passed) }, state.ahead.slice(0, passed));
};

/** A new time base begins at `to`: what was sent before has no age on it, what is told for later times stands. */
export const rebaseTelecommands = (state: TelecommandState, to: number): TelecommandState => ({
  ...initialTelecommands,
  ahead: state.ahead.filter(({ time }) => time >= to),
});

/** Those sent from `from` to `until`, both included, oldest first. */
export const sentBetween = ({ recent, ahead }: TelecommandState, from: number, until: number): readonly Telecommand[] =>
  [...recent, ...ahead].filter(({ time }) => from <= time && time <= until);

export const telecommandRecord = ({ time, ...rest }: Telecommand): TelecommandRecord => ({
  time: isoTime(time),
  ...rest,
});
