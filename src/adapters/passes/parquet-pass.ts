/** A recording in Apache Parquet as the lines of a CSV with the same values, so that all readers take it. The only file that knows hyparquet. */
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describeError, FdirError } from '../../domain/errors';

/** Lines that are made into text at a time. */
const CHUNK_ROWS = 1000;

const iso = (ms: number): string => {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
};
/** Times become ISO 8601 with milliseconds, as everywhere else. */
const PARSERS = {
  timestampFromMilliseconds: (value: bigint) => iso(Number(value)),
  timestampFromMicroseconds: (value: bigint) => iso(Number(value / 1000n)),
  timestampFromNanoseconds: (value: bigint) => iso(Number(value / 1_000_000n)),
  dateFromDays: (days: number) => iso(days * 86_400_000),
};

const cellText = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  const text =
    typeof value === 'string'
      ? value
      : (JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item)) ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

interface Column {
  readonly name: string;
  readonly isTime: boolean;
}

/** Columns in the order they are written: the time first, where one can be told. */
const columnsOf = ({ schema }: FileMetaData): readonly Column[] => {
  const [, ...elements] = schema;
  const columns = elements
    .filter(({ num_children: children }) => children === undefined || children === 0)
    .map(({ name, type, logical_type: logical, converted_type: converted }): Column => {
      const isTime = logical?.type === 'TIMESTAMP' || converted?.startsWith('TIMESTAMP') === true || type === 'INT96';
      return { name, isTime };
    });
  const named = columns.findIndex(({ name }) => name.toLowerCase() === 'time');
  const at = named >= 0 ? named : columns.findIndex(({ isTime }) => isTime);
  const time = columns[at];
  return time === undefined ? columns : [time, ...columns.filter((column) => column !== time)];
};

type Values = ArrayLike<unknown>;

/** The values of some rows, column by column. */
const readRows = async (
  file: AsyncBuffer,
  metadata: FileMetaData,
  rowStart: number,
  rowEnd: number,
): Promise<ReadonlyMap<string, Values>> => {
  const values = new Map<string, unknown[]>();
  await parquetRead({
    file,
    metadata,
    rowStart,
    rowEnd,
    compressors,
    parsers: PARSERS,
    onChunk: ({ columnName, columnData, rowStart: first }) => {
      const column = values.get(columnName) ?? new Array<unknown>(rowEnd - rowStart);
      values.set(columnName, column);
      for (let index = 0; index < columnData.length; index += 1) {
        const row = first + index - rowStart;
        if (row >= 0 && row < column.length) column[row] = columnData[index] as unknown;
      }
    },
  });
  return values;
};

async function* rowTexts(file: AsyncBuffer, metadata: FileMetaData): AsyncGenerator<string, void, undefined> {
  const columns = columnsOf(metadata);
  const header = columns.map(({ name, isTime }, index) => (index === 0 && isTime ? 'time' : cellText(name)));
  yield `${header.join(',')}\n`;
  let start = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    const values = await readRows(file, metadata, start, start + rows);
    start += rows;
    for (let row = 0; row < rows; row += CHUNK_ROWS) {
      let text = '';
      for (let at = row; at < Math.min(rows, row + CHUNK_ROWS); at += 1)
        text += `${columns.map(({ name }) => cellText(values.get(name)?.[at])).join(',')}\n`;
      yield text;
    }
  }
}

/** @throws FdirError `input` when the file is no Parquet, or damaged. */
export async function* parquetText(file: string): AsyncGenerator<string, void, undefined> {
  try {
    const buffer = await asyncBufferFromFile(file);
    yield* rowTexts(buffer, await parquetMetadataAsync(buffer, { parsers: PARSERS }));
  } catch (error) {
    if (error instanceof FdirError) throw error;
    throw new FdirError(
      'input',
      `cannot read ${file}: it is a Parquet file, and damaged or of a kind that is not read`,
      [{ file, message: describeError(error) }],
    );
  }
}
