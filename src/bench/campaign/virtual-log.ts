/** The explanation log in memory: what is committed outlives the process, and nothing else does. */
import {
  basisOf,
  packPart,
  unpack,
  type CheckpointSubject,
  type PartName,
  type RestoredCheckpoint,
} from '../../adapters/log/checkpoint';
import type { PipelineEvent, RecoveryRequest } from '../../domain/events';
import { nothingKept, type StoredState, type LedgerEntry } from '../../domain/ledger';
import { recoverySchema, type Recovery } from '../../domain/recovery';
import type { Memory } from '../../pipeline/memory';
import type { Keeping, Publication } from '../../pipeline/ports';

/** A request on its way to the broker, with its message identifier. */
export interface OutboxEntry {
  readonly messageId: number;
  readonly request: RecoveryRequest;
  /** Wall clock after which it is given up. */
  readonly until: number;
  isTaken: boolean;
}

/** What is to be published, committed with what it is about. */
export interface VirtualPublication {
  readonly publication: Publication;
  isTaken: boolean;
}

const replaced = <T>(items: readonly T[], item: T, keyOf: (item: T) => string): readonly T[] => [
  ...items.filter((other) => keyOf(other) !== keyOf(item)),
  item,
];

export class VirtualLog {
  readonly events: PipelineEvent[] = [];
  readonly ledger: LedgerEntry[] = [];
  readonly outbox: OutboxEntry[] = [];
  /** In order, with what the broker has taken of them. */
  readonly publications: VirtualPublication[] = [];
  memory: Partial<Memory> | undefined;
  commits = 0;

  commit(events: readonly PipelineEvent[], ledger: readonly LedgerEntry[], keeping?: Keeping): void {
    this.commits += 1;
    this.events.push(...events);
    this.ledger.push(...ledger);
    for (const publication of keeping?.publications ?? []) this.publications.push({ publication, isTaken: false });
    this.memory = keeping?.memory ?? this.memory;
  }

  put(request: RecoveryRequest, until: number): OutboxEntry {
    const entry = { messageId: this.outbox.length + 1, request, until, isTaken: false };
    this.outbox.push(entry);
    return entry;
  }

  recoveries(): readonly Recovery[] {
    const all = new Map<string, Recovery>();
    for (const entry of this.ledger) if (entry.kind === 'recovery') all.set(entry.record.id, entry.record);
    return [...all.values()];
  }

  /** As a new process reads it: through text and back. */
  kept(): StoredState {
    let kept: StoredState = nothingKept;
    const alarms = new Map<string, StoredState['alarms'][number]>();
    for (const entry of JSON.parse(JSON.stringify(this.ledger)) as LedgerEntry[]) {
      const { rules, overrides, equipments, memory } = kept;
      if (entry.kind === 'rule')
        kept = { ...kept, rules: replaced(rules, entry.record, (item) => `${item.rule} ${item.equipment}`) };
      if (entry.kind === 'override')
        kept = { ...kept, overrides: replaced(overrides, entry.record, ({ rule }) => rule) };
      if (entry.kind === 'equipment')
        kept = { ...kept, equipments: replaced(equipments, entry.record, ({ equipment }) => equipment) };
      if (entry.kind === 'memory') kept = { ...kept, memory: { ...memory, [entry.name]: entry.value } };
      if (entry.kind === 'alarm') alarms.set(`${entry.record.name} ${String(entry.record.sequence)}`, entry.record);
    }
    const sequences: Record<string, number> = {};
    for (const { name, sequence } of alarms.values()) sequences[name] = Math.max(sequence, sequences[name] ?? 0);
    const recoveries = this.recoveries().map((record) => recoverySchema.parse(JSON.parse(JSON.stringify(record))));
    const ordered = [...recoveries].sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? 1 : -1));
    return {
      ...kept,
      recoveries: ordered.filter(({ isOver }) => !isOver),
      completed: ordered.filter(({ isOver, state }) => isOver && state === 'completed').reverse(),
      known: ordered.filter(({ isOver }) => isOver).map(({ id }) => id),
      handed: this.outbox.map(({ request }) => request.id),
      alarms: [...alarms.values()].filter(({ state }) => state !== 'cleared'),
      sequences,
    };
  }

  /** The checkpoint, through bytes and back. */
  resume(subject: CheckpointSubject): RestoredCheckpoint & { readonly bytes: number } {
    const { memory } = this;
    if (memory === undefined) return { resumed: {}, refused: [], bytes: 0 };
    const basis = basisOf(subject.mission, subject.manifest, memory.response?.program?.sha256 ?? '');
    const parts = (Object.keys(memory) as PartName[]).map((part) => packPart(part, memory, basis));
    const bytes = parts.reduce((sum, { value }) => sum + value.length, 0);
    return { ...unpack(parts, subject), bytes };
  }
}
