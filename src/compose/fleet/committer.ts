/**
 * Commits what the spacecraft of a part of the fleet led to, several together: one and twenty wait equally long for the disk or database.
 * What is urgent goes at once. A commit that fails is tried again, and meanwhile nothing is acknowledged or acted upon.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  LeaseLost,
  REQUEST_NUMBER,
  type FleetCommit,
  type FleetLog,
  type Outgoing,
} from '../../adapters/log/fleet-log';
import type { LedgerEntry } from '../../domain/ledger';
import { describeError } from '../../domain/errors';
import { publicationsOf } from '../../core/publications';
import type { SpacecraftUnit, UnitOutcome } from './spacecraft-unit';

/** Outcomes of a transaction; a group is closed at once when so many wait, below what a broker has under way at once. */
const GROUP = 16;
const MAX_GROUP = 256;
/** How long a group waits for others, milliseconds. */
const GATHER_MS = 20;
/** What cannot be committed for so long stays with the broker, milliseconds. */
const SETTLE_MS = 5000;
/** First and longest wait before a failed commit is tried again, milliseconds. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/** An outcome and whose it is. */
export interface DueOutcome {
  readonly unit: SpacecraftUnit;
  readonly outcome: UnitOutcome;
}

export interface CommitterOptions {
  readonly log: FleetLog;
  readonly now: () => number;
  /** What the broker has by now. */
  takeSettled(): readonly Outgoing[];
  /** They were not forgotten: the commit failed. */
  giveBack(settled: readonly Outgoing[]): void;
  /** All of it is durable; what is outgoing may leave. */
  onCommitted(due: readonly DueOutcome[], outgoing: readonly Outgoing[]): void;
  /** The log works, or does not. */
  onLog(works: boolean, detail: string): void;
  /** Another worker has this part: it must stop at once. */
  onLost(): void;
}

const isUrgent = ({ events, answers }: UnitOutcome): boolean =>
  answers.length > 0 || events.some((event) => event.type === 'action' && event.disposition === 'request');

export class Committer {
  private pending: DueOutcome[] = [];
  private timer: NodeJS.Timeout | undefined;
  private isCommitting = false;
  private isStopped = false;
  private whenIdle: (() => void)[] = [];

  /** @param sequence of the last message that was outgoing. */
  constructor(
    private readonly options: CommitterOptions,
    private sequence: number,
  ) {}

  add(due: DueOutcome): void {
    if (this.isStopped) return;
    this.pending.push(due);
    if (this.isCommitting) return;
    if (this.pending.length >= GROUP || isUrgent(due.outcome)) void this.commitPending();
    else this.timer ??= setTimeout(() => void this.commitPending(), GATHER_MS);
  }

  /** Resolves when everything that was added is committed or given up, or cannot be committed for so long. */
  async settle(): Promise<void> {
    if (this.isStopped || (this.pending.length === 0 && !this.isCommitting)) return;
    let timer: NodeJS.Timeout | undefined;
    const done = new Promise<void>((resolve) => {
      this.whenIdle.push(resolve);
      timer = setTimeout(resolve, SETTLE_MS);
    });
    void this.commitPending();
    await done;
    clearTimeout(timer);
  }

  /** At once: what is not committed never will be, and is not acknowledged. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.pending = [];
    this.tellIdle();
  }

  private tellIdle(): void {
    const waiting = this.whenIdle;
    this.whenIdle = [];
    for (const tell of waiting) tell();
  }

  private async commitPending(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.isCommitting) return;
    this.isCommitting = true;
    while (this.pending.length > 0 && !this.stopped) {
      const due = this.pending.splice(0, MAX_GROUP);
      const batch = this.batchOf(due);
      if (await this.isCommitted(batch))
        this.options.onCommitted(
          due,
          batch.flatMap(({ outgoing }) => outgoing),
        );
    }
    this.isCommitting = false;
    this.tellIdle();
  }

  /** It may change while a commit is awaited. */
  private get stopped(): boolean {
    return this.isStopped;
  }

  private async isCommitted(batch: readonly FleetCommit[]): Promise<boolean> {
    const { log, onLog, onLost, takeSettled, giveBack } = this.options;
    for (let waitMs = FIRST_RETRY_MS; !this.stopped; waitMs = Math.min(LONGEST_RETRY_MS, 2 * waitMs)) {
      const settled = takeSettled();
      try {
        await log.commit(batch, settled);
        if (this.stopped) return false;
        onLog(true, '');
        return true;
      } catch (error) {
        giveBack(settled);
        if (error instanceof LeaseLost) {
          onLost();
          return false;
        }
        onLog(false, describeError(error));
        await pause(waitMs);
      }
    }
    return false;
  }

  /** What each spacecraft adds: all events of its outcomes, and the memory of the last. */
  private batchOf(due: readonly DueOutcome[]): readonly FleetCommit[] {
    const byUnit = new Map<SpacecraftUnit, UnitOutcome[]>();
    for (const { unit, outcome } of due) byUnit.set(unit, [...(byUnit.get(unit) ?? []), outcome]);
    return [...byUnit].map(([unit, outcomes]) => {
      const before = unit.requestNumber;
      const outgoing = outcomes.flatMap((outcome) => this.outgoingOf(unit, outcome));
      const numbered: LedgerEntry[] =
        unit.requestNumber === before ? [] : [{ kind: 'memory', name: REQUEST_NUMBER, value: unit.requestNumber }];
      return {
        spacecraft: unit.spacecraft,
        events: outcomes.flatMap(({ events }) => events),
        ledger: [...outcomes.flatMap(({ ledger }) => ledger), ...numbered],
        memory: outcomes.at(-1)?.memory,
        outgoing,
      };
    });
  }

  private outgoingOf(unit: SpacecraftUnit, outcome: UnitOutcome): readonly Outgoing[] {
    const { events, alarms, receivedAt = this.options.now() } = outcome;
    const requests = events.flatMap((event): Outgoing[] => {
      if (event.type !== 'action' || event.disposition !== 'request') return [];
      const { type: _type, ...request } = event;
      unit.requestNumber += 1;
      const until = receivedAt + Date.parse(request.expiry) - Date.parse(request.time);
      const payload = JSON.stringify({ ...request, epoch: this.options.log.epoch, seq: unit.requestNumber });
      return [{ sequence: this.next(), topic: unit.topics.action, payload, request: { id: request.id, until } }];
    });
    // First what cannot wait; the world may hear of it a moment later.
    const told = publicationsOf(unit.topics, { events, alarms });
    return [...requests, ...told.map((message) => ({ sequence: this.next(), ...message }))];
  }

  private next(): number {
    this.sequence += 1;
    return this.sequence;
  }
}
