/** Reads telecommands that were sent: a message of the topic `command`, or a commands file (CONTRACTS section 9). */
import { telecommandMessageSchema, type Telecommand } from '../../domain/telecommand';
import { excerpt, shown, type Drop } from './drop';
import { LATEST_TIME, parseTime, timeReason } from './packet-time';

/** A telecommand has a name and some arguments; a message of more is no list of telecommands. */
export const MAX_TELECOMMAND_BYTES = 256 * 1024;
type Item = { readonly telecommand: Telecommand } | { readonly drop: Drop };

const malformed = (message: string): Item => ({ drop: { reason: 'malformed', message } });

const readItem = (value: unknown, latest: number): Item => {
  const read = telecommandMessageSchema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : ` ("${issue.path.map(String).join('.')}")`;
    return malformed(`not a telecommand {"time", "name", "arguments"}${where}: ${shown(value)}`);
  }
  const time = parseTime(read.data.time);
  if (time === undefined) return malformed(`not a time of a telecommand: ${shown(read.data.time)}`);
  const reason = timeReason(time, latest);
  if (reason !== undefined)
    return { drop: { reason, message: `telecommand ${excerpt(read.data.name)} is in the ${reason}` } };
  return { telecommand: { time, name: read.data.name, arguments: read.data.arguments } };
};

/** Telecommands in JSON begin with a brace or bracket, perhaps behind white space; a packet of version 0 begins with neither. */
export const isTelecommandJson = (payload: Uint8Array): boolean => {
  const first = payload.find((byte) => ![0x20, 0x09, 0x0a, 0x0d].includes(byte));
  return first === 0x7b || first === 0x5b;
};

export interface DecodedTelecommands {
  readonly telecommands: readonly Telecommand[];
  readonly drops: readonly Drop[];
}

/** Topic `command`: one object or an array. @param latest latest believable time, milliseconds. */
export const decodeTelecommands = (payload: Uint8Array, latest: number): DecodedTelecommands => {
  const refused = (drop: Drop): DecodedTelecommands => ({ telecommands: [], drops: [drop] });
  if (payload.byteLength > MAX_TELECOMMAND_BYTES)
    return refused({ reason: 'oversized', message: `telecommands of ${String(payload.byteLength)} bytes` });
  const text = new TextDecoder().decode(payload);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused({ reason: 'malformed', message: `telecommand is not JSON: ${excerpt(text)}` });
  }
  const items = (Array.isArray(value) ? (value as unknown[]) : [value]).map((item) => readItem(item, latest));
  return {
    telecommands: items.flatMap((item) => ('telecommand' in item ? [item.telecommand] : [])),
    drops: items.flatMap((item) => ('drop' in item ? [item.drop] : [])),
  };
};

/** `1`, `true` and `text` as what they are; anything in double quotes is text. */
const readValue = (text: string): string | number | boolean => {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text.length >= 2 && text.startsWith('"') && text.endsWith('"')) return text.slice(1, -1);
  const number = Number(text);
  return text !== '' && Number.isFinite(number) ? number : text;
};

/** The cell `arguments`: a JSON object, or `gain=2 unit=rw1`; undefined when it is neither. */
const readArguments = (cell: string): unknown => {
  const bare = cell.trim();
  const text = /^".*"$/s.test(bare) ? bare.slice(1, -1).replaceAll('""', '"').trim() : bare;
  if (text === '') return {};
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }
  const pairs = text.split(/[\s;]+/).map((pair) => /^([^=]+)=(.*)$/.exec(pair));
  if (pairs.some((pair) => pair === null)) return undefined;
  return Object.fromEntries(pairs.map((pair): [string, unknown] => [pair?.[1] ?? '', readValue(pair?.[2] ?? '')]));
};

const readCsvLine = (line: string): unknown => {
  const [, at = '', name = '', , cell = ''] = /^([^,]*),([^,]*)(,(.*))?$/s.exec(line) ?? [];
  return { time: at.trim(), name: name.trim().replace(/^"(.*)"$/, '$1'), arguments: readArguments(cell) ?? null };
};

interface LineProblem {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** A commands file, CSV `time,name,arguments` (the last column may be left out) or NDJSON. */
export const decodeTelecommandFile = (text: string) => {
  const telecommands: Telecommand[] = [];
  const problems: LineProblem[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const [header = ''] = lines;
  const isCsv = !header.trimStart().startsWith('{');
  if (isCsv && !/^time,name(,arguments)?$/.test(header.replaceAll(' ', '').toLowerCase()))
    problems.push({ line: 1, message: 'the header is not time,name,arguments (and it is no NDJSON either)' });
  lines.forEach((line, index) => {
    if (line.trim() === '' || (isCsv && index === 0)) return;
    const report = (message: string): number => problems.push({ line: index + 1, message });
    let value: unknown;
    try {
      value = isCsv ? readCsvLine(line) : JSON.parse(line);
    } catch {
      report(`not JSON: ${excerpt(line)}`);
      return;
    }
    const item = readItem(value, LATEST_TIME);
    if ('telecommand' in item) telecommands.push(item.telecommand);
    else report(item.drop.message);
  });
  return { telecommands: telecommands.sort((a, b) => a.time - b.time), problems };
};
