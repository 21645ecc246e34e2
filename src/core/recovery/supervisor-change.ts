/** The state of all recoveries while one input is dealt with: what changes is gathered, and the given state is left as it is. */
import type { MissionCommand } from '../../domain/commands';
import type { ActionEvent } from '../../domain/events';
import type { StoredState, LedgerEntry } from '../../domain/ledger';
import type { EquipmentRecord, PlannedStep, Recovery, RuleOverride, RuleRecord } from '../../domain/recovery';
import type { ActionState, EquipmentHealth, EventAction, RuleState } from '../../domain/rules';
import { isoTime } from '../../domain/units';
import type { CompiledRules } from '../rules/rule-match';
import { openSquelch, squelch, type SquelchLimits } from '../squelch';
import { weaker } from './authority';
import { healthyEquipment } from './equipment-health';
import { isOver, transition, type Attempt, type AttemptInput, type AttemptPlan, type Transition } from './machine';

/** What does not change while the same rules are loaded. */
export interface SupervisorEnv {
  readonly spacecraft: string;
  readonly rules: ReadonlyMap<string, EventAction>;
  readonly compiled: CompiledRules;
  readonly commands: ReadonlyMap<string, MissionCommand>;
  /** The function's action state by configuration. */
  readonly mode: ActionState;
  /** Whether acknowledgements can come; in a replay none can, and what would be sent ends with its expiry. */
  readonly isAnswered: boolean;
}

/** Plain data, so that it can be stored and compared. */
export interface SupervisorState {
  /** Mission time, milliseconds: packet time, carried on by the clock while no telemetry comes. Never goes back. */
  readonly time: number;
  /** Those that are not over, oldest first. */
  readonly recoveries: readonly Recovery[];
  /** Ids of those that are, newest last: none of them is ever begun again. */
  readonly known: readonly string[];
  readonly rules: readonly RuleRecord[];
  readonly overrides: readonly RuleOverride[];
  readonly equipments: readonly EquipmentRecord[];
  /** The function's action state as a person set it. */
  readonly modeOverride: ActionState | null;
  readonly isLinkUp: boolean;
}

export const initialSupervisor: SupervisorState = {
  time: 0,
  recoveries: [],
  known: [],
  rules: [],
  overrides: [],
  equipments: [],
  modeOverride: null,
  isLinkUp: true,
};

/** Some years of recoveries of a spacecraft that is in trouble. */
export const MAX_KNOWN = 10_000;
/** Recorded answers of one rule on one equipment: a person reads no more, and one comes back every quarter of an hour. */
export const RECORD_SQUELCH: SquelchLimits = { burst: 20, everyMs: 900_000 };

/** What the log kept, as the state to begin with. A restart never makes the function more active than it was, or is told to be. */
export const restoreSupervisor = (stored: StoredState): SupervisorState => {
  const { recoveries, known, rules, overrides, equipments, memory } = stored;
  const mode = memory['mode'];
  const time = memory['time'];
  return {
    ...initialSupervisor,
    time: typeof time === 'number' ? time : 0,
    modeOverride: mode === 'passive' || mode === 'disabled' ? mode : null,
    recoveries,
    known,
    rules,
    overrides,
    equipments,
  };
};

/** Changes with it, and only with it: what a person set for a rule holds for the rule as it was then. */
export const fingerprint = (rule: EventAction): string => JSON.stringify(rule);

export const modeOf = ({ mode }: SupervisorEnv, { modeOverride }: SupervisorState): ActionState => modeOverride ?? mode;

export const ruleStateOf = (rule: EventAction, { overrides }: SupervisorState): RuleState => {
  const override = overrides.find((item) => item.rule === rule.id);
  return override === undefined || override.fingerprint !== fingerprint(rule) ? rule.state : override.state;
};

/** The weaker of rule and function. */
export const effectiveState = (env: SupervisorEnv, state: SupervisorState, rule: EventAction): RuleState =>
  weaker(ruleStateOf(rule, state), modeOf(env, state));

