/**
 * What is made of everything an arrival led to: rules that match become recoveries, acknowledgements and people's orders move them,
 * and alarms are raised. A pure fold over instants in packet-time order; the pipeline threads the state, a rule test too.
 */
import type { AlarmStep } from '../domain/alarm';
import type { MissionCommand } from '../domain/commands';
import type { ActionEvent, MutedEvent, PipelineEvent } from '../domain/events';
import type { Situation } from '../domain/facts';
import type { Kept, LedgerEntry } from '../domain/ledger';
import { staleAfterMs, type Mission } from '../domain/mission';
import type { Recovery } from '../domain/recovery';
import type { AskedRequest, OperatorRequest, Reply } from '../domain/requests';
import type { ActionState } from '../domain/rules';
import { alarmCondition, type LatchFrom } from './alarm-sources';
import {
  initialAlarms,
  orderAlarm,
  raise,
  unshelveExpired,
  unshelveUnexplained,
  type AlarmsState,
  type AlarmsStep,
  type Condition,
} from './alarms';
import type { Instant } from './instant';
import { activeIds, carryOver, initialMatcher, matchRules, type MatcherState } from './match-rules';
import { anchorOf, missionTime, type Anchor } from './mission-time';
import { isFailing } from './monitoring/checking';
import type { NearMiss } from './monitoring/monitor';
import { failingAmong } from './monitoring/statuses';
import { requestEvent } from './recovery/course';
import {
  currentStep,
  fingerprint,
  healthOf,
  initialSupervisor,
  isEvaluated,
  modeOf,
  restoreSupervisor,
} from './recovery/draft';
import type { SupervisorEnv, SupervisorState } from './recovery/draft';
import { operate, operatorEntry, type RecoveryOrder } from './recovery/operate';
import { supervise, type SupervisorInput, type SupervisorStep } from './recovery/supervisor';
import type { RuleProgram } from './rule-program';

/** What does not change while the program runs. */
export interface ResponseParts {
  readonly mission: Mission;
  readonly mode: ActionState;
  /** Whether acknowledgements and people can answer; in a replay nobody does. */
  readonly isAnswered: boolean;
  readonly latchFrom: LatchFrom;
  /** What the log kept of the last run. */
  readonly kept?: Kept | undefined;
}

/** What comes from elsewhere than telemetry. */
export type Control =
  | {
      readonly kind: 'acknowledge';
      readonly id: string;
      readonly stage: 'accepted' | 'completed' | 'failed';
      readonly reason: string;
    }
  | { readonly kind: 'request'; readonly asked: AskedRequest }
  /** The clock goes on. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'link'; readonly isUp: boolean }
  /** A part of the program works, or does not: an alarm for people. */
  | { readonly kind: 'vital'; readonly part: string; readonly works: boolean; readonly detail: string }
  /** Rules that were loaded anew, and who asked for it; without rules they were refused, or there are none and `ok` says so. */
  | {
      readonly kind: 'reload';
      readonly program: RuleProgram | undefined;
      readonly ok?: boolean;
      readonly message: string;
      readonly by: string;
      readonly asked: AskedRequest | undefined;
    };

/** An answer on its way: what was decided, or what the log is to be asked once everything is written. */
export interface Answer {
  readonly asked: AskedRequest;
  readonly reply: Reply | { readonly query: OperatorRequest };
}

export interface ResponseInput {
  readonly instants: readonly Instant[];
  /** Anomalies and transitions, in packet-time order. */
  readonly events: readonly PipelineEvent[];
  readonly nearMisses: readonly NearMiss[];
  readonly controls: readonly Control[];
  /** Wall clock; undefined in a replay. */
  readonly receivedAt: number | undefined;
}

export interface Response {
  readonly actions: readonly ActionEvent[];
  readonly muted: readonly MutedEvent[];
  readonly ledger: readonly LedgerEntry[];
  readonly alarms: readonly AlarmStep[];
  readonly answers: readonly Answer[];
}

export interface ResponseState {
  readonly program: RuleProgram | undefined;
  readonly env: SupervisorEnv;
  readonly matcher: MatcherState;
  readonly supervisor: SupervisorState;
  readonly alarms: AlarmsState;
  readonly anchor: Anchor | undefined;
  /** Their requests are logged as sent and were never handed to the connection: the last run ended between the two. */
  readonly unsent: readonly Recovery[];
  /** The newest one, without health. */
  readonly situation: Instant['situation'] | undefined;
}

export interface ResponseStep {
  readonly state: ResponseState;
  readonly added: Response;
}

