/**
 * Lines of a recorded pass, CSV or NDJSON (CONTRACTS section 2), to partial frames. A line is used or it is malformed as a
 * whole; a cell that is no number makes its line malformed, an infinity costs its value only.
 */
import type { PartialFrame } from '../../domain/telemetry';
import { decodeTelemetry, type DecodedMessage } from './decode-telemetry';
import { excerpt, type Drop } from './drop';
import { LATEST_TIME, parseTimeText, timeReason } from './packet-time';

/** Turns one line, without its line end, into at most one frame. */
export type LineDecoder = (line: string) => DecodedMessage;

export interface PassHeader {
  readonly decode: LineDecoder;
  /** Unknown columns, once each. */
  readonly drops: readonly Drop[];
  /** The first line was names, not data. */
  readonly consumed: boolean;
  /** Why the file cannot be read at all. */
  readonly problem?: string;
}

/** A line longer than this is no telemetry frame. */
export const MAX_LINE_CHARACTERS = 1 << 20;

/** Unknown names remembered so that they are reported once; a file with more is reported more often. */
const MAX_REPORTED_NAMES = 1000;

const NOTHING: DecodedMessage = { frames: [], drops: [] };
const INFINITE = /^[+-]?inf(inity)?$/i;

const malformed = (message: string): DecodedMessage => ({ frames: [], drops: [{ reason: 'malformed', message }] });

/** Cells without the double quotes some spreadsheets put around every one; commas inside quotes do not occur in telemetry. */
const splitCells = (line: string): string[] =>
  line.split(',').map((cell) => {
    const text = cell.trim();
    return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  });

/** `undefined` for a missing sample, `NaN` for what is no number. */
const readCell = (cell: string): number | undefined => {
  if (cell === '' || cell === 'NaN' || cell === 'nan') return undefined;
  if (INFINITE.test(cell)) return cell.startsWith('-') ? -Infinity : Infinity;
  return Number(cell);
};

const csvDecoder =
  (columns: readonly (string | undefined)[]): LineDecoder =>
  (line) => {
    const cells = splitCells(line);
    if (cells.length !== columns.length) {
      return malformed(`${String(cells.length)} cells where the header has ${String(columns.length)}`);
    }
    const time = parseTimeText(cells[0] ?? '');
    if (time === undefined) return malformed(`not a time: "${excerpt(cells[0] ?? '')}"`);
    const reason = timeReason(time, LATEST_TIME);
    if (reason !== undefined) {
      return { frames: [], drops: [{ reason, message: `time "${excerpt(cells[0] ?? '')}" is in the ${reason}` }] };
    }
    const values: Record<string, number> = {};
    const drops: Drop[] = [];
    for (let index = 1; index < cells.length; index += 1) {
      const parameter = columns[index];
      const cell = cells[index] ?? '';
      const value = readCell(cell);
      if (parameter === undefined || value === undefined) continue;
      if (Number.isNaN(value)) return malformed(`"${parameter}" is not a number: "${excerpt(cell)}"`);
      if (Number.isFinite(value)) values[parameter] = value;
      // `1e999` is an infinity too.
      else drops.push({ reason: 'not-finite', message: `"${parameter}" is not finite` });
    }
    const frame: PartialFrame = { time, values };
    return { frames: [frame], drops };
  };

const readCsvHeader = (line: string, parameters: ReadonlySet<string>): PassHeader => {
  const names = splitCells(line);
  const none = { decode: () => NOTHING, drops: [], consumed: true };
  if (names[0]?.toLowerCase() !== 'time') {
    return { ...none, problem: `the first column is "${excerpt(names[0] ?? '')}", not "time"` };
  }
  const columns = names.map((name, index) => (index > 0 && parameters.has(name) ? name : undefined));
  const twice = columns.find((name, index) => name !== undefined && columns.indexOf(name) !== index);
  if (twice !== undefined) return { ...none, problem: `column "${twice}" appears twice` };
  if (columns.every((name) => name === undefined)) {
    return { ...none, problem: 'no column is a parameter of the mission' };
  }
  const drops = names
    .slice(1)
    .flatMap((name): Drop[] =>
      parameters.has(name)
        ? []
        : [{ reason: 'unknown-parameter', message: `column "${excerpt(name)}" is no parameter of the mission` }],
    );
  return { decode: csvDecoder(columns), drops, consumed: true };
};

/** Whether a file is CSV or NDJSON and how its lines are read, from its first line that is not empty. */
export const readPassHeader = (line: string, parameters: ReadonlySet<string>): PassHeader => {
  if (!line.trimStart().startsWith('{')) return readCsvHeader(line, parameters);
  const reported = new Set<string>();
  const decode: LineDecoder = (text) => {
    const decoded = decodeTelemetry(text, { parameters, maxBytes: MAX_LINE_CHARACTERS });
    // As with columns, a parameter that is not in the mission is reported once, not on every line.
    const drops = decoded.drops.filter(({ reason, message }) => {
      if (reason !== 'unknown-parameter') return true;
      if (reported.has(message)) return false;
      if (reported.size < MAX_REPORTED_NAMES) reported.add(message);
      return true;
    });
    return drops.length === decoded.drops.length ? decoded : { ...decoded, drops };
  };
  return { decode, drops: [], consumed: false };
};
