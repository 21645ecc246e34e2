/**
 * From frames, limit transitions, window scores and anomalies to instants. The monitors are evaluated frame by frame, on the
 * operating mode of that time. Everything that happened at one packet time is put together for the rules. A pure reducer.
 */
import type { CheckEvent, MonitorEvent } from '../../domain/events';
import type { Explanation } from '../../domain/explanation';
import type { Situation } from '../../domain/facts';
import type { Mission } from '../../domain/mission';
import type { ModeChange } from '../../domain/telemetry';
import type { OnboardEvent } from '../../domain/onboard-event';
import { isoTime } from '../../domain/units';
import type { AssembledFrame } from '../telemetry/assembler-state';
import {
  checkSubject,
  modelSubject,
  monitorSubject,
  reportSubject,
  type Instant,
  type Subject,
  type Scene,
} from './instant';
import {
  initialMonitoring,
  monitor,
  type MonitoringState,
  type NearMiss,
  type WindowScores,
} from '../monitoring/monitor';
import { failingAmong, pendingOf, statusesOf } from '../monitoring/statuses';
import { planStream } from '../telemetry/assembly-plan';
import {
  initialMode,
  modeAt,
  modeOfParameter,
  rebaseMode,
  tellModes,
  type ModeState,
} from '../telemetry/operating-mode';
import { initialTelecommands, telecommandsAt, type TelecommandState } from '../telemetry/telecommands';
import { muted } from './muted';
import { anomaliesOf, type AnomalyFindings } from './observed';
import type { RuleProgram } from './rule-program';

export interface Observations {
  readonly modes: readonly ModeChange[];
  /** How often the spacecraft's clock was set back before them. */
  readonly base?: number | undefined;
  /** Packet time of the first of these frames, when another time base begins with it. */
  readonly beginsAt?: number | undefined;
  readonly frames: readonly AssembledFrame[];
  /** Telecommands as of before the first of these frames. */
  readonly commanded?: TelecommandState | undefined;
  /** Transitions of plain limits, told as soon as a sample arrives; rules see them with the frame of its slot. */
  readonly checks: readonly CheckEvent[];
  /** By packet time of the window's end. */
  readonly scores: ReadonlyMap<number, WindowScores | 'unscored'>;
  readonly found: readonly AnomalyFindings[];
  /** What the spacecraft itself reported; left out: nothing. */
  readonly reports?: readonly OnboardEvent[] | undefined;
  /** How the last inference went; undefined when there was none. */
  readonly inference: { readonly works: boolean; readonly reason: string } | undefined;
}

export interface ObserverState {
  readonly monitoring: MonitoringState;
  readonly mode: ModeState;
  readonly situation: Omit<Situation, 'health'>;
  /** The last record of every open anomaly. */
  readonly latest: ReadonlyMap<string, Explanation>;
  readonly isDegraded: boolean;
  /** Transitions of samples whose slot is still open; missing in what older versions kept. */
  readonly early?: readonly CheckEvent[];
}

/** Transitions that wait for their slot: more come only of telemetry whose slots never close. The oldest are given up; they were told. */
const MAX_EARLY = 1000;

export interface ObserverStep {
  readonly state: ObserverState;
  /** Every transition, of plain limits and of monitors, in packet-time order. */
  readonly checks: readonly CheckEvent[];
  readonly monitorEvents: readonly MonitorEvent[];
  readonly nearMisses: readonly NearMiss[];
  /** In packet-time order, one for every frame at least. */
  readonly instants: readonly Instant[];
}

/** What is observed with: the mission, and the rules compiled for it. */
export interface Observer {
  readonly mission: Mission;
  readonly program: Pick<RuleProgram, 'monitoring' | 'inhibitions'>;
}

export const initialObserver = ({ program: { monitoring } }: Observer): ObserverState => {
  const state = initialMonitoring(monitoring);
  const monitors = statusesOf(monitoring, state);
  const situation = { time: 0, parameters: {}, mode: undefined, monitors };
  return { monitoring: state, mode: initialMode, situation, latest: new Map(), isDegraded: false };
};

