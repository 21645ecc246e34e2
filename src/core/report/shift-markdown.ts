/** The report of a shift in Markdown. */
import type { ShiftReport } from '../../domain/shift-report';
import { CLOCKS, shiftSections, shiftTitle, type ShiftTable } from './shift-text';

/** What Markdown would take for its own stands as it was written, on one line. */
const escaped = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>#|]/g, (character) => `\\${character}`).replace(/\s*\n\s*/g, ' / ');

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const tableOf = ({ columns, rows }: ShiftTable): readonly string[] =>
  rows.length === 0
    ? []
    : [row(columns), row(columns.map(() => '---')), ...rows.map((cells) => row(cells.map(escaped))), ''];

export const shiftMarkdown = (report: ShiftReport): string =>
  [
    `# ${shiftTitle(report)}`,
    '',
    CLOCKS,
    '',
    ...shiftSections(report).flatMap(({ title, lines, table }) => [
      `## ${title}`,
      '',
      ...lines.flatMap((line) => [escaped(line), '']),
      ...(table === undefined ? [] : tableOf(table)),
    ]),
  ].join('\n');
