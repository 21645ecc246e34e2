/** A spacecraft clock that is set back begins a new time base, and nothing mixes the two. */
import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import { planAssembly, planStream } from '../../src/core/telemetry/assembly-plan';
import { initialAssembler, type AssemblerState } from '../../src/core/telemetry/assembler-state';
import { assembleFrames } from '../../src/core/telemetry/frame-assembler';
import { AGREEING } from '../../src/core/telemetry/step-back';
import { initialTracker } from '../../src/core/anomaly/anomaly-tracker';
import type { Manifest } from '../../src/domain/manifest';
import type { PartialFrame, Window } from '../../src/domain/telemetry';
import { noteTimeBase } from '../../src/compose/broker-outages';
import { withTally } from '../../src/pipeline/with-tally';
import { judge, type Model, type Outcome } from '../../src/pipeline/judge';
import type { Arrival } from '../../src/pipeline/ports';
import { arrival, fakeWorld } from '../support/fake-world';
import { T0, TINY_PARAMETERS, tinyMission } from '../support/tiny-mission';

const mission = tinyMission();
const plan = planStream(mission);
const HOUR = 3600;

const frameAt = (second: number, value: number): PartialFrame => ({
  time: T0 + second * 1000,
  values: Object.fromEntries(TINY_PARAMETERS.map((id) => [id, value])),
});

interface Came {
  readonly second: number;
  readonly value?: number;
  /** Wall clock, seconds; undefined on a recording. */
  readonly wall?: number | undefined;
}

const assemble = (stream: readonly Came[], withPlan = plan) => {
  let state: AssemblerState = initialAssembler;
  const slots: number[] = [];
  const drops: string[] = [];
  const steps: string[] = [];
  const first = T0 / 1000;
  for (const { second, value = 1, wall } of stream) {
    const step = assembleFrames(withPlan, state, frameAt(second, value), wall === undefined ? undefined : wall * 1000);
    ({ state } = step);
    const { stepBack } = step;
    for (const item of [...step.items, ...(stepBack?.items ?? [])])
      if (item.kind === 'frame') slots.push(item.slot - first);
    for (const { reason, count = 1 } of step.drops) drops.push(...Array.from({ length: count }, () => reason));
    if (stepBack) steps.push(`${String((stepBack.from - T0) / 1000)} to ${String((stepBack.to - T0) / 1000)}`);
  }
  return { slots, drops, steps, waiting: state.behind.length };
};

const seconds = (start: number, count: number, wall?: number, pace = 1): Came[] =>
  Array.from({ length: count }, (_, index) => ({
    second: start + index,
    ...(wall !== undefined && { wall: wall + index / pace }),
  }));

test('a clock that was set back begins a new time base as soon as enough instants agree, and none of them is lost', () => {
  expect(assemble([...seconds(0, 3, 0), ...seconds(-HOUR, AGREEING - 1, 3)])).toEqual({
    slots: [0, 1, 2],
    drops: [],
    steps: [],
    waiting: AGREEING - 1,
  });
  expect(assemble([...seconds(0, 3, 0), ...seconds(-HOUR, AGREEING + 1, 3)])).toEqual({
    slots: [0, 1, 2, ...seconds(-HOUR, AGREEING + 1).map(({ second }) => second)],
    drops: [],
    steps: ['2 to -3600'],
    waiting: 0,
  });
});

test('a clock that jumped far ahead and was put right goes on where it was', () => {
  const { steps, drops } = assemble([...seconds(0, 3), ...seconds(1e6, 3), ...seconds(6, 6)]);
  expect({ steps, drops }).toEqual({ steps: ['1000002 to 6'], drops: [] });
});

test('telemetry of the present base in between: what was behind is late, as it was', () => {
  const behind = seconds(-HOUR, AGREEING - 1);
  expect(assemble([...seconds(0, 3), ...behind, { second: 3 }, ...behind, { second: 4 }])).toEqual({
    slots: [0, 1, 2, 3, 4],
    drops: Array.from({ length: 2 * behind.length }, () => 'late'),
    steps: [],
    waiting: 0,
  });
});

test('a recorder that is dumped in bulk is no clock that was set back', () => {
  const { steps, slots, drops, waiting } = assemble([...seconds(0, 3, 0), ...seconds(-HOUR, 100, 3, 50)]);
  expect({ steps, slots, counted: drops.filter((reason) => reason === 'late').length + waiting }).toEqual({
    steps: [],
    slots: [0, 1, 2],
    counted: 100,
  });
});

test('a little disorder is late and nothing else, and a recording to be fitted has one base', () => {
  expect(assemble([...seconds(0, 8), ...seconds(4, 3)]).steps).toEqual([]);
  expect(assemble([...seconds(0, 3), ...seconds(-HOUR, 20)], planAssembly(mission))).toEqual({
    slots: [0, 1, 2],
    drops: Array.from({ length: 20 }, () => 'late'),
    steps: [],
    waiting: 0,
  });
});

const seeing = (windows: Window[]): Model => ({
  scorer: {
    manifest: {} as Manifest,
    score: async (values) => {
      windows.push({ start: 0, end: 0, values: Float32Array.from(values), unusable: [] });
      throw new Error('not wanted');
    },
    implied: () => Promise.reject(new Error('not asked')),
    close: async () => undefined,
  },
  anomalies: {
    track: (state) => ({ state, revisions: [] }),
    lose: () => ({ state: initialTracker, revisions: [] }),
    close: () => ({ state: initialTracker, revisions: [] }),
  },
  explanations: { findSufficient: async () => [], explain: () => Promise.reject() as never },
});

