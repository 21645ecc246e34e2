import fc from 'fast-check';
import {
  closeAll,
  initialTracker,
  loseTelemetry,
  trackWindow,
  type Revision,
  type TrackerState,
} from '../../src/core/anomaly/anomaly-tracker';
import type { Manifest } from '../../src/domain/manifest';
import { scoredWindow, trackerManifest, type WindowChoice } from '../support/scored-windows';

const EQUIPMENT = ['rw0', 'rw1', 'rw2'] as const;

interface Move extends WindowChoice {
  /** Instead of a window: everything is closed; or telemetry is lost, so many milliseconds before the next window begins. */
  readonly close?: 'telemetry-lost' | 'end-of-pass';
  readonly hole?: number;
}

const posteriorRow = fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
const score = fc.constantFrom(0, 2, 3, 3.5, 4, 5, 8, 16, 40);
const clear = fc.record({ score, points: fc.nat(2), fault: fc.nat(1), confidence: fc.constantFrom(0.3, 0.6, 0.9, 1) });
const vague = fc.record({
  score,
  posterior: fc.array(posteriorRow, { minLength: 3, maxLength: 3 }),
  equipmentScore: fc.array(fc.float({ min: 0, max: 50, noNaN: true }), { minLength: 3, maxLength: 3 }),
});
const loss = fc.constantFrom(
  { close: 'telemetry-lost', hole: 0 } as const,
  { close: 'telemetry-lost', hole: 3_600_000 } as const,
  { close: 'end-of-pass' } as const,
);
const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof({ weight: 10, arbitrary: clear }, { weight: 6, arbitrary: vague }, { weight: 1, arbitrary: loss }),
  { maxLength: 50, size: 'max' },
);
/** Runs of like windows, as faults give them. */
const runs: fc.Arbitrary<Move[]> = fc
  .array(fc.tuple(fc.oneof(clear, vague), fc.integer({ min: 1, max: 8 })), { maxLength: 10, size: 'max' })
  .map((all) => all.flatMap(([move, count]) => Array.from({ length: count }, (): Move => move)));
const sequences = fc.oneof(moves, runs);
const persistence = fc
  .integer({ min: 1, max: 5 })
  .chain((n) => fc.record({ n: fc.constant(n), k: fc.integer({ min: 1, max: n }) }));
const manifests = persistence.map(({ k, n }) => trackerManifest({ equipment: EQUIPMENT, k, n }));

interface Step {
  readonly before: TrackerState;
  readonly after: TrackerState;
  readonly move: Move;
  readonly revisions: readonly Revision[];
}

const play = (manifest: Manifest, all: readonly Move[]): Step[] => {
  let state = initialTracker;
  return all.map((move, index) => {
    const before = state;
    const scored = scoredWindow(manifest, { index, ...move });
    const step =
      move.close === undefined
        ? trackWindow({ spacecraft: 'SC-1' }, manifest, before, scored)
        : move.close === 'telemetry-lost'
          ? loseTelemetry(before, scored.window.end - (move.hole ?? 0))
          : closeAll(before, scored.window.end, move.close);
    state = step.state;
    return { before, after: state, move, revisions: step.revisions };
  });
};

const always = (property: (steps: readonly Step[], manifest: Manifest) => void, seed: number): void => {
  fc.assert(
    fc.property(manifests, sequences, (manifest, all) => {
      property(play(manifest, all), manifest);
    }),
    { seed, numRuns: 100 },
  );
};

test('the sequences tried open, revise and close anomalies in good number', () => {
  const counts: Record<string, number> = {};
  always((steps) => {
    for (const { trigger } of steps.flatMap(({ revisions }) => revisions)) counts[trigger] = (counts[trigger] ?? 0) + 1;
  }, 1);
  const triggers = [
    'confidence-changed',
    'end-of-pass',
    'opened',
    'returned-to-normal',
    'score-doubled',
    'telemetry-lost',
    'verdict-changed',
  ];
  expect(Object.keys(counts).sort()).toEqual(triggers);
  expect(Object.entries(counts).filter(([, count]) => count < 10)).toEqual([]);
});

test('every anomaly opens once with revision 1, rises by one a revision, and says nothing after it closed', () => {
  always((steps) => {
    const last = new Map<string, { readonly revision: number; readonly state: string }>();
    for (const { anomaly, trigger, state } of steps.flatMap(({ revisions }) => revisions)) {
      const before = last.get(anomaly.id);
      expect({
        isFirst: before === undefined,
        follows: anomaly.revision - (before?.revision ?? 0),
        after: before?.state ?? 'open',
      }).toEqual({
        isFirst: trigger === 'opened',
        follows: 1,
        after: 'open',
      });
      last.set(anomaly.id, { revision: anomaly.revision, state });
    }
  }, 2);
});

