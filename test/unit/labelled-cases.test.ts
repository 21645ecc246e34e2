import type { Label, Window } from '../../src/domain/telemetry';
import { describeUseless, uselessLabels } from '../../src/fit/labelled-cases';
import type { Layout } from '../../src/fit/layout';

const T0 = Date.parse('2026-03-01T00:00:00Z');
const at = (second: number): number => T0 + 1000 * second;
const layout = { equipment: ['u0', 'u1'], frames: 8 } as unknown as Layout;
const windows = Array.from({ length: 50 }, (_, index): Window => {
  return { start: at(4 * index), end: at(4 * index + 7), values: new Float32Array(8), unusable: [] };
});
const label = (start: number, end: number, more: Partial<Label> = {}): Label => ({
  ...{ start: at(start), end: at(end), equipment: 'u0', fault: 'offset' },
  ...more,
});

test('labels that teach nothing are grouped by reason, with a count and the first of them', () => {
  const useless = uselessLabels(
    windows,
    [
      label(0, 40),
      ...Array.from({ length: 30 }, (_, index) => label(4 * index + 1, 4 * index + 3)),
      label(1000, 2000),
      label(0, 40, { equipment: 'u9' }),
      label(0, 40, { fault: 'leak' }),
      label(8, 40, { fault: 'leak', equipment: '' }),
    ],
    ['offset'],
    layout,
  );
  expect(useless).toHaveLength(34);
  expect(describeUseless(useless)).toEqual([
    '30 labels are left out: shorter than a window of 8 frames, or samples that are unusable ("offset" of u0 from 2026-03-01T00:00:01Z, "offset" of u0 from 2026-03-01T00:00:05Z, "offset" of u0 from 2026-03-01T00:00:09Z and 27 more)',
    '1 label is left out: outside the pass ("offset" of u0 from 2026-03-01T00:16:40Z)',
    '1 label is left out: the mission has no equipment "u9" ("offset" of u9 from 2026-03-01T00:00:00Z)',
    '2 labels are left out: the mission has no fault class "leak" ("leak" of u0 from 2026-03-01T00:00:00Z, "leak" from 2026-03-01T00:00:08Z)',
  ]);
});
