/**
 * The log of a fleet in one file, which outlives the file, as `LastingLog` does for one spacecraft. A damaged file is set aside, one that
 * was moved or deleted is begun anew, and the new file begins with what is remembered of every spacecraft. A log that is only full is
 * waited for.
 *
 * A gateway refuses an epoch lower than one it knows, and a request number it has seen. So both go on over files.
 */
import { ledgerOf } from '../../core/response/resume-response';
import type { DaemonEvent } from '../../domain/daemon-event';
import { describeError } from '../../domain/errors';
import type { LedgerEntry, StoredState } from '../../domain/ledger';
import type { Memory } from '../../pipeline/memory';
import type { CheckpointSubject } from './checkpoint';
import {
  REQUEST_NUMBER,
  type FleetCommit,
  type FleetLogOptions,
  type Outgoing,
  type RestoredSpacecraft,
} from './fleet-log';
import { identityOf, setAside } from './log-file';
import type { PruneResult, Retention } from './log-retention';
import { isDamage } from './sqlite-database';
import { openFleetLog, type SqliteFleetLog } from './sqlite-fleet-log';
import type { LedgerReader } from './sqlite-ledger';

export interface LastingFleetLogOptions extends FleetLogOptions {
  /** A new file was begun. @param what happened to the one before, in words. */
  readonly onBegun: (what: string) => void;
}

/** What a new file begins with, of one spacecraft. */
interface KnownSpacecraft {
  readonly subject: CheckpointSubject;
  /** Of what was restored, while nothing was committed since. */
  readonly ledger: readonly LedgerEntry[];
  readonly memory: Partial<Memory>;
  /** What the log keeps by name: the number of the last request. */
  readonly names: ReadonlyMap<string, unknown>;
}

interface LostFile {
  readonly kind: 'log-set-aside' | 'log-gone';
  readonly reason: string;
  /** Where it is now. */
  aside?: string;
}

const GONE = 'the log file was moved or deleted while it was written; a new one was begun';
const MS_PER_S = 1000;

/** What was kept, as entries of a new file. */
const entriesOf = ({ recoveries, rules, overrides, equipments, alarms }: StoredState): readonly LedgerEntry[] => [
  ...recoveries.map((record) => ({ kind: 'recovery' as const, record })),
  ...rules.map((record) => ({ kind: 'rule' as const, record })),
  ...overrides.map((record) => ({ kind: 'override' as const, record })),
  ...equipments.map((record) => ({ kind: 'equipment' as const, record })),
  ...alarms.map((record) => ({ kind: 'alarm' as const, record })),
];

const namesIn = (ledger: readonly LedgerEntry[]): readonly (readonly [string, unknown])[] =>
  ledger.flatMap((entry) => (entry.kind === 'memory' ? [[entry.name, entry.value] as const] : []));

export class LastingFleetLog {
  private current: SqliteFleetLog;
  private identity: string;
  private readonly known = new Map<string, KnownSpacecraft>();
  /** What happened to a file that no new one has replaced yet: whatever comes next tries it again. */
  private lost: LostFile | undefined;
  /** What was known of requests went with a damaged file: numbers go on from here, higher than any before. */
  private readonly leastRequest: number | undefined;

  /** @throws FdirError `runtime` when neither the file nor a new one in its place can be opened. */
  constructor(
    private readonly path: string,
    private readonly options: LastingFleetLogOptions,
  ) {
    try {
      this.current = openFleetLog(path, options);
    } catch (error) {
      if (!isDamage(error)) throw error;
      // Epochs and numbers before it are not known. Seconds since 1970 are higher than any that were counted.
      this.leastRequest = Math.floor(options.now() / MS_PER_S);
      this.current = this.begin({ kind: 'log-set-aside', reason: describeError(error) }, this.leastRequest);
    }
    this.identity = identityOf(path);
  }

  /** Higher than that of every file and run before. */
  get epoch(): number {
    return this.current.epoch;
  }

  /** The file that is written now. */
  get log(): SqliteFleetLog {
    return this.current;
  }

