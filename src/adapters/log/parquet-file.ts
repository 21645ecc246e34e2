/** Rows into an Apache Parquet file, a row group at a time. The only file that knows hyparquet-writer. */
import {
  ByteWriter,
  fileWriter,
  ParquetWriter,
  schemaFromColumnData,
  type ColumnSource,
  type Writer,
} from 'hyparquet-writer';

export type Cell = string | number | Date | null;
type Kind = 'STRING' | 'DOUBLE' | 'INT32' | 'TIMESTAMP';
type Rows = readonly (readonly Cell[])[];

export interface ParquetColumn {
  readonly name: string;
  readonly kind: Kind;
  readonly isNullable: boolean;
}

export interface ParquetFile {
  write(rows: Rows): void;
  /** Without it the file cannot be read. */
  finish(): void;
}

const open = (writer: Writer, columns: readonly ParquetColumn[]): ParquetFile => {
  const dataOf = (rows: Rows): ColumnSource[] =>
    columns.map(({ name, kind, isNullable }, index) => ({
      name,
      type: kind,
      nullable: isNullable,
      data: rows.map((row) => row[index] ?? null),
    }));
  const parquet = new ParquetWriter({
    writer,
    schema: schemaFromColumnData({ columnData: dataOf([]) }),
    createdBy: 'peephole-fdir',
  });
  return {
    write: (rows) => {
      if (rows.length > 0) void parquet.write({ columnData: dataOf(rows), rowGroupSize: rows.length });
    },
    finish: () => {
      void parquet.finish();
    },
  };
};

export const createParquet = (file: string, columns: readonly ParquetColumn[]): ParquetFile =>
  open(fileWriter(file), columns);

/** The file as parts of its bytes, one a group, as fast as they are asked for: what was handed out is kept no longer. */
export function* parquetParts(columns: readonly ParquetColumn[], groups: Iterable<Rows>): Generator<Uint8Array> {
  const writer = new ByteWriter();
  const parquet = open(writer, columns);
  const part = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    // As its own writer of files does: `offset` counts on, the buffer begins anew.
    writer.index = 0;
    return bytes;
  };
  for (const rows of groups) {
    parquet.write(rows);
    yield part();
  }
  parquet.finish();
  yield part();
}
