/** Telecommands around an anomaly: what the record keeps of them, and what the sentence says. They explain nothing by themselves. */
import type { Mission } from '../../domain/mission';
import type { Telecommand, TelecommandRecord } from '../../domain/telecommand';
import { isoTime } from '../../domain/units';
import { sentBetween, telecommandRecord, type TelecommandState } from '../telemetry/telecommands';

/** Operators look some minutes back; what came earlier is in the log. */
export const SHORTLY_BEFORE_MS = 5 * 60_000;
/** A record shows so many, the newest. */
const MAX_SHOWN = 50;

/** Telecommands from shortly before `start` (or from the first frame shown, if that is earlier) until `until`, oldest first. */
export const commandsAround = (
  state: TelecommandState,
  {
    start,
    shownFrom,
    until,
  }: { readonly start: number; readonly shownFrom: number | undefined; readonly until: number },
): readonly Telecommand[] =>
  sentBetween(state, Math.min(start - SHORTLY_BEFORE_MS, shownFrom ?? Infinity), until).slice(-MAX_SHOWN);

export const commandRecords = (commands: readonly Telecommand[]): readonly TelecommandRecord[] =>
  commands.map(telecommandRecord);

const spanText = (ms: number): string =>
  ms < 120_000 ? `${String(Math.round(ms / 1000))} s` : `${String(Math.round(ms / 60_000))} min`;

/** What is known of telecommands beside an anomaly. */
export interface NearCommands {
  /** Time that a window spans, milliseconds. */
  readonly windowMs: number;
  /** Anomalies may begin this much later than is told: windows end a stride apart. */
  readonly lateMs: number;
  /** Names of telecommands that are declared to concern the accused equipment. */
  readonly concerning: ReadonlySet<string>;
}

/** Names of telecommands whose declared effects, or whose flag, are parameters of the equipment. */
export const commandsOf = ({ parameters, effects = [] }: Mission, equipment: string): ReadonlySet<string> => {
  const own = parameters.filter((parameter) => parameter.equipment === equipment);
  const ids = new Set(own.map(({ id }) => id));
  return new Set([
    ...own.flatMap(({ command }) => (command === undefined ? [] : [command.name])),
    ...effects.flatMap((effect) => (effect.parameters.some((id) => ids.has(id)) ? [effect.command] : [])),
  ]);
};

const NOTHING_KNOWN: NearCommands = { windowMs: 0, lateMs: 0, concerning: new Set() };

/**
 * ", 40 s after SELECT_GAIN" for the last one before `start`. One sent between `start` and detection is told with its time: the first
 * window holds both. One that concerns the accused equipment comes before others of the same window. How many more came in the same
 * second is said. Empty when none came shortly before.
 */
export const commandPhrase = (
  commands: readonly Telecommand[],
  start: number,
  detectedAt: number,
  { windowMs, lateMs, concerning }: NearCommands = NOTHING_KNOWN,
): string => {
  const shortly = commands.filter(({ time }) => start - time <= SHORTLY_BEFORE_MS && time <= detectedAt);
  const until = Math.min(detectedAt, start + lateMs);
  const isOwn = ({ name }: Telecommand): boolean => concerning.has(name);
  const told =
    shortly.findLast((item) => isOwn(item) && item.time <= until && start - item.time <= windowMs) ??
    shortly.findLast(({ time }) => time <= until) ??
    shortly.find(isOwn) ??
    shortly[0];
  if (told === undefined) return '';
  const second = (time: number): number => Math.floor(time / 1000);
  const more = shortly.filter(({ time }) => second(time) === second(told.time)).length - 1;
  const name = more === 0 ? told.name : `${told.name} and ${String(more)} more`;
  return told.time <= start
    ? `, ${spanText(start - told.time)} after ${name}`
    : `, with ${name} sent at ${isoTime(told.time).slice(11)}`;
};

/** The sentence with the phrase before its judgement in brackets, or before its end when it has none. */
export const withPhrase = (sentence: string, phrase: string): string => {
  if (phrase === '') return sentence;
  const judgement = / \([^()]*\)\.$/.exec(sentence);
  const at = judgement?.index ?? sentence.replace(/\.$/, '').length;
  return `${sentence.slice(0, at)}${phrase}${sentence.slice(at)}`;
};

/** A telecommand of a record, for people: where it lies by the start of the anomaly, and what it says. */
export interface ShownCommand {
  readonly time: number;
  /** `SELECT_GAIN gain=2`. */
  readonly text: string;
  /** `40 s before the start`. */
  readonly place: string;
}

/** Telecommands of a record, oldest first. */
export const shownCommands = (
  commands: readonly TelecommandRecord[] | undefined,
  start: string,
): readonly ShownCommand[] =>
  (commands ?? []).map(({ time, name, arguments: given }) => {
    const after = Date.parse(time) - Date.parse(start);
    const words = Object.entries(given).map(([key, value]) => ` ${key}=${String(value)}`);
    const place =
      after === 0 ? 'at the start' : `${spanText(Math.abs(after))} ${after < 0 ? 'before' : 'after'} the start`;
    return { time: Date.parse(time), text: `${name}${words.join('')}`, place };
  });
