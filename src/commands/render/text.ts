/** Words, lines and numbers for people. */
import type { Mission } from '../../domain/mission';
import { equipmentTitle } from '../../domain/mission';

/** Words; a number and its percent sign are one. */
const WORDS = /\d+ %\S*|\S+/g;

/** Lines of at most `width` characters, broken between words; a longer word gets a line of its own. */
export const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const [word] of text.matchAll(WORDS)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
};

/** The first sentence of a paragraph. */
export const firstSentence = (text: string): string => /^.*?[.!?](?=\s+[A-Z]|\s*$)/s.exec(text)?.[0] ?? text;

export const percent = (share: number): string => `${String(Math.round(share * 100))} %`;

/** "24 min 12 s", "1 h 5 min": the two largest units of milliseconds. */
export const duration = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const parts =
    hours > 0 ? [`${String(hours)} h`, `${String(minutes)} min`] : [`${String(minutes)} min`, `${String(rest)} s`];
  const told = parts.filter((part) => !part.startsWith('0 '));
  return told.length === 0 ? '0 s' : told.join(' ');
};

/** The time of day of an ISO time: "04:12:08". */
export const timeOfDay = (iso: string): string => iso.slice(11, 19);

/** "a", "a and b", "a, b and c". */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;

/** A class of a peephole or verdict in the mission's words: a fault's title, an equipment's, or the name itself. */
export const classTitle = (mission: Mission, name: string): string =>
  mission.faults?.find(({ id }) => id === name)?.title ??
  (mission.parameters.some(({ equipment }) => equipment === name) ? equipmentTitle(mission, name) : name);

/** "rw2 motor current": short, and never ambiguous among equal units. */
export const shortParameter = (mission: Mission, id: string): string => {
  const parameter = mission.parameters.find((item) => item.id === id);
  if (parameter?.title === undefined) return id;
  return parameter.equipment === undefined ? parameter.title : `${parameter.equipment} ${parameter.title}`;
};

export const unitsOf = (mission: Mission, id: string): string => {
  const units = mission.parameters.find((item) => item.id === id)?.units;
  return units === undefined ? '' : ` ${units}`;
};
