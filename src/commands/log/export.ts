/** `fdir log export`: anomalies as NDJSON, CSV or Parquet, as many as there are, in the memory of a few. */
import { Option, type Command } from 'commander';
import { writeAnomalies } from '../../adapters/log/anomaly-parquet';
import { systemClock } from '../../adapters/host/system-clock';
import { FdirError } from '../../domain/errors';
import { ROW_COLUMNS, type AnomalyRow, type LogFilter } from '../../domain/log-query';
import { note } from '../output';
import { openOutput, writing } from '../output-file';
import { csvLine } from '../../core/csv';
import { createProgress } from '../progress';
import { filterOf, withFilters, type FilterOptions } from './filters';
import { openReader, withLogOptions, type AnyReader, type LogOptions } from './source';

type Format = 'ndjson' | 'csv' | 'parquet';

interface ExportOptions extends LogOptions, FilterOptions {
  readonly format: Format;
  readonly out?: string;
  readonly full?: boolean;
}

const PROGRESS_ROWS = 5000;

const writeText = async (
  reader: AnyReader,
  filter: LogFilter,
  { format, full, out }: ExportOptions,
): Promise<number> => {
  const output = await openOutput(out);
  const progress = out === undefined ? undefined : createProgress();
  const total = progress === undefined ? 0 : reader.count(filter);
  const line = (row: AnomalyRow): string => {
    if (format === 'csv') return csvLine(ROW_COLUMNS.map((name) => row[name]));
    const whole = full === true ? { revisions: reader.showAnomaly(row.id)?.revisions ?? [] } : {};
    return `${JSON.stringify({ ...row, ...whole })}\n`;
  };
  let count = 0;
  try {
    if (format === 'csv') await output.put(csvLine(ROW_COLUMNS));
    for (const rows of reader.batches(filter)) {
      await output.put(rows.map(line).join(''));
      count += rows.length;
      if (count % PROGRESS_ROWS < rows.length) progress?.report('exporting', total === 0 ? 1 : count / total);
    }
  } finally {
    progress?.end();
    await output.end();
  }
  return count;
};

const exportLog = async (options: ExportOptions): Promise<void> => {
  const { format, out, full } = options;
  if (format === 'parquet' && out === undefined)
    throw new FdirError('usage', 'a Parquet file is not written in order: give --out FILE');
  if (full === true && format !== 'ndjson')
    throw new FdirError('usage', '--full goes with --format ndjson: a record does not fit a line of columns');
  const filter = filterOf(options, systemClock.now());
  const reader = openReader(options);
  try {
    const count =
      format === 'parquet' && out !== undefined
        ? writing(out, () => writeAnomalies(reader.batches(filter), out))
        : await writeText(reader, filter, options);
    note(`${String(count)} anomalies${out === undefined ? '' : ` in ${out}`}`);
  } finally {
    reader.close();
  }
};

export const registerExport = (log: Command): void => {
  withFilters(
    withLogOptions(
      log.command('export').description('write anomalies for other programs, oldest first, with the filters of list'),
    ),
  )
    .addOption(new Option('--format <format>', 'of the export').choices(['ndjson', 'csv', 'parquet']).default('ndjson'))
    .option('--out <file>', 'file to write instead of stdout; Parquet needs one')
    .option('--full', 'NDJSON with every revision and its freeze frame')
    .action(exportLog);
};