/** Whether a rule is worth evaluating at all. */
export const isEvaluated = (env: SupervisorEnv, state: SupervisorState, rule: EventAction): boolean =>
  ['active', 'passive'].includes(effectiveState(env, state, rule));

export const healthOf = ({ equipments }: SupervisorState): Readonly<Record<string, EquipmentHealth>> =>
  Object.fromEntries(equipments.map(({ equipment, health }) => [equipment, health]));

export const planOf = ({ expiryMs, acknowledgement, verifyWithinMs }: PlannedStep): AttemptPlan => ({
  expiryMs,
  acknowledgement,
  verifyWithinMs,
});

export const currentStep = ({ id, steps, step }: Recovery): PlannedStep => {
  const current = steps[step];
  if (current === undefined) throw new Error(`recovery ${id} has no step ${String(step)}`);
  return current;
};

const attemptOf = ({ state, since, deadline, expiry }: Recovery): Attempt => ({ state, since, deadline, expiry });

const replace = <T>(items: readonly T[], next: T, isSame: (item: T) => boolean): readonly T[] =>
  items.some(isSame) ? items.map((item) => (isSame(item) ? next : item)) : [...items, next];

const withKnown = (known: readonly string[], id: string): readonly string[] => [...known.slice(1 - MAX_KNOWN), id];

/** A set of each list of known ids: a rule asks at every instant, and the list changes when a recovery ends. */
const knownSets = new WeakMap<readonly string[], Set<string>>();

const setOf = (known: readonly string[]): ReadonlySet<string> => {
  const set = knownSets.get(known) ?? new Set(known);
  knownSets.set(known, set);
  return set;
};

/** The set goes over to the longer list; whoever asks of the old one again has it made anew. */
const handOnSet = (before: readonly string[], after: readonly string[], id: string): void => {
  const set = knownSets.get(before);
  if (set === undefined) return;
  knownSets.delete(before);
  for (const dropped of before.slice(0, before.length + 1 - after.length))
    if (!after.includes(dropped)) set.delete(dropped);
  knownSets.set(after, set.add(id));
};

export class SupervisorChange {
  private state: SupervisorState;
  private readonly ledger: LedgerEntry[] = [];
  private readonly actions: ActionEvent[] = [];

  constructor(
    readonly env: SupervisorEnv,
    before: SupervisorState,
  ) {
    this.state = before;
  }

  get time(): number {
    return this.state.time;
  }

  get current(): SupervisorState {
    return this.state;
  }

  get recoveries(): readonly Recovery[] {
    return this.state.recoveries;
  }

  /** Whether a recovery of this id is over. */
  isKnown(id: string): boolean {
    return setOf(this.state.known).has(id);
  }

  /** Never begun again, whether it was begun or not. */
  know(id: string): void {
    const { known } = this.state;
    const next = withKnown(known, id);
    handOnSet(known, next, id);
    this.set({ known: next });
  }

  /** Time goes on, and never back: telemetry may be older than what the clock has carried us to. */
  reach(time: number): void {
    if (time > this.state.time) this.state = { ...this.state, time };
  }

  set(change: Partial<SupervisorState>): void {
    this.state = { ...this.state, ...change };
  }

  keep(entry: LedgerEntry): void {
    this.ledger.push(entry);
  }

  tell(action: ActionEvent): void {
    this.actions.push(action);
  }

  /** What this input made of a recovery, also when it is over. */
  lastOf(id: string): Recovery | undefined {
    const entry = this.ledger.findLast((item) => item.kind === 'recovery' && item.record.id === id);
    return entry?.kind === 'recovery' ? entry.record : undefined;
  }

  rule(rule: string, equipment: string): RuleRecord {
    return (
      this.state.rules.find((item) => item.rule === rule && item.equipment === equipment) ?? {
        rule,
        equipment,
        coolsUntil: 0,
        isSpent: false,
        attempts: [],
        squelch: openSquelch(RECORD_SQUELCH, this.time),
      }
    );
  }

