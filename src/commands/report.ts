/** `fdir report`: what a shift was, for the one who takes the next. */
import { Option, type Command } from 'commander';
import { systemClock } from '../adapters/host/system-clock';
import { readLogFilter } from '../core/log-filter';
import { shiftHtml } from '../core/report/shift-html';
import { shiftMarkdown } from '../core/report/shift-markdown';
import type { ShiftRange } from '../core/report/shift-records';
import { buildShiftReport } from '../core/report/shift-report';
import type { ShiftReport } from '../domain/shift-report';
import { isoTime } from '../domain/units';
import { withLogOptions, withReader, type LogOptions } from './log/source';
import { note } from './output';
import { openOutput } from './output-file';

interface ReportOptions extends LogOptions {
  readonly since: string;
  readonly until?: string;
  readonly html?: boolean;
  readonly md?: boolean;
  readonly out?: string;
}

const rangeOf = ({ since, until }: ReportOptions): ShiftRange => {
  const now = systemClock.now();
  const end = until === undefined ? isoTime(now) : (readLogFilter({ until }, now, () => '--until').until ?? '');
  // "8h" counts back from the end of the shift.
  const read = readLogFilter({ since, until: end }, Date.parse(end), (name) => `--${name}`);
  return { since: read.since ?? end, until: end };
};

const textOf = (report: ShiftReport, { html, json }: ReportOptions): string => {
  if (json === true) return `${JSON.stringify(report, undefined, 2)}\n`;
  return html === true ? shiftHtml(report) : shiftMarkdown(report);
};

const isEmpty = ({ anomalies, alarms, notes, changes, outages, orders }: ShiftReport): boolean =>
  [anomalies, alarms.open, notes, changes, outages, orders].every(({ length }) => length === 0);

const report = async (options: ReportOptions): Promise<void> => {
  const range = rangeOf(options);
  const { built, newest } = withReader(options, (reader) => ({
    built: buildShiftReport(range, reader.shift(range)),
    newest: reader.list({}, { sort: 'start', order: 'desc', limit: 1 }).items[0]?.start,
  }));
  const output = await openOutput(options.out);
  await output.put(textOf(built, options));
  await output.end();
  if (isEmpty(built))
    note(
      `nothing in the log is from ${range.since} to ${range.until}` +
        (newest === undefined ? '' : `; the newest anomaly began at ${newest}: give --until after it`),
    );
};

/** Adds the verb `report` to the program. */
export const register = (program: Command): void => {
  withLogOptions(
    program.command('report').description('report a shift: what is open, what happened, what people wrote; Markdown'),
  )
    .option('--since <time>', 'from: 8h (back from the end), or 2026-03-01T04:12:08Z', '8h')
    .option('--until <time>', 'to, and not after; by default now')
    .addOption(new Option('--html', 'one page to print').conflicts(['json', 'md']))
    .addOption(new Option('--md', 'Markdown, which is the default').conflicts(['json']))
    .option('--out <file>', 'write to this file instead of stdout')
    .action(report);
};