const envOf = ({ mission, mode, isAnswered }: ResponseParts, program: RuleProgram | undefined): SupervisorEnv => ({
  spacecraft: mission.spacecraft,
  rules: new Map((program?.rules ?? []).map(({ rule }) => [rule.id, rule])),
  compiled: program ?? { stepConditions: () => undefined },
  commands: new Map<string, MissionCommand>((mission.commands ?? []).map((command) => [command.name, command])),
  mode,
  isAnswered,
});

/** What nobody acknowledges is completed as soon as it is logged, and may not have left either. */
const mayNotHaveLeft = (recovery: Recovery): boolean =>
  recovery.state === 'sent' || (recovery.state === 'completed' && currentStep(recovery).acknowledgement === 'none');

const unsentOf = ({ recoveries, completed, handed }: Kept): readonly Recovery[] =>
  [...completed, ...recoveries].filter(
    (recovery) => mayNotHaveLeft(recovery) && !handed.includes(currentStep(recovery).request.id),
  );

export const initialResponse = (parts: ResponseParts, program: RuleProgram | undefined): ResponseState => {
  const { kept, isAnswered } = parts;
  return {
    program,
    env: envOf(parts, program),
    matcher: initialMatcher,
    // Until the link says that it is up, nothing is sent; a replay has no link.
    supervisor: { ...(kept === undefined ? initialSupervisor : restoreSupervisor(kept)), isLinkUp: !isAnswered },
    alarms: kept === undefined ? initialAlarms : { alarms: kept.alarms, sequences: kept.sequences, forgotten: 0 },
    anchor: anchorOf(kept?.memory['clock']),
    unsent: kept === undefined ? [] : unsentOf(kept),
    situation: undefined,
  };
};

/** What of the state is not in the ledger, as a checkpoint kept it. */
export interface ResumableResponse extends Pick<ResponseState, 'matcher' | 'anchor' | 'situation'> {
  /** Mission time that was reached, milliseconds. */
  readonly time: number;
  /** Ids of recoveries and names of alarms, in the order they are dealt with. */
  readonly recoveries: readonly string[];
  readonly alarms: readonly string[];
}

/** Things in a given order of their names; others come last, as they were. */
const inOrder = <T>(items: readonly T[], nameOf: (item: T) => string, names: readonly string[]): readonly T[] => {
  const place = new Map(names.map((name, index) => [name, index]));
  const placeOf = (item: T): number => place.get(nameOf(item)) ?? names.length;
  return [...items].sort((a, b) => placeOf(a) - placeOf(b));
};

/** Everything of the state that the ledger keeps: what a new log begins with. */
export const ledgerOf = ({ supervisor, alarms }: ResponseState): readonly LedgerEntry[] => [
  ...supervisor.recoveries.map((record) => ({ kind: 'recovery' as const, record })),
  ...supervisor.rules.map((record) => ({ kind: 'rule' as const, record })),
  ...supervisor.overrides.map((record) => ({ kind: 'override' as const, record })),
  ...supervisor.equipments.map((record) => ({ kind: 'equipment' as const, record })),
  ...alarms.alarms.map((record) => ({ kind: 'alarm' as const, record })),
  ...(supervisor.modeOverride === null
    ? []
    : [{ kind: 'memory' as const, name: 'mode', value: supervisor.modeOverride }]),
];

/** The state that a restarted daemon goes on with. */
export const resumeResponse = (initial: ResponseState, kept: ResumableResponse | undefined): ResponseState => {
  if (kept === undefined) return initial;
  const { matcher, anchor, situation, time, recoveries, alarms } = kept;
  const { supervisor, alarms: book } = initial;
  return {
    ...initial,
    matcher,
    anchor,
    situation,
    supervisor: {
      ...supervisor,
      time: Math.max(time, supervisor.time),
      recoveries: inOrder(supervisor.recoveries, ({ id }) => id, recoveries),
    },
    alarms: { ...book, alarms: inOrder(book.alarms, ({ name }) => name, alarms) },
  };
};

/** Telemetry that is so much older than the clock says is a backlog; less is the jitter of links and of our own work. */
const LATE_MS = 30_000;

/** @param time mission time; by the clock before the first telemetry. */
export const vitalCondition = (
  { part, works, detail }: Omit<Extract<Control, { kind: 'vital' }>, 'kind'>,
  time: number,
): Condition => ({
  name: `daemon/${part}`,
  cause: part,
  status: works ? 'normal' : 'violated',
  severity: 'high',
  title: works ? `${part} of the daemon works again` : `${part} of the daemon: ${detail}`.slice(0, 300),
  isLatching: false,
  value: null,
  explanationId: null,
  time,
});

