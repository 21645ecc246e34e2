/** Lines of the log as rows of a Parquet file: the same columns for the command line and the console. */
import { ROW_COLUMNS, type AnomalyRow } from '../../domain/log-query';
import { createParquet, parquetParts, type Cell, type ParquetColumn } from './parquet-file';

/** Rows of a row group: readers skip whole groups. */
const FILE_GROUP_ROWS = 20_000;
/** A console's heap is small, and several may export at once. */
const DOWNLOAD_GROUP_ROWS = 5000;

const TIMES = new Set<string>(['start', 'end', 'detectedAt', 'revisedAt']);
const NUMBERS = new Set<string>(['confidence', 'score', 'threshold']);
const COLUMNS: readonly ParquetColumn[] = ROW_COLUMNS.map((name) => ({
  name,
  kind: TIMES.has(name) ? 'TIMESTAMP' : NUMBERS.has(name) ? 'DOUBLE' : name === 'revision' ? 'INT32' : 'STRING',
  isNullable: name === 'end' || name === 'verdict',
}));

const cells = (row: AnomalyRow): Cell[] =>
  ROW_COLUMNS.map((name) => {
    const value = row[name];
    return TIMES.has(name) && typeof value === 'string' ? new Date(value) : value;
  });

/** Batches gathered to groups of `size` rows at least; the last may be smaller. */
function* groups(batches: Iterable<readonly AnomalyRow[]>, size: number): Generator<Cell[][]> {
  let group: Cell[][] = [];
  for (const rows of batches) {
    for (const row of rows) group.push(cells(row));
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** @returns how many rows were written. */
export const writeAnomalies = (batches: Iterable<readonly AnomalyRow[]>, file: string): number => {
  const parquet = createParquet(file, COLUMNS);
  let count = 0;
  for (const group of groups(batches, FILE_GROUP_ROWS)) {
    parquet.write(group);
    count += group.length;
  }
  parquet.finish();
  return count;
};

/** The bytes of a file, group after group, in the memory of one. */
export const anomalyParts = (
  batches: Iterable<readonly AnomalyRow[]>,
  groupRows: number = DOWNLOAD_GROUP_ROWS,
): Iterable<Uint8Array> => parquetParts(COLUMNS, groups(batches, groupRows));
