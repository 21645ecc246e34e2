import { SUMMARIES, SUMMARY } from '../../src/core/telemetry/summaries';
import type { Window } from '../../src/domain/telemetry';
import { rememberedWindows } from '../../src/fit/remembered';

/** A window whose memory counts so many samples of each parameter. */
const windowOf = (counts: readonly number[]): Window => {
  const memory = new Float32Array(counts.length * SUMMARIES);
  counts.forEach((count, row) => (memory[row * SUMMARIES + SUMMARY.count] = count));
  return { start: 0, end: 0, values: new Float32Array(), unusable: [], memory };
};

const [whole, young, partial] = [windowOf([90, 90, 90]), windowOf([30, 30, 30]), windowOf([90, 0, 90])];

test('windows teach that remember long enough, and every scored parameter', () => {
  expect(rememberedWindows([whole, young, partial, whole], 64, { conditions: [] })).toEqual([0, 3]);
  expect(rememberedWindows([whole, young, partial, whole], 64, { conditions: [1] })).toEqual([0, 2, 3]);
});

test('if a parameter is absent most of the time, all windows that remember long enough have to do', () => {
  expect(rememberedWindows([partial, partial, partial, whole, young], 64, { conditions: [] })).toEqual([0, 1, 2, 3]);
});

test('a window without a memory teaches nothing of it', () => {
  expect(rememberedWindows([{ ...whole, memory: undefined } as unknown as Window], 1, { conditions: [] })).toEqual([]);
});
