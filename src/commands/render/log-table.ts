/** Anomalies of the log, a line each; what does not fit the width is left out from the right, the sentence first. */
import type { AnomalyRow } from '../../domain/log-query';
import type { Look } from './look';

interface Column {
  readonly title: string;
  readonly width: number;
  readonly of: (row: AnomalyRow) => string;
}

const GAP = 2;
/** A sentence shorter than this says nothing. */
const LEAST_SENTENCE = 24;

const COLUMNS: readonly Column[] = [
  { title: 'START', width: 20, of: ({ start }) => start },
  { title: 'STATE', width: 6, of: ({ state }) => state },
  { title: 'EQUIPMENT', width: 10, of: ({ equipment }) => equipment },
  { title: 'FAULT', width: 18, of: ({ fault }) => fault },
  { title: 'CONF', width: 5, of: ({ confidence }) => `${(100 * confidence).toFixed(0)} %` },
  { title: 'SCORE', width: 7, of: ({ score }) => score.toPrecision(4) },
  { title: 'VERDICT', width: 7, of: ({ verdict }) => (verdict === 'rare-nominal' ? 'rare' : (verdict ?? '-')) },
];

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

/** Fractions of a second do not help a person. */
const shortTime = (iso: string): string => iso.replace(/\.\d+Z$/, 'Z');

const cells = (texts: readonly string[]): string =>
  COLUMNS.map(({ width }, index) => cut(texts[index] ?? '', width).padEnd(width + GAP)).join('');

const TAKEN = COLUMNS.reduce((sum, { width }) => sum + width + GAP, 0);

export const anomalyTableRow = (row: AnomalyRow, { width, paint }: Look): string => {
  const told = cells(COLUMNS.map((column) => shortTime(column.of(row))));
  const toned = row.state === 'open' ? paint('strong', told) : told;
  // The id is what every other command asks for: it has a line of its own where it does not fit.
  return width - TAKEN >= row.id.length + GAP
    ? `${toned}${row.id}`
    : `${toned}\n    ${row.id}${
        width - row.id.length - 4 - GAP >= LEAST_SENTENCE
          ? paint('faint', `  ${cut(row.sentence, width - row.id.length - 4 - GAP)}`)
          : ''
      }`;
};

export const anomalyTable = (rows: readonly AnomalyRow[], look: Look): readonly string[] => [
  look.paint('faint', cells(COLUMNS.map(({ title }) => title)).trimEnd()),
  ...rows.map((row) => anomalyTableRow(row, look)),
];
