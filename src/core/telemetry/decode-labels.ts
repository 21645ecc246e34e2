/** Labels beside a pass: CSV `start,end,equipment,fault`, both ends inclusive (CONTRACTS section 2). */
import type { Problem } from '../../domain/errors';
import type { Label } from '../../domain/telemetry';
import { splitRecord } from './csv-record';
import { excerpt } from './drop';
import { parseTimeText, unitOfText } from './packet-time';

export interface DecodedLabels {
  readonly labels: readonly Label[];
  /** Every line that is none, with its line number. */
  readonly problems: readonly Problem[];
}

const COLUMNS = ['start', 'end', 'equipment', 'fault'];

/** Beside a recording whose times are Unix milliseconds, labels have them too. */
const timeOf = (text: string): number | undefined => parseTimeText(text, unitOfText(text));

const decodeLine = (line: string, separator: string): Label | string => {
  const cells = splitRecord(line, separator);
  if (cells.length !== COLUMNS.length) return `${String(cells.length)} cells instead of ${COLUMNS.join(',')}`;
  const [startText = '', endText = '', equipment = '', fault = ''] = cells;
  const [start, end] = [timeOf(startText), timeOf(endText)];
  if (start === undefined || end === undefined) {
    return `not a time: "${excerpt(start === undefined ? startText : endText)}"`;
  }
  return end < start ? 'ends before it starts' : { start, end, equipment, fault };
};

/** Decodes the text of a labels file, in file order. */
export const decodeLabels = (text: string): DecodedLabels => {
  const labels: Label[] = [];
  const problems: Problem[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const header = lines[0] ?? '';
  // Spreadsheets of many countries write semicolons.
  const separator = header.includes(',') ? ',' : ';';
  if (splitRecord(header.toLowerCase(), separator).join(',') !== COLUMNS.join(',')) {
    problems.push({ line: 1, message: `the header is not ${COLUMNS.join(',')}` });
  }
  lines.forEach((line, index) => {
    if (index === 0 || line.trim() === '') return;
    const label = decodeLine(line, separator);
    if (typeof label === 'string') problems.push({ line: index + 1, message: label });
    else labels.push(label);
  });
  return { labels, problems };
};
