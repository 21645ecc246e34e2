import type { Label, Window } from '../../src/domain/telemetry';
import { describeUseless, labelledCases, uselessLabels } from '../../src/fit/labelled-cases';
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

describe('when taught cases are kept back', () => {
  const faults = ['offset', 'leak'];
  const events = (count: number, fault = 'offset'): Label[] =>
    Array.from({ length: count }, (_, index) => label(20 * index, 20 * index + 15, { fault }));
  const turnsOf = (labels: readonly (readonly Label[])[]) =>
    labelledCases(
      labels.map((own) => ({ windows, labels: own })),
      faults,
      layout,
    ).map((cases) => cases.map(({ fault, held }) => [faults[fault], held]));

  test('whole events are, each at one turn', () => {
    // Windows from 0, 4 and 8 s lie inside the first event, and so on.
    expect(turnsOf([events(5)])).toEqual([
      [0, 1, 2, 3, 0].flatMap((turn) => Array.from({ length: 3 }, () => ['offset', turn])),
    ]);
  });

  test('a fault that several passes hold is kept back with its pass: it may be another spacecraft', () => {
    const [first = [], second = []] = turnsOf([events(3), [...events(2), label(100, 115, { fault: 'leak' })]]);
    expect(new Set(first.map(([, turn]) => turn))).toEqual(new Set([0]));
    expect(second).toEqual([
      ...Array.from({ length: 6 }, () => ['offset', 1]),
      ...Array.from({ length: 3 }, () => ['leak', 'never']),
    ]);
  });

  test('passes that fall on one turn are no reason to keep all of a fault back at once', () => {
    const passes = [events(1), [], [], [], events(1)];
    const turns = turnsOf(passes).flatMap((own) => own.map(([, turn]) => turn));
    expect(new Set(turns)).toEqual(new Set([0, 1]));
  });

  test('a fault of one event is always learnt, and labels without a window count for no turn', () => {
    expect(turnsOf([events(1)])[0]).toEqual(Array.from({ length: 3 }, () => ['offset', 'never']));
    const [cases = []] = turnsOf([[label(1, 3), ...events(2)]]);
    expect(cases.map(([, turn]) => turn)).toEqual([0, 0, 0, 1, 1, 1]);
  });
});
