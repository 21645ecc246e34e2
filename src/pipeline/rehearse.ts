/**
 * A rehearsal: rules on virtual time, with samples, modes and anomalies as a test tells them, through the operators of the daemon.
 * Only the model is missing: what it would have found is told.
 */
import { from, lastValueFrom, map, tap, toArray } from 'rxjs';
import { planAssembly } from '../core/telemetry/assembly-plan';
import type { AnomalyFindings } from '../core/rules/observe';
import type { RehearsalStep } from '../core/rehearsal/compare';
import { expandSeries } from '../core/rehearsal/series';
import { foundOf } from '../core/rehearsal/told-anomaly';
import type { Control } from '../core/response/response';
import type { RuleProgram } from '../core/rules/rule-program';
import type { RecoveryRequest } from '../domain/events';
import { FdirError } from '../domain/errors';
import type { Mission } from '../domain/mission';
import type { ActionState } from '../domain/rules';
import type { RuleTest } from '../domain/rule-test';
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

const lastTime = ({ anomalies, answers, modes, model, expect }: RuleTest): number =>
  Math.max(
    0,
    ...anomalies.flatMap(({ at, until, changes }) => [at, until ?? 0, ...changes.map((change) => change.at)]),
    ...[answers, modes, model, expect.events ?? [], expect.actions ?? [], expect.muted ?? [], expect.states].flatMap(
      (list) => list.map(({ at }) => at),
    ),
  );

const expand = (test: RuleTest, frames: number | undefined): Map<string, readonly number[]> =>
  new Map(
    Object.entries(test.series).map(([parameter, text]) => {
      const samples = expandSeries(typeof text === 'number' ? `${String(text)}x*` : text, frames ?? 0);
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

/** Runs one test. @throws FdirError `config` when its series cannot be read. */
export const rehearse = async ({
  mission,
  program,
  test,
  mode,
  origin,
}: Rehearsal): Promise<readonly RehearsalStep[]> => {
  const { periodMs, stride } = mission.sampling;
  const written = Math.max(0, ...Object.values(test.series).map(itemsOf));
  const lasts = test.duration ?? Math.max(lastTime(test) + periodMs, (written - 1) * periodMs);
  const frames = Math.floor(lasts / periodMs) + 1;
  if (frames > MAX_FRAMES) throw refuse(`test "${test.title}" lasts too long: replay a pass instead`);
  const series = expand(test, frames);
  const end = origin + lasts;
  const found: readonly AnomalyFindings[] = test.anomalies
    .flatMap((told) => foundOf({ spacecraft: mission.spacecraft, told, origin, end, cadenceMs: periodMs * stride }))
    .sort((a, b) => a.time - b.time);
  /** The newest request of every rule: what an answer is about. */
  const newest = new Map<string, RecoveryRequest>();
  const isBetween = (at: number, index: number): boolean => at > (index - 1) * periodMs && at <= index * periodMs;

  const controlsAt = (index: number): Control[] => [
    ...(index === 0 ? [{ kind: 'link' as const, isUp: true }] : []),
    ...test.answers.flatMap(({ at, rule, stage, decision, reason }): Control[] => {
      if (!isBetween(at, index)) return [];
      const id = newest.get(rule)?.id;
      if (id === undefined)
        throw refuse(`test "${test.title}": at ${String(at / 1000)} s rule ${rule} has requested nothing`);
      if (stage !== undefined) return [{ kind: 'acknowledge', id, stage, reason }];
      const asked = { by: 'test', comment: reason, id };
      const name = decision === 'approve' ? ('action-approve' as const) : ('action-reject' as const);
      return [{ kind: 'request', asked: { topic: '', correlation: {}, request: { name, asked } } }];
    }),
  ];
  const arrivalAt = (index: number): Arrival => {
    const time = origin + index * periodMs;
    const values = [...series].flatMap(([parameter, samples]) => {
      const value = samples[index] ?? NaN;
      return Number.isNaN(value) ? [] : [[parameter, value] as const];
    });
    return {
      frames: [{ time, values: Object.fromEntries(values) }],
      drops: [],
      modes: test.modes
        .filter(({ at }) => isBetween(at, index))
        .map(({ at, mode: name }) => ({ time: origin + at, mode: name })),
      controls: controlsAt(index),
      receivedAt: time,
      isLast: false,
      acknowledge: () => undefined,
    };
  };
  function* arrivals(): Generator<Arrival> {
    for (let index = 0; index < frames; index += 1) yield arrivalAt(index);
  }

  const told = map(<E extends { readonly frames: number }>(event: E, index: number) => {
    const time = origin + index * periodMs;
    const explained = found.filter((item) => isBetween(item.time - origin, index)).map((item) => ({ ...item, time }));
    const change = test.model.find(({ at }) => isBetween(at, index));
    const inference = change && { works: change.state === 'working', reason: 'as the test tells' };
    return { ...event, explained, inference, judged: [] };
  });

  return lastValueFrom(
    from(arrivals()).pipe(
      withFrames(planAssembly(mission, NO_PATIENCE)),
      withChecks(mission),
      told,
      withMonitoring({ mission, program }),
      withEvents(),
      withResponses({ mission, mode, isAnswered: true, latchFrom: 'high' }, program),
      tap(({ events }) => {
        for (const event of events) {
          if (event.type !== 'action') continue;
          const { type: _type, ...request } = event;
          newest.set(request.rule, request);
        }
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
