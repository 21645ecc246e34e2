/** A parameter that stops coming is told, with the equipment it belongs to; a silence of everything is none. */
import { absenceText } from '../../src/core/alarms/alarm-sources';
import { initialAbsence, planAbsence, watchAbsence, type AbsenceChange } from '../../src/core/telemetry/absence';
import { missionSchema } from '../../src/domain/mission';

const T0 = Date.UTC(2026, 2, 1);
const plan = planAbsence(
  missionSchema.parse({
    spacecraft: 'T1',
    sampling: { period: '4s', window: 4, stride: 1 },
    parameters: [
      { id: 'a1', equipment: 'a' },
      { id: 'a2', equipment: 'a' },
      { id: 'slow', staleAfter: '40s' },
      { id: 'mode', kind: 'event' },
    ],
  }),
);

/** Frames of rows that were received; changes as [slot, kind, name, is absent]. */
const changesOf = (frames: readonly (readonly number[])[]) => {
  let state = initialAbsence;
  const changes: AbsenceChange[] = [];
  frames.forEach((received, slot) => {
    const values = Float64Array.from(received);
    const step = watchAbsence(plan, state, { frame: { time: T0 + slot * 4000, values }, received: values });
    state = step.state;
    changes.push(...step.changes);
  });
  return changes;
};
const shown = (changes: readonly AbsenceChange[]) =>
  changes.map(({ kind, name, isAbsent, since, time }) => [
    kind,
    name,
    isAbsent,
    (since - T0) / 4000,
    (time - T0) / 4000,
  ]);
const times = (count: number, frame: readonly number[]) => Array.from({ length: count }, () => frame);
const ALL = [1, 1, 1, 1];

test('a parameter without a sample for a window is absent since its last sample, and its equipment cannot be scored', () => {
  const changes = changesOf([...times(3, ALL), ...times(4, [1, NaN, 1, NaN]), ALL]);
  expect(shown(changes)).toEqual([
    ['parameter', 'a2', true, 2, 6],
    ['equipment', 'a', true, 2, 6],
    ['parameter', 'a2', false, 2, 7],
    ['equipment', 'a', false, 2, 7],
  ]);
  expect(changes.slice(0, 2).map(absenceText)).toEqual([
    'a2: no sample since 2026-03-01T00:00:08Z',
    'a: cannot score since 2026-03-01T00:00:08Z what needs a2',
  ]);
});

test('one that may be held for longer is absent when it is stale, and one that never came is absent since the first frame', () => {
  expect(shown(changesOf(times(11, [1, 1, NaN, NaN])))).toEqual([['parameter', 'slow', true, 0, 9]]);
});

test('frames in which nothing came are a loss of signal, and nobody is absent for it', () => {
  expect(changesOf([ALL, ...times(50, [NaN, NaN, NaN, NaN]), ALL])).toEqual([]);
});

test('a second parameter of the equipment is told with both', () => {
  const changes = changesOf([ALL, ...times(4, [1, NaN, 1, 1]), ...times(4, [NaN, NaN, 1, 1])]);
  expect(changes.filter(({ kind }) => kind === 'equipment').map(({ parameters }) => parameters)).toEqual([
    ['a2'],
    ['a1', 'a2'],
  ]);
});
