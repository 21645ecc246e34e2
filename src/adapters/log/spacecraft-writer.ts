/** What a fleet's log writes of one spacecraft besides its records: the checkpoint, and what is on its way to the broker. */
import type { Memory } from '../../pipeline/memory';
import { basisOf, type Basis, type CheckpointSubject } from './checkpoint';
import type { Outgoing } from './fleet-log';
import type { CheckpointStore } from './sqlite-checkpoint';

export class SpacecraftWriter {
  private rules: string;
  private basis: Basis;

  /** @param run open anomalies go on under the run that opened them. */
  constructor(
    private readonly checkpoints: CheckpointStore,
    private readonly subject: CheckpointSubject,
    readonly run: number,
  ) {
    this.rules = subject.program?.sha256 ?? '';
    this.basis = basisOf(subject.mission, subject.manifest, this.rules);
  }

  /** Puts the checkpoint into the transaction. @returns what to call when the transaction is durable. */
  remember(memory: Partial<Memory> | undefined): () => void {
    if (memory === undefined) return () => undefined;
    const rules = memory.response?.program?.sha256 ?? '';
    if (rules !== this.rules) {
      this.rules = rules;
      this.basis = basisOf(this.subject.mission, this.subject.manifest, rules);
    }
    const { basis } = this;
    this.checkpoints.write(memory, basis, this.run);
    return () => {
      this.checkpoints.done(basis);
    };
  }
}

/** A recovery request as the outbox keeps it. */
export interface RequestRow {
  readonly request: string;
  readonly until: number;
  readonly message: string;
}

export const requestRow = (
  { sequence, topic, payload }: Outgoing,
  { id, until }: NonNullable<Outgoing['request']>,
): RequestRow & Pick<Outgoing, 'sequence'> => ({
  sequence,
  request: id,
  until,
  message: JSON.stringify({ sequence, topic, payload }),
});

/** What waits, in the order in which it leaves. @throws SyntaxError when a request was damaged. */
export const inSequence = (publications: readonly Outgoing[], requests: readonly RequestRow[]): readonly Outgoing[] =>
  [
    ...publications,
    ...requests.map(({ request, until, message }) => ({
      ...(JSON.parse(message) as Pick<Outgoing, 'sequence' | 'topic' | 'payload'>),
      request: { id: request, until },
    })),
  ].sort((a, b) => a.sequence - b.sequence);
