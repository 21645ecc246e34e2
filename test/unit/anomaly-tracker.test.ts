import { UNKNOWN } from '../../src/domain/explanation';
import type { Manifest } from '../../src/domain/manifest';
import {
  closeAll,
  initialTracker,
  loseTelemetry,
  trackWindow,
  type Revision,
  type TrackerState,
} from '../../src/core/anomaly/anomaly-tracker';
import { isoTime } from '../../src/domain/units';
import {
  deepFreeze,
  PERIOD_MS,
  scoredWindow,
  STRIDE,
  trackerManifest,
  type WindowChoice,
} from '../support/scored-windows';
import { T0 } from '../support/tiny-mission';

/** Threshold 4, open anomalies go on down to 3; three of four windows. */
const MANIFEST = trackerManifest();
const HIT = 6;

const run = (choices: readonly WindowChoice[], manifest: Manifest = MANIFEST, from: TrackerState = initialTracker) => {
  let state = from;
  const revisions: Revision[] = [];
  choices.forEach((choice, index) => {
    const step = trackWindow({ spacecraft: 'SC-1' }, manifest, state, scoredWindow(manifest, { index, ...choice }));
    state = step.state;
    revisions.push(...step.revisions);
  });
  return { state, revisions };
};

const scores = (...all: readonly number[]): WindowChoice[] => all.map((score) => ({ score }));
/** What a reader of the log sees of a revision. */
const shown = ({ anomaly, trigger, state, time }: Revision) => ({
  window: (time - T0 - 3 * PERIOD_MS) / (STRIDE * PERIOD_MS),
  trigger,
  state,
  equipment: anomaly.verdict.equipment,
  revision: anomaly.revision,
});
const opened = (window: number, equipment = 'rw0') => ({
  window,
  trigger: 'opened',
  state: 'open',
  equipment,
  revision: 1,
});
const closed = (window: number, equipment = 'rw0', revision = 2) => ({
  window,
  trigger: 'returned-to-normal',
  state: 'closed',
  equipment,
  revision,
});

describe('opening', () => {
  test.each([
    ['three windows in a row', scores(HIT, HIT, HIT), [opened(2)]],
    ['three of four', scores(HIT, 0, HIT, HIT), [opened(3)]],
    ['two of four do not', scores(HIT, HIT, 0, 0, HIT, HIT), []],
    ['three of five do not', scores(HIT, 0, HIT, 0, HIT), []],
    ['a score exactly at the threshold counts', scores(4, 4, 4), [opened(2)]],
    ['a score between the return threshold and the threshold does not', scores(3.9, 3.9, 3.9, 3.9, 3.9), []],
    ['a score that is not a number does not', scores(NaN, NaN, NaN, NaN), []],
  ])('%s', (_, choices, expected) => {
    expect(run(choices).revisions.map(shown)).toEqual(expected);
  });

  test('an anomaly tells since when, from which windows, and what it is', () => {
    const { revisions } = run([{ score: 0 }, { score: 5 }, { score: 7 }, { score: 6 }]);
    // The first window that counted ends at second 2 + 3; the stride is two frames, so its last two frames are new.
    const start = T0 + 4 * PERIOD_MS;
    expect(revisions).toHaveLength(1);
    expect(revisions[0]?.anomaly).toMatchObject({
      id: `SC-1/${isoTime(start)}/rw0`,
      revision: 1,
      start,
      lastHit: T0 + (3 * STRIDE + 3) * PERIOD_MS,
      detectedAt: T0 + (3 * STRIDE + 3) * PERIOD_MS,
      verdict: { equipment: 'rw0', fault: 'offset', confidence: 1, alternatives: [] },
      misses: 0,
      reported: { confidence: 1, score: 7 },
    });
    expect(revisions[0]?.anomaly.worst).toEqual(scoredWindow(MANIFEST, { index: 2, score: 7 }));
  });

  test('windows that point to different equipments open one anomaly together, of the one most of them point to', () => {
    const { revisions } = run([{ points: 1 }, { points: 0 }, { points: 1 }]);
    expect(revisions.map(shown)).toEqual([opened(2, 'rw1')]);
  });

  test('with one of one every window above the threshold opens at once', () => {
    const manifest = trackerManifest({ k: 1, n: 1 });
    expect(run(scores(0, HIT, 0, HIT), manifest).revisions.map(shown)).toEqual([opened(1), closed(2), opened(3)]);
  });

  test('windows as long as the stride start where their first window starts, never before it', () => {
    const manifest = { ...MANIFEST, sampling: { ...MANIFEST.sampling, stride: 9 } };
    expect(run(scores(HIT, HIT, HIT), manifest).revisions[0]?.anomaly.start).toBe(T0);
  });
});

