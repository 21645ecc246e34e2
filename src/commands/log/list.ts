/** `fdir log list`: anomalies of the log, filtered, in pages, or as they come. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { systemClock } from '../../adapters/host/system-clock';
import { FdirError } from '../../domain/errors';
import { MAX_ROWS, ROW_COLUMNS, sortKeys, type AnomalyRow, type LogFilter, type SortKey } from '../../domain/log-query';
import { note, writeJson, writeLine } from '../output';
import { csvLine } from '../../core/csv';
import { lookOf } from '../render/look';
import { anomalyTable, anomalyTableRow } from '../render/log-table';
import { filterOf, withFilters, type FilterOptions } from './filters';
import { openReader, withLogOptions, withReader, type LogOptions } from './source';
import { unknownNames } from '../../core/unknown-names';

interface ListOptions extends LogOptions, FilterOptions {
  readonly sort: SortKey;
  readonly asc?: boolean;
  readonly limit: number;
  readonly cursor?: string;
  readonly csv?: boolean;
  readonly follow?: boolean;
}

/** How often a log that is followed is asked, milliseconds. */
const FOLLOW_MS = 500;
/** Anomalies that may be revised while the log is followed. */
const MAX_FOLLOWED = 10_000;

const write = (rows: readonly AnomalyRow[], { json, csv }: ListOptions): void => {
  const columns = lookOf(process.stdout, process.env);
  for (const row of rows) {
    if (json === true) writeJson(row);
    else if (csv === true) process.stdout.write(csvLine(ROW_COLUMNS.map((column) => row[column])));
    else writeLine(anomalyTableRow(row, columns));
  }
};

/** New anomalies and revisions as they are written, until it is interrupted; each read is short. */
const follow = async (filter: LogFilter, options: ListOptions): Promise<void> => {
  const seen = new Map<string, string>();
  const reader = openReader(options);
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
  });
  try {
    for (let isFirst = true; !stop.signal.aborted; isFirst = false) {
      const { items } = reader.list(filter, {
        sort: 'start',
        order: 'desc',
        limit: isFirst ? options.limit : MAX_ROWS,
      });
      const news = items.filter(({ id, revision, verdict, revisedAt }) => {
        const mark = `${String(revision)} ${revisedAt} ${String(verdict)}`;
        if (seen.get(id) === mark) return false;
        seen.delete(id);
        seen.set(id, mark);
        return true;
      });
      for (const [oldest] of seen) {
        if (seen.size <= MAX_FOLLOWED) break;
        seen.delete(oldest);
      }
      write([...news].reverse(), options);
      await pause(FOLLOW_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } finally {
    reader.close();
  }
};

const list = async (options: ListOptions): Promise<void> => {
  if (options.json === true && options.csv === true) throw new FdirError('usage', 'give --json or --csv, not both');
  const filter = filterOf(options, systemClock.now());
  if (options.csv === true) process.stdout.write(csvLine(ROW_COLUMNS));
  if (options.follow === true) {
    await follow(filter, options);
    return;
  }
  const { sort, asc, limit, cursor } = options;
  const order = asc === true ? 'asc' : 'desc';
  const { items, next, unknown } = withReader(options, (reader) => {
    const page = reader.list(filter, { sort, order, limit, cursor });
    return { ...page, unknown: page.items.length > 0 ? [] : unknownNames(reader, filter) };
  });
  for (const problem of unknown) note(problem);
  if (options.json === true) writeJson(items);
  else if (options.csv === true) write(items, options);
  else if (items.length === 0) writeLine('no anomaly');
  else anomalyTable(items, lookOf(process.stdout, process.env)).forEach(writeLine);
  if (next !== null) note(`there are more: --cursor ${next}`);
};

/** Rows of a page, from an option. */
export const limitOf = (text: string): number => {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ROWS)
    throw new InvalidArgumentError(`it is 1 to ${String(MAX_ROWS)}`);
  return limit;
};
const sortOf = (text: string): SortKey => {
  const key = sortKeys.find((word) => word === text);
  if (key === undefined) throw new InvalidArgumentError(`it is one of ${sortKeys.join(', ')}`);
  return key;
};

export const registerList = (log: Command): void => {
  withFilters(withLogOptions(log.command('list').description('list anomalies, newest first')))
    .option('--sort <column>', sortKeys.join(', '), sortOf, 'start')
    .option('--asc', 'smallest first')
    .option('--limit <rows>', `rows of a page, ${String(MAX_ROWS)} at most`, limitOf, MAX_ROWS)
    .option('--cursor <text>', 'the page after the one that printed this cursor')
    .option('--csv', 'comma-separated values')
    .option('--follow', 'then show new revisions as they come; with --json one line a revision')
    .action(list);
};
