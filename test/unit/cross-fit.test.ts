import fc from 'fast-check';
import type { Window } from '../../src/domain/telemetry';
import { foldsOf, isShort } from '../../src/fit/cross-fit';
import type { Layout } from '../../src/fit/layout';

const pass = (count: number, stride: number, from: number): Window[] =>
  Array.from({ length: count }, (_, i) => ({
    start: from + i * stride,
    end: from + i * stride + 7,
    values: new Float32Array(8),
    unusable: [],
  }));

test('every window is held out once, and no model has seen a frame of what it scores', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 20, max: 200 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 8 }),
      (sizes, stride) => {
        const passes = sizes.map((size, index) => pass(size, stride, index * 1e6));
        const folds = foldsOf(passes);
        expect(folds.flatMap(({ heldOut }) => heldOut)).toEqual(passes.flat());
        for (const { shape, heldOut } of folds) {
          const frames = new Set(heldOut.flatMap(({ start }) => Array.from({ length: 8 }, (_, t) => start + t)));
          const seen = shape.filter(({ start }) =>
            Array.from({ length: 8 }, (_, t) => start + t).some((t) => frames.has(t)),
          );
          expect(seen).toEqual([]);
          expect(shape.length).toBeGreaterThan(0);
        }
      },
    ),
    { seed: 5, numRuns: 50 },
  );
});

test('a block never runs over from one recording into the next', () => {
  const folds = foldsOf([pass(33, 4, 0), pass(67, 4, 1e6)]);
  expect(folds.every(({ heldOut }) => new Set(heldOut.map(({ start }) => start >= 1e6)).size === 1)).toBe(true);
});

test('recordings are short when they hold fewer than four windows for each sample of one, and enough to fit at all', () => {
  const layout: Layout = { parameters: 8, frames: 32, groups: [], equipment: [], alike: true, conditions: [] };
  expect([63, 64, 1023, 1024].map((windows) => isShort(windows, layout))).toEqual([false, true, true, false]);
});

test('one block that touches everything leaves nothing to fit on, and is refused', () => {
  const long: Window[] = pass(64, 1, 0).map((window) => ({ ...window, end: window.start + 200 }));
  expect(() => foldsOf([long])).toThrow('too short for their window');
});
