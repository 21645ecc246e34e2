/**
 * A rehearsal: rules on virtual time, with samples, modes and anomalies as a test tells them, through the operators of the daemon.
 * Only the model is missing: what it would have found is told.
 */
import { from, lastValueFrom, map, tap, toArray } from 'rxjs';
import { planAssembly } from '../core/telemetry/assembly-plan';
import type { AnomalyFindings } from '../core/rules/observed';
import type { RehearsalStep } from '../core/rehearsal/compare';
import { expandSeries } from '../core/rehearsal/series';
import { foundOf } from '../core/rehearsal/told-anomaly';
import type { Control } from '../core/response/response';
import type { RuleProgram } from '../core/rules/rule-program';
import type { PipelineEvent, RecoveryRequest } from '../domain/events';
import { FdirError } from '../domain/errors';
import type { OnboardEvent } from '../domain/onboard-event';
import type { Mission } from '../domain/mission';
import type { ActionState } from '../domain/rules';
import type { RuleTest } from '../domain/rule-test';
import { isoTime } from '../domain/units';
import type { Arrival } from './ports';
import { withChecks } from './with-checks';
import { withEvents } from './with-events';
import { withFrames } from './with-frames';
import { withMonitoring } from './with-monitoring';
import { withResponses } from './with-responses';

export interface Rehearsal {
  readonly mission: Mission;
  readonly program: RuleProgram;
  readonly test: RuleTest;
  readonly mode: ActionState;
  /** Packet time of the test's start, milliseconds. */
  readonly origin: number;
}

/** Every instant's samples have arrived when the instant has: nothing is waited for. */
const NO_PATIENCE = -1;
/** A day of four-second frames and more; a longer rehearsal is a replay. */
const MAX_FRAMES = 100_000;
/** Of a file: which test, and where. */
const refuse = (message: string): FdirError => new FdirError('config', message);

const lastTime = ({ anomalies, answers, modes, model, reports, expect }: RuleTest): number =>
  Math.max(
    0,
    ...anomalies.flatMap(({ at, until, changes }) => [at, until ?? 0, ...changes.map((change) => change.at)]),
    ...[
      answers,
      modes,
      model,
      reports,
      expect.events ?? [],
      expect.actions ?? [],
      expect.muted ?? [],
      expect.states,
    ].flatMap((list) => list.map(({ at }) => at)),
  );

const expand = (test: RuleTest, frames: number): Map<string, readonly number[]> =>
  new Map(
    Object.entries(test.series).map(([parameter, text]) => {
      const samples = expandSeries(typeof text === 'number' ? `${String(text)}x*` : text, frames);
      if ('problem' in samples) throw refuse(`test "${test.title}": series of ${parameter}: ${samples.problem}`);
      return [parameter, samples];
    }),
  );

const itemsOf = (text: string | number): number =>
  typeof text === 'number'
    ? 1
    : text
        .trim()
        .split(/\s+/)
        .reduce((sum, item) => sum + 1 + Number(/x(\d+)$/.exec(item)?.[1] ?? 0), 0);

/** How long a test lasts, in milliseconds and frames. @throws FdirError `config` when it is too long. */
const lengthOf = (test: RuleTest, periodMs: number): { readonly lasts: number; readonly frames: number } => {
  const written = Math.max(0, ...Object.values(test.series).map(itemsOf));
  const lasts = test.duration ?? Math.max(lastTime(test) + periodMs, (written - 1) * periodMs);
  const frames = Math.floor(lasts / periodMs) + 1;
  if (frames > MAX_FRAMES) throw refuse(`test "${test.title}" lasts too long: replay a pass instead`);
  return { lasts, frames };
};

/** What arrives in each frame of a test. It knows the newest request of every rule, which is what an answer is about. */
class TestScript {
  private readonly newest = new Map<string, RecoveryRequest>();
  private readonly series: ReadonlyMap<string, readonly number[]>;
  private readonly periodMs: number;

  constructor(
    private readonly test: RuleTest,
    private readonly origin: number,
    options: { readonly periodMs: number; readonly frames: number },
  ) {
    this.periodMs = options.periodMs;
    this.series = expand(test, options.frames);
  }

  *arrivals(frames: number): Generator<Arrival> {
    for (let index = 0; index < frames; index += 1) yield this.arrivalAt(index);
  }

