/** Telecommands around an anomaly: what the record keeps of them, and what the sentence says. They explain nothing by themselves. */
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

/**
 * ", 40 s after SELECT_GAIN" for the last one before `start`. One sent between `start` and detection is told with its time: the first
 * window holds both. Empty when none came shortly before.
 */
export const commandPhrase = (commands: readonly Telecommand[], start: number, detectedAt: number): string => {
  const within = commands.find(({ time }) => time > start && time <= detectedAt);
  const before = commands.findLast(({ time }) => time <= start && start - time <= SHORTLY_BEFORE_MS);
  if (before !== undefined) return `, ${spanText(start - before.time)} after ${before.name}`;
  return within === undefined ? '' : `, with ${within.name} sent at ${isoTime(within.time).slice(11)}`;
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