test('closed revisions carry a closing trigger, open ones another', () => {
  const closing = ['returned-to-normal', 'telemetry-lost', 'end-of-pass'];
  always((steps) => {
    for (const { trigger, state } of steps.flatMap(({ revisions }) => revisions))
      expect(state === 'closed').toBe(closing.includes(trigger));
  }, 3);
});

test('what is open is exactly what opened and did not close', () => {
  always((steps) => {
    const open = new Set<string>();
    for (const { revisions, after } of steps) {
      for (const { anomaly, state } of revisions) {
        if (state === 'open') open.add(anomaly.id);
        else open.delete(anomaly.id);
      }
      expect(new Set(after.open.map(({ id }) => id))).toEqual(open);
    }
  }, 4);
});

test('an anomaly opens only on a window at or above the threshold, after k such windows in the last n', () => {
  always(
    (
      steps,
      {
        calibration: {
          threshold,
          persistence: { k, n },
        },
      },
    ) => {
      steps.forEach(({ revisions }, index) => {
        if (!revisions.some(({ trigger }) => trigger === 'opened')) return;
        const recent = steps.slice(Math.max(0, index - n + 1), index + 1);
        const since = recent.slice(recent.findLastIndex(({ move }) => move.close !== undefined) + 1);
        expect(since.at(-1)?.move.score).toBeGreaterThanOrEqual(threshold);
        expect(since.filter(({ move }) => (move.score ?? 0) >= threshold).length).toBeGreaterThanOrEqual(k);
      });
    },
    5,
  );
});

test('an anomaly closes by itself only after n windows that did not count for it', () => {
  always(
    (
      steps,
      {
        calibration: {
          persistence: { n },
        },
      },
    ) => {
      steps.forEach(({ revisions }, index) => {
        for (const { anomaly, trigger } of revisions) {
          if (trigger !== 'returned-to-normal') continue;
          const owned = steps
            .slice(index - n + 1, index + 1)
            .map(({ after }) => after.open.find(({ id }) => id === anomaly.id)?.misses);
          expect(owned).toEqual([...Array.from({ length: n - 1 }, (_, i) => i + 1), undefined]);
        }
      });
    },
    6,
  );
});

test('evidence stays finite and never negative, confidence within 0 and 1, and the end never before the start', () => {
  always((steps) => {
    for (const { after } of steps) {
      for (const { evidence, verdict, start, lastHit, detectedAt, worst } of after.open) {
        expect([...evidence].every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
        // 0.97 is remembered of each window: at most 1 / 0.03 windows.
        expect(evidence.reduce((a, b) => a + b, 0)).toBeLessThan(1 / 0.03 + 1e-6);
        expect(verdict.confidence >= 0 && verdict.confidence <= 1).toBe(true);
        expect(EQUIPMENT).toContain(verdict.equipment);
        expect(start <= detectedAt && detectedAt <= lastHit).toBe(true);
        expect(worst.window.end).toBeGreaterThanOrEqual(start);
      }
    }
  }, 7);
});

test('no more windows are remembered than n', () => {
  always(
    (
      steps,
      {
        calibration: {
          persistence: { n },
        },
      },
    ) => {
      for (const { after } of steps) {
        expect(after.recent.length).toBeLessThanOrEqual(n);
      }
    },
    8,
  );
});

test('a window opens at most one anomaly, and never one of an equipment that has one', () => {
  always((steps) => {
    for (const { after, revisions } of steps) {
      const opened = revisions.filter(({ trigger }) => trigger === 'opened');
      expect(opened.length).toBeLessThanOrEqual(1);
      for (const { anomaly } of opened) {
        expect(after.open.filter(({ verdict }) => verdict.equipment === anomaly.verdict.equipment)).toHaveLength(1);
      }
    }
  }, 9);
});

test('a fault that lasts, however undecided its windows, is one anomaly: like windows never close it', () => {
  fc.assert(
    fc.property(manifests, vague, fc.integer({ min: 10, max: 60 }), (manifest, move, count) => {
      const steps = play(
        manifest,
        Array.from({ length: count }, () => ({ ...move, score: 8 })),
      );
      expect(steps.flatMap(({ revisions }) => revisions).map(({ trigger }) => trigger)).toEqual(['opened']);
    }),
    { seed: 10, numRuns: 150 },
  );
});
