/** Records of comma-separated values as RFC 4180 has them: cells in double quotes may hold separators, line ends and doubled quotes. */

/** A comment; `#N/A` and its like begin a record whose time is missing. */
const COMMENT = /^\s*#(?!N\/A|NA\b|NV\b|NULL!|DIV\/0!|VALUE!|REF!|NAME\?|NUM!)/;
/** @param separator of the file's cells, where it is known: a separator before `#` makes it the text of a later cell. */
export const isComment = (line: string, separator?: string): boolean =>
  COMMENT.test(line) && !(separator === '\t' && line.slice(0, line.indexOf('#')).includes(separator));

/** A quoted cell that goes on for more lines than this was never closed. */
export const MAX_RECORD_LINES = 64;

/** Where a cell lies in its record, and whether it is quoted; `from` and `to` are inside the quotes. */
export interface CellSpan {
  readonly from: number;
  readonly to: number;
  readonly isQuoted: boolean;
}

export interface RecordSpans {
  readonly cells: readonly CellSpan[];
  /** A quote was opened and not closed: the record goes on in the next line. */
  readonly isOpen: boolean;
}

const isBlank = (record: string, at: number): boolean => record[at] === ' ' || record[at] === '\t';

/** The end of a quoted cell that begins behind `from`: the closing quote; the end of the record without one. */
const closingQuote = (record: string, from: number): number => {
  for (let at = record.indexOf('"', from); at >= 0; at = record.indexOf('"', at + 2))
    if (record[at + 1] !== '"') return at;
  return record.length;
};

/** Cells of a record. A quote that stands in the middle of a cell is a character like others. */
export const spanCells = (record: string, separator: string): RecordSpans => {
  const cells: CellSpan[] = [];
  let start = 0;
  for (;;) {
    let from = start;
    while (isBlank(record, from) && record[from] !== separator) from += 1;
    if (record[from] === '"') {
      const close = closingQuote(record, from + 1);
      if (close === record.length) {
        cells.push({ from: from + 1, to: close, isQuoted: true });
        return { cells, isOpen: true };
      }
      const next = record.indexOf(separator, close + 1);
      const end = next < 0 ? record.length : next;
      // Text behind the closing quote: the cell is no quoted one, and is kept as it is written.
      const isClean = record.slice(close + 1, end).trim() === '';
      cells.push(isClean ? { from: from + 1, to: close, isQuoted: true } : { from: start, to: end, isQuoted: false });
      if (next < 0) return { cells, isOpen: false };
      start = next + 1;
      continue;
    }
    const next = record.indexOf(separator, start);
    cells.push({ from: start, to: next < 0 ? record.length : next, isQuoted: false });
    if (next < 0) return { cells, isOpen: false };
    start = next + 1;
  }
};

/** The texts of a record's cells, without quotes around them and blanks beside them. */
export const splitRecord = (record: string, separator = ','): readonly string[] => {
  if (!record.includes('"')) return record.split(separator).map((cell) => cell.trim());
  return spanCells(record, separator).cells.map(({ from, to, isQuoted }) => {
    const text = record.slice(from, to);
    return isQuoted ? text.replaceAll('""', '"').trim() : text.trim();
  });
};

/** Whether the record goes on in the next line. */
export const isOpenRecord = (record: string, separator = ','): boolean =>
  record.includes('"') && spanCells(record, separator).isOpen;

/** Whether lines that were put together are a record: every line end in it is inside quotes that close cleanly. */
export const isWholeRecord = (record: string, separator = ','): boolean =>
  spanCells(record, separator).cells.every(
    ({ from, to, isQuoted }) => isQuoted || !record.slice(from, to).includes('\n'),
  );

/** A record with the line ends in it, and which of the lines it begins with. */
export interface JoinedRecord {
  text: string;
  readonly at: number;
}

/** Puts lines together that are one record. A quote that is never closed is left as it is. @param separator undefined: each line is one. */
export const joinRecords = (lines: readonly string[], separator: string | undefined): JoinedRecord[] => {
  const records: JoinedRecord[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const text = lines[at] ?? '';
    const record = { text, at };
    records.push(record);
    if (separator === undefined || isComment(text, separator) || !isOpenRecord(text, separator)) continue;
    const more = lines.slice(at + 1, at + MAX_RECORD_LINES);
    const close = more.findIndex(
      (_, index) => !isOpenRecord([text, ...more.slice(0, index + 1)].join('\n'), separator),
    );
    const whole = [text, ...more.slice(0, close + 1)].join('\n');
    if (close < 0 || !isWholeRecord(whole, separator)) continue;
    record.text = whole;
    at += close + 1;
  }
  return records;
};
