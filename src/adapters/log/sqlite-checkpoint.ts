/** The checkpoint in the log: a row a part, written only when the part changed. Knows SQL, and not the SQLite package. */
import type { Memory } from '../../pipeline/memory';
import { packPart, type Basis, type PartName, type StoredPart } from './checkpoint';
import type { Tables } from './sqlite-tables';

/** The run whose ids are gone on with: an anomaly that is open over a restart stays one anomaly. */
const RUN = 'run';

export class CheckpointStore {
  private readonly put: ReturnType<Tables['prepare']>;
  /** Parts as they were committed last, and what they were about. */
  private committed: Partial<Memory> = {};
  private basis: Basis | undefined;
  private pending: Partial<Memory> | undefined;

  constructor(private readonly tables: Tables) {
    this.put = tables.prepare('INSERT OR REPLACE INTO checkpoint VALUES (@part, @basis, @value)');
  }

  /** Inside the caller's transaction. @returns bytes written. */
  write(memory: Partial<Memory>, basis: Basis, run: number): number {
    const isNew = this.basis !== basis;
    let bytes = 0;
    if (isNew) this.put.run({ part: RUN, basis: '', value: Buffer.from(String(run)) });
    for (const part of Object.keys(memory) as PartName[]) {
      if (!isNew && memory[part] === this.committed[part]) continue;
      const packed = packPart(part, memory, basis);
      bytes += packed.value.length;
      this.put.run({ ...packed });
    }
    this.pending = memory;
    return bytes;
  }

  /** The transaction of the last `write` is committed. */
  done(basis: Basis): void {
    if (this.pending === undefined) return;
    this.committed = this.pending;
    this.basis = basis;
    this.pending = undefined;
  }

  read(): { readonly parts: readonly StoredPart[]; readonly run: number | undefined } {
    const rows = this.tables.prepare('SELECT part, basis, value FROM checkpoint').all({}) as StoredPart[];
    const run = rows.find(({ part }) => part === RUN);
    return {
      parts: rows.filter(({ part }) => part !== RUN),
      run: run === undefined ? undefined : Number(Buffer.from(run.value).toString()),
    };
  }
}