/** Bases one after the other, each with a value of its own in every frame; messages are lost, repeated and swapped. */
const streams = fc.record({
  bases: fc.array(
    fc.record({
      byHours: fc.integer({ min: -500, max: 500 }).filter((hours) => hours !== 0),
      length: fc.integer({ min: AGREEING + 8, max: 40 }),
    }),
    { minLength: 2, maxLength: 6 },
  ),
  fates: fc.array(fc.constantFrom('lost', 'repeated', 'swapped', 'well', 'well', 'well', 'well'), { maxLength: 60 }),
  perMessage: fc.integer({ min: 1, max: 9 }),
});

const SEED = Number(process.env['FDIR_SEED'] ?? 20_261_125);

test(`no window mixes time bases, and an arrival that is taken apart is acknowledged once (seed ${String(SEED)})`, async () => {
  await fc.assert(
    fc.asyncProperty(streams, async ({ bases, fates, perMessage }) => {
      let clock = 0;
      const clean = bases.flatMap(({ byHours, length }, base) => {
        clock += byHours * HOUR;
        return Array.from({ length }, () => frameAt((clock += 1), base + 1));
      });
      const came: PartialFrame[] = [];
      let held: PartialFrame | undefined;
      clean.forEach((frame, index) => {
        const fate = fates[index];
        if (fate === 'lost') return;
        if (fate === 'swapped' && held === undefined) {
          held = frame;
          return;
        }
        came.push(frame, ...(held === undefined ? [] : [held]), ...(fate === 'repeated' ? [frame] : []));
        held = undefined;
      });
      const arrivals: Arrival[] = [];
      for (let at = 0; at < came.length; at += perMessage) arrivals.push(arrival(came.slice(at, at + perMessage)));
      arrivals.push({ ...arrival([]), isLast: true });
      const windows: Window[] = [];
      const outcomes: Outcome[] = await lastValueFrom(
        from(arrivals).pipe(
          judge({ mission, model: seeing(windows), diagnostics: fakeWorld().diagnostics }),
          toArray(),
        ),
      );
      for (const { values } of windows) expect([...new Set(values)]).toHaveLength(1);
      // Every base that is long enough is judged: none is given up as late.
      const judged = new Set(windows.map(({ values }) => values[0]));
      bases.forEach((_, base) => {
        const arrived = new Set(came.filter(({ values }) => values['rw0_speed'] === base + 1).map(({ time }) => time));
        const isWhole = clean.filter(({ values }) => values['rw0_speed'] === base + 1).length === arrived.size;
        if (isWhole && fates.length === 0) expect(judged).toContain(base + 1);
      });
      const acknowledged = outcomes.filter(({ endsBase }) => endsBase === undefined).length;
      expect(acknowledged).toBe(arrivals.length);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('it is told once: in the log, in the running log, and in the count of health', async () => {
  const arrivals = [...seconds(0, 3), ...seconds(-HOUR, AGREEING)].map(({ second }) => arrival([frameAt(second, 1)]));
  const outcomes = await lastValueFrom(
    from(arrivals).pipe(judge({ mission, diagnostics: fakeWorld().diagnostics }), withTally(), toArray()),
  );
  const told: unknown[] = [];
  for (const { endsBase } of outcomes)
    noteTimeBase(endsBase, { warn: (detail: unknown) => told.push(detail) }, ({ kind, detail }) => {
      told.push([kind, detail]);
    });
  const step = { from: '2026-03-01T00:00:02Z', to: '2026-02-28T23:00:00Z', seconds: -3602 };
  expect({ told, clockSteps: outcomes.at(-1)?.tally.clockSteps }).toEqual({
    told: [step, ['time-base', step]],
    clockSteps: 1,
  });
});

test.each([
  ['before its first instant', 0],
  ['while its instants wait', 2],
  ['with the instant that confirms it', AGREEING - 1],
])('a mode that is told in the new time %s is the mode of it', async (_what, after) => {
  const mode = (second: number, name: string): Arrival => ({
    ...arrival([]),
    modes: [{ time: T0 + second * 1000, mode: name }],
  });
  const back = seconds(-HOUR, AGREEING + 3).map(({ second }) => arrival([frameAt(second, 1)]));
  const told = mode(-HOUR + after, 'SAFE');
  const arrivals = [
    mode(0, 'SLEW'),
    ...seconds(0, 5).map(({ second }) => arrival([frameAt(second, 1)])),
    ...back.slice(0, after),
    told,
    ...back.slice(after),
    { ...arrival([]), isLast: true },
  ];
  const outcomes = await lastValueFrom(
    from(arrivals).pipe(judge({ mission, diagnostics: fakeWorld().diagnostics }), toArray()),
  );
  const modes = outcomes.flatMap(({ memory }) => {
    const { time = 0, mode: now } = memory?.observer?.situation ?? {};
    return time >= T0 ? [] : [`${String((time - T0) / 1000 + HOUR)} ${String(now)}`];
  });
  expect(modes.at(-1)).toBe(`${String(AGREEING + 2)} SAFE`);
  // From its own time on.
  expect(modes).toContain(`${String(AGREEING)} SAFE`);
});
