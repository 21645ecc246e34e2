/**
 * One step of the response: it takes instants, events, controls and lateness one by one, and gathers what comes of them.
 * `respond.ts` gives them in packet-time order.
 */
import type { AlarmStep } from '../../domain/alarm';
import type { ActionEvent, MutedEvent, PipelineEvent } from '../../domain/events';
import type { Explanation } from '../../domain/explanation';
import type { Situation } from '../../domain/facts';
import type { LedgerEntry } from '../../domain/ledger';
import type { AskedRequest, Reply } from '../../domain/requests';
import type { AbsenceChange } from '../telemetry/absence';
import { absenceCondition, alarmCondition, nearMissCondition, vitalCondition } from '../alarms/alarm-sources';
import { causesOf, raise, unshelveExpired, unshelveUnexplained } from '../alarms/alarms';
import type { AlarmsStep } from '../alarms/alarm-book';
import { answerPerson } from './answer-person';
import type { Instant } from '../rules/instant';
import { activeIds, carryOver, matchRules } from '../rules/match-rules';
import { missionTime, watchLateness } from './mission-time';
import { isFailing } from '../monitoring/checking';
import type { NearMiss } from '../monitoring/monitor';
import { failingAmong } from '../monitoring/statuses';
import { occasionId } from '../anomaly/occasion';
import { rebaseResponse } from './rebase';
import { requestEvent } from '../recovery/lifecycle';
import { fingerprint, healthOf, isEvaluated, modeOf } from '../recovery/supervisor-change';
import { dated, operatorEntry } from '../recovery/operate';
import { supervise, type SupervisorInput, type SupervisorStep } from '../recovery/supervisor';
import { envOf, mayNotHaveLeft, type Answer, type Control, type ResponseInput, type ResponseParts } from './response';
import type { ResponseState, ResponseStep } from './response';
import { situationAt } from './situation-at';
import type { RuleProgram } from '../rules/rule-program';

/** Telemetry that is so much older than the clock says is a backlog; less is the jitter of links and of our own work. */
const LATE_MS = 30_000;

/** One arrival being dealt with. */
export class ResponseBuilder {
  private readonly actions: ActionEvent[] = [];
  private readonly muted: MutedEvent[] = [];
  private readonly ledger: LedgerEntry[] = [];
  private readonly alarmSteps: AlarmStep[] = [];
  private readonly answers: Answer[] = [];

  private failing: ReadonlySet<string>;
  /** Wall clock of the last control, milliseconds. */
  private wall: number | undefined;

  constructor(
    private readonly parts: ResponseParts,
    private state: ResponseState,
    private readonly base: number,
  ) {
    this.failing = failingAmong(state.situation?.monitors ?? {});
  }

  /** The spacecraft at mission time `time`: what is too old by then is stale. */
  situationAt(time: number): Situation {
    const { situation, supervisor } = this.state;
    return situationAt({ mission: this.parts.mission, newest: situation, health: healthOf(supervisor) }, time);
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
    const explainedBy = event.type === 'anomaly' ? this.explainerOf(event) : undefined;
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
        this.supervise({
          kind: 'noticed',
          equipment,
          what: occasionId(parts.mission.spacecraft, event.time, about, this.base),
        });
    }
  }

  absence(change: AbsenceChange): void {
    this.takeAlarms(raise(this.state.alarms, absenceCondition(change)));
  }

  nearMiss(miss: NearMiss): void {
    const condition = nearMissCondition(miss);
    if (this.state.alarms.alarms.some(({ name }) => name === condition.name)) return;
    this.takeAlarms(raise(this.state.alarms, condition));
    this.takeAlarms(raise(this.state.alarms, { ...condition, status: 'normal' }));
  }

  control(control: Control, receivedAt: number | undefined): void {
    const time = this.now(receivedAt);
    this.wall = receivedAt;
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
        this.takeAlarms(raise(this.state.alarms, vitalCondition(control, time === 0 ? (receivedAt ?? 0) : time)));
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
    const isLate = now - packet > LATE_MS;
    const { late, isLasting } = watchLateness(this.state.late, isLate ? now - packet : 0, receivedAt);
    this.state = { ...this.state, late };
    if (isLasting) this.rebase(packet - now);
    else if (isLate) this.state = { ...this.state, supervisor: { ...supervisor, time: now } };
  }

  /** Mission time goes on from the newest packet of another time base. */
  beginBase(
    { from, to }: NonNullable<ResponseInput['beginsBase']>,
    packet: number,
    receivedAt: number | undefined,
  ): void {
    const { anchor } = this.state;
    this.rebase(receivedAt === undefined || anchor === undefined ? to - from : packet - this.now(receivedAt));
  }

  /** While telemetry is late the clock goes on by itself: what is old says nothing of how late it is. */
  anchor(packet: number, wall: number): void {
    if (this.state.late !== undefined) return;
    this.state = { ...this.state, anchor: { packet, wall } };
  }

  finish(): ResponseStep {
    const { anchor } = this.state;
    // The clock is kept along with whatever else is: it matters only while something is under way.
    if (anchor !== undefined && this.ledger.length > 0)
      this.ledger.push({ kind: 'memory', name: 'clock', value: anchor });
    const { actions, muted, alarmSteps: alarms, answers, wall } = this;
    const ledger = wall === undefined ? this.ledger : this.ledger.map((entry) => dated(entry, wall));
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

  /** The root of a cascade, or the active rule or monitor that mutes the equipment. */
  private explainerOf({ verdict: { equipment }, cascade }: Explanation): string | undefined {
    if (cascade?.role === 'symptom') return cascade.root;
    const about = (this.state.program?.inhibitions ?? []).filter(({ equipments }) => equipments.has(equipment));
    if (about.length === 0) return undefined;
    const active = this.active();
    return about.find(({ id }) => active.has(id))?.id;
  }

  private releaseAlarms(time: number): void {
    const { alarms } = this.state;
    if (alarms.alarms.some(({ shelved }) => shelved?.cause !== undefined))
      this.takeAlarms(unshelveUnexplained(alarms, new Set([...this.active(), ...causesOf(alarms)]), time));
  }

  private equipmentOf(parameter: string): string | undefined {
    return this.parts.mission.parameters.find(({ id }) => id === parameter)?.equipment;
  }

  private supervise(input: SupervisorInput): void {
    this.take(supervise(this.state.env, this.state.supervisor, input));
  }

  private rebase(by: number): void {
    const { state, ledger } = rebaseResponse(this.state, by);
    this.state = { ...state, late: undefined };
    this.ledger.push(...ledger);
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
    const {
      reply,
      recovery,
      alarms,
      ledger = [],
    } = answerPerson(this.state, asked.request, time, this.situationAt(time));
    if (recovery !== undefined) this.take(recovery);
    if (alarms !== undefined) this.takeAlarms(alarms);
    this.ledger.push(...ledger);
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