type EquipmentOf = ReadonlyMap<string, string | undefined>;

/** Every arrival asks for it, and a mission does not change. */
const KNOWN_EQUIPMENTS = new WeakMap<Mission, EquipmentOf>();

const equipmentsOf = (mission: Mission): EquipmentOf => {
  const known = KNOWN_EQUIPMENTS.get(mission);
  if (known !== undefined) return known;
  const equipments = new Map(mission.parameters.map(({ id, equipment }) => [id, equipment]));
  KNOWN_EQUIPMENTS.set(mission, equipments);
  return equipments;
};

class Observation {
  private monitoring: MonitoringState;
  private mode: ModeState;
  private commanded: TelecommandState;
  private situation: ObserverState['situation'];
  private readonly latest: Map<string, Explanation>;
  private isDegraded: boolean;
  private readonly checks: CheckEvent[] = [];
  private readonly monitorEvents: MonitorEvent[] = [];
  private readonly nearMisses: NearMiss[] = [];
  private readonly instants: Instant[] = [];
  private readonly equipmentOf: EquipmentOf;
  private readonly scene: Scene;
  /** Transitions whose slot is open: told by an arrival before this one, and of this one. */
  private early: readonly CheckEvent[];
  private untold: readonly CheckEvent[];
  /** How far the samples of a slot may be from its time, milliseconds. */
  private readonly withinMs: number;

  constructor(
    private readonly observer: Observer,
    before: ObserverState,
    private readonly input: Observations,
  ) {
    ({ monitoring: this.monitoring, situation: this.situation, isDegraded: this.isDegraded } = before);
    if (input.beginsAt !== undefined) {
      // Statuses stand; values and modes of another time base are compared with nothing.
      const monitors = this.monitoring.monitors.map((item) => ({ ...item, previous: NaN }));
      this.monitoring = { ...this.monitoring, monitors };
      const { stepBackMs: withinMs } = planStream(observer.mission);
      this.mode = rebaseMode(before.mode, { reached: before.situation.time, to: input.beginsAt, withinMs });
    } else this.mode = before.mode;
    this.mode = tellModes(this.mode, input.modes, this.situation.time);
    this.commanded = input.commanded ?? initialTelecommands;
    this.latest = new Map(before.latest);
    this.scene = { spacecraft: observer.mission.spacecraft, base: input.base ?? 0 };
    this.equipmentOf = equipmentsOf(observer.mission);
    this.withinMs = observer.mission.sampling.periodMs / 2;
    this.early = before.early ?? [];
    this.untold = input.checks;
  }

  run(): ObserverStep {
    const { frames, found } = this.input;
    // Anomalies belong to the frame their window ended with; what closes them may lie between two frames or after the last.
    const waiting = [...found];
    for (const frame of frames) {
      while (waiting[0] !== undefined && waiting[0].time < frame.frame.time) this.take(waiting.shift());
      const here: AnomalyFindings[] = [];
      while (waiting[0]?.time === frame.frame.time) here.push(...waiting.splice(0, 1));
      this.takeFrame(frame, here);
    }
    for (const item of waiting) this.take(item);
    this.tellEarly();
    this.takeReports();
    this.takeInference();
    return {
      state: {
        monitoring: this.monitoring,
        mode: this.mode,
        situation: this.situation,
        latest: this.latest,
        isDegraded: this.isDegraded,
        ...(this.early.length > 0 && { early: this.early }),
      },
      checks: this.checks,
      monitorEvents: this.monitorEvents,
      nearMisses: this.nearMisses,
      instants: this.instants,
    };
  }

