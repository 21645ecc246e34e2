/** The checkpoint in the log: a row a part, written only when the part changed. Knows SQL, and not the SQLite package. */
import type { Memory } from '../../pipeline/memory';
import { packPart, type Basis, type PartName, type StoredPart } from './checkpoint';
import { qualify, within, type LogScope } from './log-scope';
import type { Tables } from './sqlite-tables';

/** The run whose ids are gone on with: an anomaly that is open over a restart stays one anomaly. */
const RUN = 'run';

export class CheckpointStore {
  private readonly put: ReturnType<Tables['prepare']>;
  /** Parts as they were committed last, and what they were about. */
  private committed: Partial<Memory> = {};
  private basis: Basis | undefined;
  private pending: Partial<Memory> | undefined;

  /** @param scope whose checkpoint it is, in the log of a fleet. */
  constructor(
    private readonly tables: Tables,
    private readonly scope: LogScope = '',
  ) {
    this.put = tables.prepare('INSERT OR REPLACE INTO checkpoint VALUES (@part, @basis, @value)');
  }

  /** Inside the caller's transaction. @returns bytes written. */
  write(memory: Partial<Memory>, basis: Basis, run: number): number {
    const isNew = this.basis !== basis;
    let bytes = 0;
    if (isNew) this.put.run({ part: qualify(this.scope, RUN), basis: '', value: Buffer.from(String(run)) });
    for (const part of Object.keys(memory) as PartName[]) {
      if (!isNew && memory[part] === this.committed[part]) continue;
      const packed = packPart(part, memory, basis);
      bytes += packed.value.length;
      this.put.run({ ...packed, part: qualify(this.scope, packed.part) });
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
    const all = this.tables
      .prepare(`SELECT part, basis, value FROM checkpoint WHERE ${within('part', this.scope)}`)
      .all({}) as StoredPart[];
    const rows = all.map((row) => ({ ...row, part: row.part.slice(this.scope.length) }));
    const run = rows.find(({ part }) => part === RUN);
    return {
      parts: rows.filter(({ part }) => part !== RUN),
      run: run === undefined ? undefined : Number(Buffer.from(run.value).toString()),
    };
  }
}
