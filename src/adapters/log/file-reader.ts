/** A log that is read from a file, also while a daemon writes it. */
import { LogReader } from './log-reader';
import { verifyLog, type Verification, type VerifyOptions } from './log-verify';
import { secondWriters } from './log-writers';
import { openDatabase, type Database } from './sqlite-database';

/** A reader of a file, which it closes. */
export class FileReader extends LogReader {
  constructor(private readonly database: Database) {
    super(database);
  }

  /** Every link of the chain, from the first to the head. */
  verify(options: VerifyOptions): Verification {
    const found = verifyLog(this.database, options);
    return { ...found, findings: [...found.findings, ...secondWriters(this.database)] };
  }

  /** The part of SQLite's own check that finds pages that do not fit; empty when all is well. */
  damage(): readonly string[] {
    const rows = this.database.pragma('quick_check(10)') as { readonly quick_check: string }[];
    return rows.map(({ quick_check: found }) => found).filter((found) => found !== 'ok');
  }

  /** Whether the newest records may be in a write-ahead log that belongs to the file. */
  get isWriteAhead(): boolean {
    return this.database.pragma('journal_mode', { simple: true }) === 'wal';
  }

  /** Copies everything that is committed to a new file, also while a daemon writes. The copy is one file and complete. */
  async backup(file: string): Promise<void> {
    await this.database.backup(file);
    const copy = openDatabase(file, false);
    try {
      copy.pragma('journal_mode = DELETE');
    } finally {
      copy.close();
    }
  }

  close(): void {
    this.database.close();
  }
}