/** One arrival being dealt with. */
class Responding {
  private readonly actions: ActionEvent[] = [];
  private readonly muted: MutedEvent[] = [];
  private readonly ledger: LedgerEntry[] = [];
  private readonly alarmSteps: AlarmStep[] = [];
  private readonly answers: Answer[] = [];

  private failing: ReadonlySet<string>;

  constructor(
    private readonly parts: ResponseParts,
    private state: ResponseState,
  ) {
    this.failing = failingAmong(state.situation?.monitors ?? {});
  }

  /** The spacecraft at mission time `time`: what is too old by then is stale. */
  situationAt(time: number): Situation {
    const { situation, supervisor } = this.state;
    const health = healthOf(supervisor);
    if (situation === undefined) return { time, parameters: {}, mode: undefined, monitors: {}, health };
    const age = time - situation.time;
    const fresh = this.parts.mission.parameters.filter(
      (parameter) => age <= staleAfterMs(this.parts.mission, parameter),
    );
    const parameters =
      age <= 0
        ? situation.parameters
        : Object.fromEntries(fresh.map(({ id }) => [id, situation.parameters[id] ?? Number.NaN]));
    return { ...situation, parameters, time, health };
  }

  /** Mission time by the clock, where there is one; never before what was reached. */
  now(receivedAt: number | undefined): number {
    const carried = receivedAt === undefined ? undefined : missionTime(this.state.anchor, receivedAt);
    return Math.max(this.state.supervisor.time, carried ?? 0);
  }

  instant(instant: Instant): void {
    const { program, matcher, env, supervisor } = this.state;
    this.state = { ...this.state, situation: instant.situation };
    const health = healthOf(supervisor);
    const matched =
      program === undefined
        ? undefined
        : matchRules(program, matcher, {
            instant,
            health,
            isEvaluated: (rule) => isEvaluated(env, this.state.supervisor, rule),
          });
    if (matched !== undefined) {
      this.state = { ...this.state, matcher: matched.state };
      this.muted.push(...matched.muted);
    }
    const situation = { ...instant.situation, health };
    this.supervise({ kind: 'situation', situation, matches: matched?.matches ?? [] });
    this.releaseAlarms(instant.time);
  }

  /** What fails at the instant that comes next: the events before it are seen in its light. */
  approach({ failing }: Instant): void {
    this.failing = failing;
  }

  event(event: PipelineEvent): void {
    const { parts } = this;
    const explainedBy = event.type === 'anomaly' ? this.explainerOf(event.verdict.equipment) : undefined;
    const condition = alarmCondition(event, this.parts.latchFrom, explainedBy);
    if (condition !== undefined) this.takeAlarms(raise(this.state.alarms, condition));
    if (event.type === 'anomaly') {
      const time = Date.parse(event.revisedAt);
      if (event.state === 'closed') this.supervise({ kind: 'closed', explanationId: event.id, time });
      else if (event.revision === 1)
        this.supervise({ kind: 'noticed', equipment: event.verdict.equipment, what: event.id });
    } else if (event.type === 'check' || event.type === 'monitor') {
      const about = event.type === 'check' ? (event.monitor ?? `${event.parameter}.${event.limit}`) : event.monitor;
      const equipment = event.equipment ?? (event.type === 'check' ? this.equipmentOf(event.parameter) : undefined);
      if (!isFailing(event.to)) this.supervise({ kind: 'passed', about, time: Date.parse(event.time) });
      else if (equipment !== undefined)
        this.supervise({ kind: 'noticed', equipment, what: `${parts.mission.spacecraft}/${event.time}/${about}` });
    }
  }

  nearMiss({ monitor, time, count, needed }: NearMiss): void {
    const condition = {
      name: `monitor/${monitor}`,
      cause: monitor,
      severity: 'low' as const,
      title: `${monitor}: failed ${String(count)} of ${String(needed)} times`,
      isLatching: false,
      value: count,
      explanationId: null,
      time,
    };
    if (this.state.alarms.alarms.some(({ name }) => name === condition.name)) return;
    this.takeAlarms(raise(this.state.alarms, { ...condition, status: 'pending' }));
    this.takeAlarms(raise(this.state.alarms, { ...condition, status: 'normal' }));
  }

  control(control: Control, receivedAt: number | undefined): void {
    const time = this.now(receivedAt);
    switch (control.kind) {
      case 'acknowledge':
        this.supervise({ ...control, situation: this.situationAt(time) });
        return;
      case 'tick':
        this.tick(time);
        return;
      case 'link':
        this.supervise({ kind: 'link', isUp: control.isUp });
        if (control.isUp) this.sendUnsent(time);
        return;
      case 'vital':
        this.takeAlarms(raise(this.state.alarms, vitalCondition(control, time)));
        return;
      case 'request':
        this.answer(control.asked, time);
        return;
      case 'reload':
        this.reload(control, time);
        return;
    }
  }

