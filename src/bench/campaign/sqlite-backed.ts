/** The log in memory with a real one beside it: what a new life finds comes from SQLite, closed and opened again. */
import { openLog, type SqliteLog } from '../../adapters/log/sqlite-log';
import type { CheckpointSubject } from '../../adapters/log/checkpoint';
import type { StoredState } from '../../domain/ledger';
import { VirtualLog, type OutboxEntry } from './virtual-log';

/** Longer than any run: what expires is the run's business. */
const NEVER_SECONDS = 1e9;

export class SqliteBackedLog extends VirtualLog {
  private log: SqliteLog;

  constructor(private readonly path: string) {
    super();
    this.log = openLog(path, 0);
  }

  override commit(...what: Parameters<VirtualLog['commit']>): void {
    this.log.commit(...what);
    super.commit(...what);
  }

  override put(...what: Parameters<VirtualLog['put']>): OutboxEntry {
    const entry = super.put(...what);
    const { messageId, request } = entry;
    const message = { messageId, isRelease: false, topic: 'action', expirySeconds: NEVER_SECONDS };
    this.log.outbox(() => 0).write([{ kind: 'put', message: { ...message, payload: JSON.stringify(request) } }]);
    return entry;
  }

  override kept(): StoredState {
    this.log.close();
    this.log = openLog(this.path, 0);
    return this.log.restore();
  }

  override resume(subject: CheckpointSubject) {
    const { bytes } = super.resume(subject);
    return { ...this.log.resume(subject), bytes };
  }

  /** What the real log would tell a new life, and what the one in memory would. */
  bothKept(): readonly [real: StoredState, inMemory: StoredState] {
    return [this.kept(), super.kept()];
  }

  /** Every anomaly of the real log, revision by revision. */
  anomalies(): readonly string[] {
    const ids = [...new Set(this.events.flatMap((event) => (event.type === 'anomaly' ? [event.id] : [])))];
    return ids.flatMap((id) =>
      (this.log.showAnomaly(id)?.revisions ?? []).map((record) => `${record.id} ${String(record.revision)}`),
    );
  }

  close(): void {
    this.log.close();
  }
}