describe('while it is open', () => {
  test('further windows of the same kind write no revision', () => {
    const { revisions, state } = run(scores(HIT, HIT, HIT, HIT, HIT, HIT, HIT));
    expect(revisions.map(shown)).toEqual([opened(2)]);
    expect(state.open.map(({ lastHit, misses, revision }) => ({ lastHit, misses, revision }))).toEqual([
      { lastHit: T0 + (6 * STRIDE + 3) * PERIOD_MS, misses: 0, revision: 1 },
    ]);
  });

  test('windows down to the return threshold keep it open, though they would not open it', () => {
    expect(run(scores(HIT, HIT, HIT, 3, 3, 3, 3, 3, 3)).revisions.map(shown)).toEqual([opened(2)]);
  });

  test('it closes at the fourth window in a row below the return threshold, and ends with the last window that counted', () => {
    const { revisions, state } = run(scores(HIT, HIT, HIT, 5, 2.9, 0, 0, 2.9, 0));
    expect(revisions.map(shown)).toEqual([opened(2), closed(7)]);
    expect(revisions[1]?.anomaly.lastHit).toBe(T0 + (3 * STRIDE + 3) * PERIOD_MS);
    expect(state.open).toEqual([]);
  });

  test('a window that counts in between starts the count of quiet windows again', () => {
    expect(run(scores(HIT, HIT, HIT, 0, 0, 0, 3.5, 0, 0, 0, 3.5)).revisions.map(shown)).toEqual([opened(2)]);
  });

  test('after closing it takes three fresh windows to open the next', () => {
    const { revisions } = run(scores(HIT, HIT, HIT, 0, 0, 0, 0, HIT, HIT, 0, HIT));
    expect(revisions.map(shown)).toEqual([opened(2), closed(6), opened(10)]);
    expect(new Set(revisions.map(({ anomaly }) => anomaly.id)).size).toBe(2);
  });

  test('a score twice the reported one is told, once', () => {
    const { revisions } = run(scores(4, 5, 5, 9, 10, 11, 15, 20, 20));
    expect(revisions.map(shown)).toEqual([
      opened(2),
      { window: 4, trigger: 'score-doubled', state: 'open', equipment: 'rw0', revision: 2 },
      { window: 7, trigger: 'score-doubled', state: 'open', equipment: 'rw0', revision: 3 },
    ]);
    expect(revisions.map(({ anomaly }) => anomaly.reported.score)).toEqual([5, 10, 20]);
  });

  test('the worst window is kept, not the last', () => {
    const { state } = run(scores(HIT, HIT, 7.5, 5, 5, 4));
    expect(state.open[0]?.worst).toEqual(scoredWindow(MANIFEST, { index: 2, score: 7.5 }));
  });

  const half = (offset: number): number[][] => [
    [0, offset, 1 - offset, 0],
    [1, 0, 0, 0],
    [1, 0, 0, 0],
  ];

  test('a confidence that moved by a tenth is told, a smaller change is not', () => {
    const sure = Array.from({ length: 3 }, () => ({ posterior: half(1) }));
    const { revisions } = run([...sure, ...Array.from({ length: 40 }, () => ({ posterior: half(0.75) }))]);
    const told = revisions.map(({ trigger, anomaly }) => ({ trigger, confidence: anomaly.verdict.confidence }));
    expect(told.map(({ trigger }) => trigger)).toEqual(['opened', 'confidence-changed', 'confidence-changed']);
    const [first = NaN, second = NaN, third = NaN] = told.map(({ confidence }) => confidence);
    expect(first).toBe(1);
    expect([first - second, second - third].every((fall) => fall >= 0.1 && fall < 0.2)).toBe(true);
  });

  test('a fault that turns out to be another is told as a changed verdict', () => {
    const { revisions } = run([
      ...Array.from({ length: 3 }, () => ({ fault: 0 })),
      ...Array.from({ length: 8 }, () => ({ fault: 1 })),
    ]);
    const verdicts = revisions.map(({ trigger, anomaly }) => [trigger, anomaly.verdict.fault]);
    expect(verdicts.slice(0, 1)).toEqual([['opened', 'offset']]);
    expect(verdicts.filter(([trigger]) => trigger === 'verdict-changed')).toEqual([['verdict-changed', 'step']]);
    expect(revisions.at(-1)?.anomaly.verdict.fault).toBe('step');
    expect(new Set(revisions.map(({ anomaly }) => anomaly.id)).size).toBe(1);
  });
});