  /** Telemetry that comes late is not acted upon as if it were fresh: its requests expired before it came. */
  noteLateness(packet: number, receivedAt: number): void {
    const now = this.now(receivedAt);
    const { supervisor } = this.state;
    if (now - packet > LATE_MS) this.state = { ...this.state, supervisor: { ...supervisor, time: now } };
  }

  anchor(packet: number, wall: number): void {
    this.state = { ...this.state, anchor: { packet, wall } };
  }

  finish(): ResponseStep {
    const { anchor } = this.state;
    // The clock is kept along with whatever else is: it matters only while something is under way.
    if (anchor !== undefined && this.ledger.length > 0)
      this.ledger.push({ kind: 'memory', name: 'clock', value: anchor });
    const { actions, muted, ledger, alarmSteps: alarms, answers } = this;
    return { state: this.state, added: { actions, muted, ledger, alarms, answers } };
  }

  /** Takes up what the last run logged as sent and never handed over, as long as it may be sent. */
  private sendUnsent(time: number): void {
    const { unsent, supervisor, env } = this.state;
    this.state = { ...this.state, unsent: [] };
    for (const before of unsent) {
      // It may have gone on since; one that was over is no longer among them.
      const recovery = supervisor.recoveries.find(({ id }) => id === before.id) ?? before;
      const isSame = recovery.step === before.step && mayNotHaveLeft(recovery);
      // Without a clock nothing tells how old it is.
      const isInTime = time > 0 && time < recovery.expiry;
      if (isSame && isInTime && modeOf(env, supervisor) === 'active') this.actions.push(requestEvent(recovery));
    }
  }

  private tick(time: number): void {
    this.takeAlarms(unshelveExpired(this.state.alarms, time));
    if (this.state.supervisor.recoveries.length > 0)
      this.supervise({ kind: 'situation', situation: this.situationAt(time), matches: [] });
  }

  /** What mutes at the moment: monitors that have failed, rules that hold. */
  private active(): ReadonlySet<string> {
    const { program, matcher } = this.state;
    return program === undefined ? new Set() : activeIds(program, matcher, { failing: this.failing });
  }

  private explainerOf(equipment: string): string | undefined {
    const about = (this.state.program?.inhibitions ?? []).filter(({ equipments }) => equipments.has(equipment));
    if (about.length === 0) return undefined;
    const active = this.active();
    return about.find(({ id }) => active.has(id))?.id;
  }

  private releaseAlarms(time: number): void {
    const { alarms } = this.state;
    if (alarms.alarms.some(({ shelved }) => shelved?.cause !== undefined))
      this.takeAlarms(unshelveUnexplained(alarms, this.active(), time));
  }

  private equipmentOf(parameter: string): string | undefined {
    return this.parts.mission.parameters.find(({ id }) => id === parameter)?.equipment;
  }

  private supervise(input: SupervisorInput): void {
    this.take(supervise(this.state.env, this.state.supervisor, input));
  }

  private take({ state, actions, ledger }: SupervisorStep): void {
    this.state = { ...this.state, supervisor: state };
    this.actions.push(...actions);
    this.ledger.push(...ledger);
  }

  private takeAlarms({ state, steps, ledger }: AlarmsStep): void {
    this.state = { ...this.state, alarms: state };
    this.alarmSteps.push(...steps);
    this.ledger.push(...ledger);
  }

  private answer(asked: AskedRequest, time: number): void {
    const { request } = asked;
    switch (request.name) {
      case 'unreadable':
        this.answers.push({ asked, reply: { ok: false, message: request.message } });
        return;
      case 'action-list':
      case 'action-show':
      case 'alarm-list':
        this.answers.push({ asked, reply: { query: request } });
        return;
      case 'verdict': {
        const { id, by, verdict, comment } = request.asked;
        this.ledger.push({ kind: 'verdict', record: { anomaly: id, by, verdict, comment } });
        // Whether there is such an anomaly the log knows.
        this.answers.push({ asked, reply: { query: request } });
        return;
      }
      case 'reload':
        // Reading files is the composition's business: what comes here was not taken up there.
        this.answers.push({ asked, reply: { ok: false, message: 'nothing can be loaded anew here' } });
        return;
      case 'action-approve':
      case 'action-reject':
      case 'action-state':
      case 'rule-rearm':
      case 'equipment-health':
        this.operate(asked, request, time);
        return;
      case 'alarm-ack':
      case 'alarm-shelve':
      case 'alarm-unshelve':
      case 'alarm-clear':
        this.orderAlarm(asked, request, time);
        return;
    }
  }