  private takeFrame({ frame, received }: AssembledFrame, found: readonly AnomalyFindings[]): void {
    const { mission, program } = this.observer;
    const { time, values } = frame;
    this.mode = modeAt(this.mode, time);
    const parameters: Record<string, number> = {};
    mission.parameters.forEach(({ id }, row) => {
      parameters[id] = values[row] ?? NaN;
    });
    const mode =
      mission.modes?.parameter === undefined ? this.mode.current?.mode : modeOfParameter(mission, parameters);
    this.commanded = telecommandsAt(this.commanded, time);
    const commands = this.commanded.last;
    const before = { time, parameters, mode, monitors: this.situation.monitors, commands };
    const step = monitor(program.monitoring, this.monitoring, {
      situation: { ...before, health: {} },
      received,
      held: values,
      scores: this.input.scores.get(time),
    });
    this.monitoring = step.state;
    this.situation = { ...before, monitors: step.statuses };
    const failing = this.failing();
    const { inhibitions } = program;
    const [told, rest] = this.split(this.early, time);
    const [untold, later] = this.split(this.untold, time);
    [this.early, this.untold] = [rest, later];
    const fresh = this.withMutes([...untold, ...step.checks], failing);
    const checks = [...this.withMutes(told, failing), ...fresh];
    const monitorEvents = step.monitorEvents.map((event) => muted(event, event.equipment, inhibitions, failing));
    this.checks.push(...fresh);
    this.monitorEvents.push(...monitorEvents);
    this.nearMisses.push(...step.nearMisses);
    this.add(
      time,
      [
        ...checks.map((event) => checkSubject(this.scene, event, this.equipmentOf.get(event.parameter))),
        ...monitorEvents.map((event) => monitorSubject(this.scene, event)),
        ...found.flatMap((item) => this.anomalies(item)),
      ],
      failing,
    );
  }

  private take(found: AnomalyFindings | undefined): void {
    if (found === undefined) return;
    const subjects = this.anomalies(found);
    if (subjects.length > 0) this.add(found.time, subjects);
  }

  private anomalies(found: AnomalyFindings): Subject[] {
    const subjects = anomaliesOf(found, this.latest);
    for (const explanation of found.explanations) {
      if (explanation.state === 'open') this.latest.set(explanation.id, explanation);
      else this.latest.delete(explanation.id);
    }
    return subjects;
  }

  /** A report has a packet of its own: it is answered on the newest situation, which no report takes back. */
  private takeReports(): void {
    const { reports = [] } = this.input;
    for (const event of reports) {
      const time = this.situation.time === 0 ? Date.parse(event.time) : this.situation.time;
      this.add(time, [reportSubject(this.scene, event)]);
    }
  }

  private takeInference(): void {
    const { inference } = this.input;
    if (inference === undefined || inference.works !== this.isDegraded) return;
    this.isDegraded = !inference.works;
    const { time } = this.situation;
    this.add(time, [modelSubject(this.scene, isoTime(time), this.isDegraded, inference.reason)]);
  }

  /** Transitions of samples that belong to the slot of `time` or to one before it, and the others. */
  private split(checks: readonly CheckEvent[], time: number): readonly [readonly CheckEvent[], readonly CheckEvent[]] {
    if (checks.length === 0) return [checks, checks];
    const isDue = (event: CheckEvent): boolean => Date.parse(event.time) <= time + this.withinMs;
    return [checks.filter(isDue), checks.filter((event) => !isDue(event))];
  }

  /** What no frame has taken is told now, and rules see it with the frame that comes. */
  private tellEarly(): void {
    const told = this.withMutes(this.untold, this.failing());
    this.checks.push(...told);
    this.early = [...this.early, ...told].slice(-MAX_EARLY);
  }

  private withMutes(checks: readonly CheckEvent[], failing: ReadonlySet<string>): readonly CheckEvent[] {
    const { inhibitions } = this.observer.program;
    return checks.map((event) =>
      muted(event, event.equipment ?? this.equipmentOf.get(event.parameter), inhibitions, failing),
    );
  }

  private failing(): ReadonlySet<string> {
    return failingAmong(this.situation.monitors);
  }

  private add(time: number, subjects: readonly Subject[], failing = this.failing()): void {
    const situation = { ...this.situation, time };
    const pending = pendingOf(this.observer.program.monitoring, this.monitoring);
    this.instants.push({ time, situation, subjects, failing, pending });
  }
}

/** Takes what one arrival brought, in packet-time order. */
export const observe = (observer: Observer, state: ObserverState, input: Observations): ObserverStep =>
  new Observation(observer, state, input).run();