describe('several equipments', () => {
  test('a second equipment opens an anomaly of its own, though the first is not over', () => {
    const { revisions, state } = run([{}, {}, {}, { points: 1 }, { points: 1 }, {}, { points: 1 }]);
    expect(revisions.map(shown)).toEqual([opened(2), opened(6, 'rw1')]);
    expect(state.open.map(({ verdict }) => verdict.equipment)).toEqual(['rw0', 'rw1']);
  });

  test('a window that only lies within the hysteresis of the first does not help the second to open', () => {
    const other = { points: 1, score: 3.5 };
    const { revisions } = run([{}, {}, {}, other, {}, other, {}, other, {}, other]);
    expect(revisions.map(shown)).toEqual([opened(2)]);
  });

  test('windows that the first has taken do not count for the second', () => {
    const { revisions } = run([{}, {}, {}, {}, {}, { points: 1 }, { points: 1 }, { points: 0 }]);
    expect(revisions.map(shown)).toEqual([opened(2)]);
  });

  test('the first closes when no window points to it any more, while the second goes on', () => {
    const { revisions, state } = run([{}, {}, {}, ...Array.from({ length: 6 }, () => ({ points: 2 }))]);
    expect(revisions.map(shown)).toEqual([opened(2), opened(5, 'rw2'), closed(6)]);
    expect(state.open.map(({ verdict }) => verdict.equipment)).toEqual(['rw2']);
  });

  test('each anomaly keeps its own worst window and evidence', () => {
    const { state } = run([{ score: 9 }, {}, {}, { points: 1 }, { points: 1, score: 8 }, {}, { points: 1 }]);
    expect(state.open.map(({ worst }) => worst.inference.score)).toEqual([9, 8]);
    expect(
      state.open.map(({ verdict: { equipment, fault, confidence } }) => ({ equipment, fault, confidence })),
    ).toEqual([
      { equipment: 'rw0', fault: 'offset', confidence: 1 },
      { equipment: 'rw1', fault: 'offset', confidence: 1 },
    ]);
  });
});

describe('verdicts without a fault', () => {
  const unknown: WindowChoice = {
    posterior: [
      [0.05, 0.05, 0.05, 0.85],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
    ],
  };

  test('a fault nobody taught opens an anomaly of the right equipment, fault unknown', () => {
    const { revisions } = run([unknown, unknown, unknown, unknown]);
    expect(revisions.map(shown)).toEqual([opened(2)]);
    expect(revisions[0]?.anomaly.verdict).toMatchObject({ equipment: 'rw0', fault: UNKNOWN });
  });

  test('a lasting fault whose peephole is undecided between equipments is one lasting anomaly of the one that carries the score', () => {
    // No equipment holds half of the mass, the likeliest is rw0, the residual says rw1: the verdict follows the residual.
    const undecided: WindowChoice = {
      posterior: [
        [0.6, 0.4, 0, 0],
        [0.7, 0.3, 0, 0],
        [0.7, 0.3, 0, 0],
      ],
      equipmentScore: [1, 5, 1],
    };
    const { revisions, state } = run(Array.from({ length: 20 }, () => undecided));
    expect(revisions.map(shown)).toEqual([opened(2, 'rw1')]);
    expect(state.open.map(({ misses, lastHit }) => ({ misses, lastHit }))).toEqual([
      { misses: 0, lastHit: T0 + (19 * STRIDE + 3) * PERIOD_MS },
    ]);
  });

  test('a mission without equipment opens anomalies of the nameless one', () => {
    const manifest = trackerManifest({ equipment: [] });
    const { revisions } = run(scores(HIT, HIT, HIT, 0, 0, 0, 0), manifest);
    expect(revisions.map(shown)).toEqual([opened(2, UNKNOWN), closed(6, UNKNOWN)]);
    expect(revisions[0]?.anomaly.verdict.fault).toBe('offset');
  });
});

describe('the published method', () => {
  const manifest = trackerManifest({ paper: true });
  /** Rows: fault [nominal, offset, step, unknown], equipment [nominal, rw0, rw1, rw2]. */
  const window = (equipment: readonly number[], fault: readonly number[] = [0.1, 0.8, 0.1, 0]): WindowChoice => ({
    posterior: [fault, equipment],
  });

  test('whole-window posteriors of fault and equipment give one verdict', () => {
    const { revisions } = run(
      Array.from({ length: 4 }, () => window([0, 0.1, 0.2, 0.7])),
      manifest,
    );
    expect(revisions.map(shown)).toEqual([opened(2, 'rw2')]);
    expect(revisions[0]?.anomaly.verdict).toEqual({
      equipment: 'rw2',
      fault: 'offset',
      confidence: 0.6222,
      alternatives: [
        { equipment: 'rw1', fault: 'offset', confidence: 0.1778 },
        { equipment: 'rw0', fault: 'offset', confidence: 0.0889 },
        { equipment: 'rw2', fault: 'step', confidence: 0.0778 },
      ],
    });
  });

  test('an equipment peephole at odds with the residual does not make a lasting fault flap', () => {
    const undecided = { ...window([0, 0.45, 0.3, 0.25]), equipmentScore: [1, 1, 7] };
    const { revisions } = run(
      Array.from({ length: 30 }, () => undecided),
      manifest,
    );
    expect(revisions.map(shown)).toEqual([opened(2, 'rw2')]);
  });
});