  private operate(asked: AskedRequest, order: RecoveryOrder, time: number): void {
    const step = operate(this.state.env, this.state.supervisor, order, this.situationAt(time));
    this.take(step);
    this.answers.push({ asked, reply: step.reply });
  }

  private orderAlarm(
    asked: AskedRequest,
    request: Extract<OperatorRequest, { name: 'alarm-ack' | 'alarm-shelve' | 'alarm-unshelve' | 'alarm-clear' }>,
    time: number,
  ): void {
    const { name, by, comment } = request.asked;
    const kinds = {
      'alarm-ack': 'acknowledge',
      'alarm-unshelve': 'unshelve',
      'alarm-clear': 'clear',
    } as const;
    const who = { name, by, comment };
    const step = orderAlarm(
      this.state.alarms,
      request.name === 'alarm-shelve'
        ? { ...who, kind: 'shelve', forMs: request.asked.for }
        : { ...who, kind: kinds[request.name] },
      time,
    );
    this.takeAlarms(step);
    const done = { 'alarm-ack': 'acknowledged', 'alarm-unshelve': 'unshelved', 'alarm-clear': 'cleared' };
    const what = request.name === 'alarm-shelve' ? 'shelved' : done[request.name];
    const reply: Reply =
      step.refused === undefined
        ? { ok: true, message: `${name} is ${what} by ${by}` }
        : { ok: false, message: `${name} ${step.refused}` };
    this.ledger.push(operatorEntry(time, { by, request: request.name, target: name }, reply));
    this.answers.push({ asked, reply });
  }

  private reload({ program, ok, message, by, asked }: Extract<Control, { kind: 'reload' }>, time: number): void {
    const reply: Reply = { ok: ok ?? program !== undefined, message };
    if (program !== undefined) this.swap(program, time);
    this.ledger.push(operatorEntry(time, { by, request: 'reload', target: 'rules' }, reply));
    if (asked !== undefined) this.answers.push({ asked, reply });
  }

  /** All at once, between two arrivals: counters of rules that did not change are kept, those of others begin anew. */
  private swap(program: RuleProgram, time: number): void {
    const { program: old, matcher, supervisor } = this.state;
    const isSame = (id: string): boolean => {
      const [before, after] = [old?.rule(id), program.rule(id)];
      return before !== undefined && after !== undefined && fingerprint(before) === fingerprint(after);
    };
    this.state = {
      ...this.state,
      program,
      env: envOf(this.parts, program),
      matcher: old === undefined ? matcher : carryOver(old, program, matcher),
      supervisor: { ...supervisor, rules: supervisor.rules.filter(({ rule }) => isSame(rule)) },
    };
    for (const { rule, id } of supervisor.recoveries) {
      if (!isSame(rule)) this.supervise({ kind: 'withdrawn', id, reason: 'its rule was changed', time });
    }
  }
}

/** In packet-time order: what happened, then what the rules make of the instant; orders and acknowledgements come before all. */
export const respond = (parts: ResponseParts, state: ResponseState, input: ResponseInput): ResponseStep => {
  const responding = new Responding(parts, state);
  for (const control of input.controls) responding.control(control, input.receivedAt);
  const last = input.instants.at(-1);
  if (last !== undefined && input.receivedAt !== undefined) responding.noteLateness(last.time, input.receivedAt);
  let next = 0;
  let nextMiss = 0;
  // After all else of their frame, however many frames an arrival completes.
  const nearMissesBefore = (time: number): void => {
    for (; nextMiss < input.nearMisses.length; nextMiss += 1) {
      const nearMiss = input.nearMisses[nextMiss];
      if (nearMiss === undefined || nearMiss.time >= time) return;
      responding.nearMiss(nearMiss);
    }
  };
  const eventsUntil = (time: number): void => {
    for (; next < input.events.length; next += 1) {
      const event = input.events[next];
      if (event === undefined || timeOf(event) > time) return;
      nearMissesBefore(timeOf(event));
      responding.event(event);
    }
  };
  for (const instant of input.instants) {
    responding.approach(instant);
    eventsUntil(instant.time);
    nearMissesBefore(instant.time);
    responding.instant(instant);
  }
  eventsUntil(Infinity);
  nearMissesBefore(Infinity);
  if (last !== undefined && input.receivedAt !== undefined) responding.anchor(last.time, input.receivedAt);
  return responding.finish();
};

const timeOf = (event: PipelineEvent): number => Date.parse(event.type === 'anomaly' ? event.revisedAt : event.time);