  /** Whether `at`, milliseconds since the start, falls into frame `index`. */
  isIn(at: number, index: number): boolean {
    return at > (index - 1) * this.periodMs && at <= index * this.periodMs;
  }

  /** Notes the requests that answers of the test may be about. */
  noteRequests(events: readonly PipelineEvent[]): void {
    for (const event of events) {
      if (event.type !== 'action') continue;
      const { type: _type, ...request } = event;
      this.newest.set(request.rule, request);
    }
  }

  private controlsAt(index: number): Control[] {
    return [
      ...(index === 0 ? [{ kind: 'link' as const, isUp: true }] : []),
      ...this.test.answers.filter(({ at }) => this.isIn(at, index)).map((answer) => this.controlOf(answer)),
    ];
  }

  private controlOf({ at, rule, stage, decision, reason }: RuleTest['answers'][number]): Control {
    const id = this.newest.get(rule)?.id;
    if (id === undefined)
      throw refuse(`test "${this.test.title}": at ${String(at / 1000)} s rule ${rule} has requested nothing`);
    if (stage !== undefined) return { kind: 'acknowledge', id, stage, reason };
    const asked = { by: 'test', comment: reason, id };
    const name = decision === 'approve' ? ('action-approve' as const) : ('action-reject' as const);
    return { kind: 'request', asked: { topic: '', correlation: {}, request: { name, asked } } };
  }

  private reportsAt(index: number): OnboardEvent[] {
    return this.test.reports
      .filter(({ at }) => this.isIn(at, index))
      .map(({ at, name, service, subtype, number, severity, equipment }, sequence) => ({
        type: 'report',
        time: isoTime(this.origin + at),
        name,
        severity,
        ...(service !== undefined && { service }),
        ...(subtype !== undefined && { subtype }),
        ...(number !== undefined && { number }),
        ...(equipment !== undefined && { equipment }),
        apid: 0,
        sequence: index + sequence,
        values: {},
      }));
  }

  private arrivalAt(index: number): Arrival {
    const { origin } = this;
    const time = origin + index * this.periodMs;
    const values = [...this.series].flatMap(([parameter, samples]) => {
      const value = samples[index] ?? NaN;
      return Number.isNaN(value) ? [] : [[parameter, value] as const];
    });
    return {
      frames: [{ time, values: Object.fromEntries(values) }],
      drops: [],
      modes: this.test.modes
        .filter(({ at }) => this.isIn(at, index))
        .map(({ at, mode: name }) => ({ time: origin + at, mode: name })),
      reports: this.reportsAt(index),
      controls: this.controlsAt(index),
      receivedAt: time,
      isLast: false,
      acknowledge: () => undefined,
    };
  }
}

/** Runs one test. @throws FdirError `config` when its series cannot be read. */
export const rehearse = async ({
  mission,
  program,
  test,
  mode,
  origin,
}: Rehearsal): Promise<readonly RehearsalStep[]> => {
  const { periodMs, stride } = mission.sampling;
  const { lasts, frames } = lengthOf(test, periodMs);
  const script = new TestScript(test, origin, { periodMs, frames });
  const end = origin + lasts;
  const found: readonly AnomalyFindings[] = test.anomalies
    .flatMap((told) => foundOf({ spacecraft: mission.spacecraft, told, origin, end, cadenceMs: periodMs * stride }))
    .sort((a, b) => a.time - b.time);

  const withFindings = map(<E extends { readonly frames: number }>(event: E, index: number) => {
    const time = origin + index * periodMs;
    const explained = found.filter((item) => script.isIn(item.time - origin, index)).map((item) => ({ ...item, time }));
    const change = test.model.find(({ at }) => script.isIn(at, index));
    const inference = change && { works: change.state === 'working', reason: 'as the test tells' };
    return { ...event, explained, inference, judged: [] };
  });

  return lastValueFrom(
    from(script.arrivals(frames)).pipe(
      withFrames(planAssembly(mission, NO_PATIENCE)),
      withChecks(mission),
      withFindings,
      withMonitoring({ mission, program }),
      withEvents(),
      withResponses({ mission, mode, isAnswered: true, latchFrom: 'high' }, program),
      tap(({ events }) => {
        script.noteRequests(events);
      }),
      map(({ events, ledger, instants }, index): RehearsalStep => ({
        at: index * periodMs,
        events,
        ledger,
        monitors: instants.at(-1)?.situation.monitors ?? {},
      })),
      toArray(),
    ),
  );
};