  restore(spacecraft: string, subject: CheckpointSubject): RestoredSpacecraft {
    const found = this.guarded(() => this.current.restoreSpacecraft(spacecraft, subject));
    const { response: _fromLedger, ...memory } = found.resumed;
    const names = new Map(Object.entries(found.kept.memory));
    if (this.leastRequest !== undefined && !names.has(REQUEST_NUMBER)) names.set(REQUEST_NUMBER, this.leastRequest);
    this.known.set(spacecraft, { subject, ledger: entriesOf(found.kept), memory, names });
    return { ...found, kept: { ...found.kept, memory: Object.fromEntries(names) } };
  }

  waiting(): readonly Outgoing[] {
    return this.guarded(() => this.current.waiting());
  }

  commit(batch: readonly FleetCommit[], settled: readonly Outgoing[]): void {
    this.guarded(() => {
      this.current.commitFleet(batch, settled);
    });
    for (const { spacecraft, memory, ledger } of batch) this.learn(spacecraft, memory, ledger);
  }

  note(time: number, event: DaemonEvent): void {
    this.guarded(() => {
      this.current.note(time, event);
    });
  }

  prune(retention: Retention, now: number): PruneResult {
    return this.guarded(() => this.current.prune(retention, now));
  }

  ledgerOf(spacecraft: string): LedgerReader {
    return this.current.ledgerOf(spacecraft);
  }

  /** Looks whether the file is still where it was opened; otherwise a new one begins. @throws when none can be begun. */
  checkFile(): void {
    if (this.lost === undefined && identityOf(this.path) === this.identity) return;
    this.lost ??= { kind: 'log-gone', reason: '' };
    this.replace(this.lost);
  }

  close(): void {
    this.current.close();
  }

  private learn(spacecraft: string, memory: Partial<Memory> | undefined, ledger: readonly LedgerEntry[]): void {
    const before = this.known.get(spacecraft);
    if (before === undefined) return;
    const changed = namesIn(ledger);
    const names = changed.length === 0 ? before.names : new Map([...before.names, ...changed]);
    const isWhole = memory?.response !== undefined;
    this.known.set(spacecraft, {
      ...before,
      names,
      ledger: isWhole ? [] : before.ledger,
      memory: { ...before.memory, ...memory },
    });
  }

  /** Damage that anything meets: a new file begins, and it is tried again there. */
  private guarded<T>(work: () => T): T {
    if (this.lost !== undefined) this.replace(this.lost);
    try {
      return work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.lost = { kind: 'log-set-aside', reason: describeError(error) };
      this.replace(this.lost);
      return work();
    }
  }

  private replace(lost: LostFile): void {
    const epoch = this.current.epoch + 1;
    try {
      this.current.close();
    } catch {
      // It is damaged, or closed already: what matters is that its file is let go.
    }
    this.current = this.begin(lost, epoch);
    for (const [spacecraft, { subject }] of this.known) this.current.restoreSpacecraft(spacecraft, subject);
    this.current.commitFleet([...this.known].map(commitOf), []);
    this.identity = identityOf(this.path);
    this.lost = undefined;
  }

  private begin(lost: LostFile, leastEpoch: number): SqliteFleetLog {
    const { now, onBegun } = this.options;
    // What is left of one that was moved would be taken for that of the new one.
    lost.aside ??= setAside(this.path, now());
    const log = openFleetLog(this.path, { ...this.options, leastEpoch });
    const { kind, reason, aside } = lost;
    if (kind === 'log-gone') {
      log.note(now(), { kind, detail: {} });
      onBegun(GONE);
    } else {
      log.note(now(), { kind, detail: { aside, reason } });
      onBegun(`the log file was damaged (${reason}) and is set aside as ${aside}; a new one was begun`);
    }
    return log;
  }
}

const commitOf = ([spacecraft, { ledger, memory, names }]: readonly [string, KnownSpacecraft]): FleetCommit => ({
  spacecraft,
  events: [],
  ledger: [
    ...(memory.response === undefined ? ledger : ledgerOf(memory.response)),
    ...[...names].map(([name, value]) => ({ kind: 'memory' as const, name, value })),
  ],
  memory,
  outgoing: [],
});