  setRule(record: RuleRecord): void {
    const isSame = ({ rule, equipment }: RuleRecord): boolean => rule === record.rule && equipment === record.equipment;
    this.set({ rules: replace(this.state.rules, record, isSame) });
    this.keep({ kind: 'rule', record });
  }

  /** Whether one more recorded answer of the rule is kept; otherwise it is counted as suppressed. */
  mayRecord(record: RuleRecord): boolean {
    const { passes, state } = squelch(RECORD_SQUELCH, record.squelch, this.time);
    this.setRule({ ...record, squelch: state });
    return passes;
  }

  equipment(equipment: string): EquipmentRecord {
    return this.state.equipments.find((item) => item.equipment === equipment) ?? healthyEquipment(equipment, this.time);
  }

  setEquipment(record: EquipmentRecord): void {
    const isSame = ({ equipment }: EquipmentRecord): boolean => equipment === record.equipment;
    this.set({ equipments: replace(this.state.equipments, record, isSame) });
    this.keep({ kind: 'equipment', record });
  }

  /** A recovery as it now stands; one that is over leaves the state and stays in the log. */
  setRecovery(record: Recovery): void {
    const isSame = ({ id }: Recovery): boolean => id === record.id;
    this.set(
      record.isOver
        ? {
            recoveries: this.recoveries.filter((item) => !isSame(item)),
            known: withKnown(this.state.known, record.id),
          }
        : { recoveries: replace(this.recoveries, record, isSame) },
    );
    this.keep({ kind: 'recovery', record });
  }

  /** A step of a recovery into the log. */
  logStep(recovery: Recovery, from: Recovery['state'] | null, by: string, note: string): void {
    const { id, explanationId, step, state } = recovery;
    const request = currentStep(recovery).request.id;
    const record = { recovery: id, request, explanationId, time: isoTime(this.time), step, from, to: state, by, note };
    this.keep({ kind: 'recovery-step', record });
  }

  /** Puts an input to the machine of a recovery; undefined when it changes nothing. What follows from it is the caller's. */
  apply(recovery: Recovery, input: AttemptInput): { recovery: Recovery; change: Transition } | undefined {
    const plan = planOf(currentStep(recovery));
    const change = transition(plan, attemptOf(recovery), input, this.time);
    if (change === undefined) return undefined;
    const next: Recovery = { ...recovery, ...change.attempt, note: change.note, isOver: isOver(plan, change.attempt) };
    this.logStep(next, recovery.state, change.by, change.note);
    this.setRecovery(next);
    return { recovery: next, change };
  }

  finish(): { state: SupervisorState; actions: readonly ActionEvent[]; ledger: readonly LedgerEntry[] } {
    return { state: this.state, actions: this.actions, ledger: latest(this.ledger) };
  }
}

/** Of entries that replace one another only the last is written; steps are all kept, in order. */
const latest = (entries: readonly LedgerEntry[]): readonly LedgerEntry[] => {
  const keyOf = (entry: LedgerEntry, index: number): string => {
    switch (entry.kind) {
      case 'recovery':
        return `recovery ${entry.record.id}`;
      case 'rule':
        return `rule ${entry.record.rule} ${entry.record.equipment}`;
      case 'override':
        return `override ${entry.record.rule}`;
      case 'equipment':
        return `equipment ${entry.record.equipment}`;
      case 'alarm':
        return `alarm ${entry.record.name} ${String(entry.record.sequence)}`;
      case 'memory':
        return `memory ${entry.name}`;
      case 'recovery-step':
      case 'alarm-step':
      case 'operator':
      case 'verdict':
      case 'note':
      case 'telecommand':
        return String(index);
    }
  };
  const last = new Map(entries.map((entry, index) => [keyOf(entry, index), index]));
  return entries.filter((entry, index) => last.get(keyOf(entry, index)) === index);
};
