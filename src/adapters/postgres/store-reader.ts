/** Reads the log of a fleet in PostgreSQL, as `FileReader` reads that of a file. */
import { linkedTables } from '../log/log-chain';
import { LogReader } from '../log/log-reader';
import { verifyLog, type Verification, type VerifyOptions } from '../log/log-verify';
import type { StoreThread } from './store-thread';

/** What of a partition its chain is checked with. */
const CHAINED = [...linkedTables, 'chain_head', 'chain_key', 'chain_gap'];

export class StoreReader extends LogReader {
  constructor(private readonly store: StoreThread) {
    super(store);
  }

  /** The chains of all partitions, one after the other. The head is that of the last one; numbers of links are added up. */
  verify(options: VerifyOptions): Verification {
    const partitions = this.store.ask('SELECT partition FROM chain_head ORDER BY partition') as {
      readonly partition: number;
    }[];
    const found = partitions.map(({ partition }) => {
      this.show(partition);
      const { findings, ...rest } = verifyLog(this.store, options);
      const told = findings.map((finding) => ({
        ...finding,
        message: `partition ${String(partition)}: ${finding.message}`,
      }));
      return { ...rest, findings: told };
    });
    this.showAll();
    const last = found.at(-1);
    return {
      links: found.reduce((sum, { links }) => sum + links, 0),
      forgotten: found.reduce((sum, { forgotten }) => sum + forgotten, 0),
      head: last?.head ?? { sequence: 0, mac: '', keyId: 'none' },
      isSigned: found.length > 0 && found.every(({ isSigned }) => isSigned),
      findings: found.flatMap(({ findings }) => findings),
    };
  }

  /** PostgreSQL checks its own pages, where it was made with checksums. */
  damage(): readonly string[] {
    return [];
  }

  /** What is committed is in the database itself. */
  get isWriteAhead(): boolean {
    return false;
  }

  close(): void {
    this.store.close();
  }

  /** In this session the tables hold one partition: views of the session go before them. */
  private show(partition: number): void {
    for (const table of CHAINED)
      this.store.ask(
        `CREATE OR REPLACE TEMP VIEW ${table} AS SELECT * FROM public.${table} WHERE partition = ${String(partition)}`,
      );
  }

  private showAll(): void {
    for (const table of CHAINED) this.store.ask(`DROP VIEW IF EXISTS pg_temp.${table}`);
  }
}
