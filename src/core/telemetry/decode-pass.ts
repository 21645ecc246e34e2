/**
 * Records of a recorded pass, CSV or NDJSON (CONTRACTS section 2), to partial frames. If a cell is no number, its value is lost
 * and told by column. If a record has no time, or too many or too few cells, the whole record is malformed.
 */
import { decimalMarkOf, missingValues, readCell, type DecimalMark, type MissingValues } from './cell';
import { readLayout, unitNote, unitOfTimes, type CsvLayout } from './csv-layout';
import { isComment, splitRecord } from './csv-record';
import { decodeTelemetry, type DecodedMessage } from './decode-telemetry';
import { excerpt, type Drop } from './drop';
import { LATEST_TIME, parseTimeText, SECONDS_UNIT, timeAdvice, timeReason, type TimeUnit } from './packet-time';

/** Turns one record, without its line end, into at most one frame. */
export type RecordDecoder = (record: string) => DecodedMessage;

export interface PassHeader {
  readonly decode: RecordDecoder;
  /** Separator of the cells; undefined for NDJSON. */
  readonly separator: string | undefined;
  /** The header's names as they are written, the time first; empty for NDJSON. */
  readonly names: readonly string[];
  /** Unknown columns, once each. */
  readonly drops: readonly Drop[];
  /** How the file is read where that is not as usual. */
  readonly notes: readonly string[];
  /** The mark of decimals; undefined for NDJSON, and while no cell showed one. */
  readonly decimal: DecimalMark;
  /** What numeric times count; undefined when the first records have none. */
  readonly unit: TimeUnit | undefined;
  /** How many of the first lines are no records. */
  readonly consumed: number;
  /** Why the file cannot be read at all. */
  readonly problem?: string;
}

/** A line longer than this is no telemetry frame. */
export const MAX_LINE_CHARACTERS = 1 << 20;
/** So many of the first lines show how a file is written. */
export const HEADER_LINES = 64;

/** Unknown names remembered so that they are reported once; a file with more is reported more often. */
const MAX_REPORTED_NAMES = 1000;

export const NO_PARAMETER = 'no column is a parameter of the mission';
const JSON_ARRAY = 'a JSON array: a pass has one {"time", "values"} a line, which jq -c ".[]" IN > OUT writes';

const malformed = (message: string): DecodedMessage => ({ frames: [], drops: [{ reason: 'malformed', message }] });

const csvDecoder = (
  { separator, names, width, unit: firstUnit, decimal: firstDecimal }: CsvLayout,
  columns: readonly (string | undefined)[],
  missing: MissingValues,
): RecordDecoder => {
  let decimal = firstDecimal;
  const unit = firstUnit ?? SECONDS_UNIT;
  const nameless = new Set(
    Array.from({ length: width }, (_, index) => index).filter((index) => (names[index] ?? '') === ''),
  );
  return (record) => {
    const cells = splitRecord(record, separator);
    const isWider = cells.length > width;
    if (cells.length < columns.length || (isWider && cells.slice(width).some((cell) => cell !== '')))
      return malformed(`${String(cells.length)} cells where the header has ${String(width)}`);
    const written = cells[0] ?? '';
    const time = parseTimeText(separator === ',' ? written : written.replace(',', '.'), unit);
    if (time === undefined) return malformed(`not a time: "${excerpt(written)}"${timeAdvice(written)}`);
    const reason = timeReason(time, LATEST_TIME);
    if (reason !== undefined)
      return {
        frames: [],
        drops: [{ reason, message: `time "${excerpt(written)}" is in the ${reason}${timeAdvice(written)}` }],
      };
    const values: Record<string, number> = {};
    const drops: Drop[] = [];
    for (const index of nameless) {
      if ((cells[index] ?? '') === '') continue;
      nameless.delete(index);
      drops.push({ reason: 'unknown-parameter', message: `column ${String(index + 1)} has no name` });
    }
    for (let index = 1; index < columns.length; index += 1) {
      const parameter = columns[index];
      if (parameter === undefined) continue;
      const cell = cells[index] ?? '';
      decimal ??= decimalMarkOf(cell, separator === ';');
      const value = readCell(cell, missing, decimal);
      if (value === 'missing') continue;
      if (value === 'text')
        drops.push({ reason: 'malformed', message: `"${parameter}" is not a number: "${excerpt(cell)}"`, parameter });
      else if (Number.isFinite(value)) values[parameter] = value;
      // `1e999` is an infinity too.
      else drops.push({ reason: 'not-finite', message: `"${parameter}" is not finite`, parameter });
    }
    return { frames: [{ time, values }], drops };
  };
};

