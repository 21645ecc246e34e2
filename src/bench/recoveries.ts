/**
 * Where faults that nothing was fitted on end. Every physical fault of the simulator goes on every wheel, at random severities,
 * each in a pass of its own. Model and rules run as in the daemon. And what is asked for when nothing is wrong.
 */
import { from, lastValueFrom, reduce } from 'rxjs';
import { composeJudge } from '../compose/judgement';
import { createRandom } from '../core/random';
import type { ActionEvent } from '../domain/events';
import { judge, type JudgeParts } from '../pipeline/judge';
import type { Arrival } from '../pipeline/ports';
import { FAULT_KINDS, FAULTS, type Fault, type FaultKind } from '../simulate/faults';
import { WHEELS } from '../simulate/pyramid';
import { outcomeOf, recoveryOutcomes, type RecoveryOutcome } from './recovery-outcome';
import { quantile } from './statistics';
import { BENCH_START, type Workshop } from './workshop';

/** Passes and severities: of no pass that is fitted on or bundled. */
const SEED = 7300;
const MINUTE = 60_000;
const TIMES_EACH = 3;
const PASS_MS = 90 * MINUTE;
/** The fault begins somewhere in the first half, and leaves time for what outlasts it. */
const ONSET_MS = [30 * MINUTE, 45 * MINUTE] as const;
const FAULT_MS = 30 * MINUTE;
const NOMINAL_MS = 24 * 60 * MINUTE;
const DIAGNOSTICS = { dropped: () => undefined, vital: () => undefined };

interface Case {
  readonly seed: number;
  readonly fault: Fault;
}

const casesOf = (periodMs: number): readonly Case[] =>
  FAULT_KINDS.flatMap((kind, at) =>
    Array.from({ length: WHEELS * TIMES_EACH }, (_, index): Case => {
      const seed = SEED + 100 * at + index;
      const random = createRandom(seed).fork('recoveries');
      const [low, high] = FAULTS[kind].typical;
      const [first, last] = ONSET_MS;
      const onset = Math.round((first + (last - first) * random.uniform()) / periodMs) * periodMs;
      // Log-uniform: a weak fault is as likely as one twice as strong.
      const severity = Number((low * (high / low) ** random.uniform()).toPrecision(3));
      return {
        seed,
        fault: { kind, wheel: index % WHEELS, start: BENCH_START + onset, durationMs: FAULT_MS, severity },
      };
    }),
  );

const summaryOf = (kind: FaultKind, results: readonly (Case & ReturnType<typeof outcomeOf>)[]) => {
  const own = results.filter(({ fault }) => fault.kind === kind);
  const count = (outcome: RecoveryOutcome): number => own.filter((item) => item.outcome === outcome).length;
  const delays = own.flatMap(({ delayMs }) => (delayMs === undefined ? [] : [delayMs / 1000]));
  return {
    faults: own.length,
    ...Object.fromEntries(recoveryOutcomes.map((outcome) => [outcome, count(outcome)])),
    /** Of all, those whose cure leaves with nobody's word: not that of a rule on trial, nor one below its confidence. */
    cureLeaves: own.filter(({ left }) => left).length,
    medianDelaySeconds: delays.length === 0 ? null : quantile(delays, 0.5),
  };
};

export const benchRecoveries = async ({ loaded, frames, report }: Workshop) => {
  const { mission } = loaded;
  const { periodMs } = mission.sampling;
  const composed = await composeJudge(loaded, DIAGNOSTICS, { isAnswered: false });
  /** Active, as a daemon that may act: what a rule on trial only records counts as asked for all the same. */
  const parts: JudgeParts = {
    ...composed.parts,
    response: { latchFrom: 'never', isAnswered: false, mode: 'active' },
  };
  const askedFor = async (durationMs: number, faults: readonly Fault[], seed: number): Promise<ActionEvent[]> => {
    const arrivals = function* (): Generator<Arrival, void, undefined> {
      for (const { time, values } of frames(durationMs / periodMs, faults, seed)) {
        const named = Object.fromEntries(mission.parameters.map(({ id }, row) => [id, values[row] ?? NaN]));
        yield { frames: [{ time, values: named }], drops: [], isLast: false, acknowledge: () => undefined };
      }
    };
    const actions = (all: ActionEvent[], event: { readonly type: string }): ActionEvent[] =>
      event.type === 'action' ? [...all, event as ActionEvent] : all;
    return lastValueFrom(
      from(arrivals()).pipe(
        judge(parts),
        reduce((all, { events }) => events.reduce(actions, all), [] as ActionEvent[]),
      ),
    );
  };
  try {
    const cases = casesOf(periodMs);
    const results: (Case & ReturnType<typeof outcomeOf>)[] = [];
    for (const item of cases) {
      results.push({ ...item, ...outcomeOf(item.fault, await askedFor(PASS_MS, [item.fault], item.seed)) });
      if (results.length % WHEELS === 0)
        report(`recoveries: ${String(results.length)} of ${String(cases.length)} faults`);
    }
    const nominal = await askedFor(NOMINAL_MS, [], SEED - 1);
    return {
      seed: SEED,
      byFault: Object.fromEntries(FAULT_KINDS.map((kind) => [kind, summaryOf(kind, results)])),
      worst: results
        .filter(({ outcome }) => outcome === 'otherWheel' || outcome === 'otherCommand' || outcome === 'unanswered')
        .map(({ outcome, seed, fault: { kind, wheel, severity } }) => ({ outcome, seed, kind, wheel, severity })),
      nominal: { hours: NOMINAL_MS / 3_600_000, asked: nominal.map(({ time, command }) => `${time} ${command}`) },
    };
  } finally {
    await composed.close();
  }
};
