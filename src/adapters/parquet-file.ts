/** Rows into an Apache Parquet file, a row group at a time. The only file that knows hyparquet-writer. */
import { fileWriter, ParquetWriter, schemaFromColumnData, type ColumnSource } from 'hyparquet-writer';

type Cell = string | number | Date | null;
type Kind = 'STRING' | 'DOUBLE' | 'INT32' | 'TIMESTAMP';

export interface ParquetColumn {
  readonly name: string;
  readonly kind: Kind;
  readonly isNullable: boolean;
}

export interface ParquetFile {
  write(rows: readonly (readonly Cell[])[]): void;
  /** Without it the file cannot be read. */
  finish(): void;
}

export const createParquet = (file: string, columns: readonly ParquetColumn[]): ParquetFile => {
  const dataOf = (rows: readonly (readonly Cell[])[]): ColumnSource[] =>
    columns.map(({ name, kind, isNullable }, index) => ({
      name,
      type: kind,
      nullable: isNullable,
      data: rows.map((row) => row[index] ?? null),
    }));
  const writer = new ParquetWriter({
    writer: fileWriter(file),
    schema: schemaFromColumnData({ columnData: dataOf([]) }),
    createdBy: 'peephole-fdir',
  });
  return {
    write: (rows) => {
      if (rows.length > 0) void writer.write({ columnData: dataOf(rows), rowGroupSize: rows.length });
    },
    finish: () => {
      void writer.finish();
    },
  };
};