const readCsvHeader = (
  lines: readonly string[],
  parameters: ReadonlySet<string>,
  missing: MissingValues,
): PassHeader => {
  // Of a mission that is not known yet nothing is a parameter.
  const layout = readLayout(lines, (name) => parameters.size > 0 && parameters.has(name));
  const { names, separator, notes, consumed } = layout;
  const columns = names.map((name, index) => (index > 0 && name !== '' && parameters.has(name) ? name : undefined));
  const twice = columns.find((name, index) => name !== undefined && columns.indexOf(name) !== index);
  const isUnknown = columns.every((name) => name === undefined);
  const problem =
    layout.problem ??
    (twice !== undefined ? `column "${twice}" appears twice` : undefined) ??
    (isUnknown && parameters.size > 0 ? `${NO_PARAMETER}: it has ${excerpt(names.slice(1).join(', '))}` : undefined) ??
    (isUnknown ? NO_PARAMETER : undefined);
  const byLetters = new Map([...parameters].map((id) => [id.toLowerCase(), id]));
  const meant = (name: string): string => {
    const id = byLetters.get(name.toLowerCase());
    return id === undefined ? '' : `: "${id}" is one`;
  };
  const drops = names.flatMap((name, index): Drop[] =>
    index === 0 || name === '' || columns[index] !== undefined
      ? []
      : [
          {
            reason: 'unknown-parameter',
            message: `column "${excerpt(name)}" is no parameter of the mission${meant(name)}`,
          },
        ],
  );
  const header = {
    decode: csvDecoder(layout, columns, missing),
    separator,
    names,
    notes,
    consumed,
    unit: layout.unit,
    decimal: layout.decimal,
  };
  return problem === undefined ? { ...header, drops } : { ...header, drops: [], problem };
};

/** Times of an NDJSON line as text, quickly: of a frame the first, of an array all; a line that is none gives nothing. */
const ndjsonTimes = (line: string): readonly string[] => {
  const times = /"time"\s*:\s*(?:"([^"]*)"|([^",}\s]+))/g;
  const found = line.trimStart().startsWith('[') ? [...line.matchAll(times)] : [times.exec(line)];
  return found.flatMap((match) => match?.[1] ?? match?.[2] ?? []);
};

const readNdjsonHeader = (
  lines: readonly string[],
  parameters: ReadonlySet<string>,
  missing: MissingValues,
): PassHeader => {
  const reported = new Set<string>();
  const unit = unitOfTimes(lines.flatMap(ndjsonTimes));
  const options = { parameters, missing, maxBytes: MAX_LINE_CHARACTERS, unit: unit ?? SECONDS_UNIT };
  const decode: RecordDecoder = (text) => {
    const decoded = decodeTelemetry(text, options);
    // As with columns, a parameter that is not in the mission is reported once, not on every line.
    const drops = decoded.drops.filter(({ reason, message }) => {
      if (reason !== 'unknown-parameter') return true;
      if (reported.has(message)) return false;
      if (reported.size < MAX_REPORTED_NAMES) reported.add(message);
      return true;
    });
    return drops.length === decoded.drops.length ? decoded : { ...decoded, drops };
  };
  return {
    decode,
    separator: undefined,
    names: [],
    drops: [],
    notes: unitNote(unit),
    unit,
    decimal: undefined,
    consumed: 0,
  };
};

/** Reads the times of a record alone, to learn in which order a file is; what is no record gives nothing. */
export const timeReader = (header: PassHeader): ((record: string) => readonly number[]) => {
  const { separator, unit = SECONDS_UNIT } = header;
  const read = (written: string): readonly number[] => {
    const time = parseTimeText(written.trim(), unit);
    return time === undefined || timeReason(time, LATEST_TIME) !== undefined ? [] : [time];
  };
  if (separator === undefined) return (record) => ndjsonTimes(record).flatMap(read);
  return (record) => {
    const end = record.indexOf(separator);
    const cell = (end < 0 ? record : record.slice(0, end)).replace(/^[\s"]+|[\s"]+$/g, '');
    return read(separator === ',' ? cell : cell.replace(',', '.'));
  };
};

/**
 * Whether a file is CSV or NDJSON and how its records are read, from its first lines (`HEADER_LINES` of them are enough).
 * @param missing what stands for a missing sample besides the usual words.
 */
export const readPassHeader = (
  lines: readonly string[],
  parameters: ReadonlySet<string>,
  missing: MissingValues = missingValues(),
): PassHeader => {
  const first = lines.find((line) => line.trim() !== '' && !isComment(line));
  if (first?.trimStart().startsWith('[') === true)
    return { ...readNdjsonHeader([], parameters, missing), consumed: 1, problem: JSON_ARRAY };
  return first?.trimStart().startsWith('{') === true
    ? readNdjsonHeader(lines, parameters, missing)
    : readCsvHeader(lines, parameters, missing);
};