describe('a hole in the telemetry', () => {
  const span = MANIFEST.sampling.window * PERIOD_MS;
  const begun = run(scores(HIT, HIT, HIT));
  const startOf = (index: number): number => scoredWindow(MANIFEST, { index, score: HIT }).window.start;
  /** Goes on with windows from `index` after telemetry was lost so long before the first of them. */
  const after = (hole: number, index: number, choices: readonly number[]) => {
    const lost = loseTelemetry(begun.state, startOf(index) - hole);
    expect(lost.revisions).toEqual([]);
    return run(
      choices.map((score, at) => ({ score, index: index + at })),
      MANIFEST,
      lost.state,
    );
  };

  test('no longer than a window is no end of what is open', () => {
    const { state, revisions } = after(span, 40, [HIT, HIT]);
    expect(revisions).toEqual([]);
    expect(state.open.map(({ id }) => id)).toEqual(begun.state.open.map(({ id }) => id));
    expect(state.lostAt).toBeUndefined();
  });

  test('does not keep open what has returned to normal', () => {
    const { revisions } = after(span, 40, [0, 0, 0, 0]);
    expect(revisions.map(({ trigger }) => trigger)).toEqual(['returned-to-normal']);
  });

  test.each([
    ['longer than a window', span + 1],
    ['of a clock that was set back', -1],
  ])('%s ends it when telemetry was lost, and the next windows count anew', (_what, hole) => {
    const { state, revisions } = after(hole, 40, [HIT, HIT, HIT]);
    expect(revisions.map(({ trigger }) => trigger)).toEqual(['telemetry-lost', 'opened']);
    expect(revisions[0]?.time).toBe(startOf(40) - hole);
    expect(state.open).toHaveLength(1);
  });

  test('counts from its first loss, and the end of a pass closes at that time', () => {
    const first = loseTelemetry(begun.state, T0 + 50_000);
    const second = loseTelemetry(first.state, T0 + 60_000);
    expect(closeAll(second.state, T0 + 99_000, 'end-of-pass').revisions).toMatchObject([
      { trigger: 'telemetry-lost', state: 'closed', time: T0 + 50_000 },
    ]);
  });

  test('with nothing open forgets what was under way', () => {
    expect(loseTelemetry(run(scores(HIT, HIT)).state, T0).state).toEqual(initialTracker);
  });
});

describe('closing everything', () => {
  test.each(['telemetry-lost', 'end-of-pass'] as const)(
    '%s closes every open anomaly and forgets what was under way',
    (trigger) => {
      const { state } = run([
        {},
        {},
        {},
        { points: 1 },
        { points: 1 },
        {},
        { points: 1 },
        { points: 2 },
        { points: 2 },
      ]);
      const step = closeAll(state, T0 + 99_000, trigger);
      expect(step.state).toEqual(initialTracker);
      expect(step.revisions).toEqual(
        state.open.map((anomaly) => ({
          anomaly: { ...anomaly, revision: 2 },
          trigger,
          state: 'closed',
          time: T0 + 99_000,
        })),
      );
      expect(step.revisions).toHaveLength(2);
      // One more window of the third equipment would have opened it.
      expect(run([{ points: 2 }], MANIFEST, step.state).revisions).toEqual([]);
    },
  );

  test('with nothing open nothing is said', () => {
    expect(closeAll(initialTracker, T0, 'end-of-pass')).toEqual({ state: initialTracker, revisions: [] });
  });
});

test('a state is never changed: a replay from any point gives what it gave before', () => {
  const choices = [{}, {}, { score: 9 }, { points: 1 }, {}, { points: 1 }, { points: 1 }, { score: 0 }, { score: 30 }];
  let state: TrackerState = initialTracker;
  choices.forEach((choice, index) => {
    const frozen = deepFreeze(state);
    const evidence = frozen.open.map((anomaly) => [...anomaly.evidence]);
    const window = deepFreeze(scoredWindow(MANIFEST, { index, ...choice }));
    const once = trackWindow({ spacecraft: 'SC-1' }, MANIFEST, frozen, window);
    const twice = trackWindow({ spacecraft: 'SC-1' }, MANIFEST, frozen, window);
    closeAll(frozen, 0, 'end-of-pass');
    expect(twice).toEqual(once);
    expect(frozen.open.map((anomaly) => [...anomaly.evidence])).toEqual(evidence);
    state = once.state;
  });
  expect(state.open).toHaveLength(2);
});
