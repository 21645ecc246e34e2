import { missionSchema } from '../../src/domain/mission';
import { layoutOf, samplesOf } from '../../src/fit/layout';

const missionOf = (
  parameters: readonly { readonly id: string; readonly equipment?: string; readonly units?: string }[],
) => missionSchema.parse({ spacecraft: 'SC', sampling: { period: '1s', window: 8, stride: 2 }, parameters });

test('equipments are groups of row indices in order of first appearance, parameters of none a group at the end', () => {
  const mission = missionOf([
    { id: 'b_speed', equipment: 'b', units: 'rpm' },
    { id: 'a_speed', equipment: 'a', units: 'rpm' },
    { id: 'bus_voltage', units: 'V' },
    { id: 'a_current', equipment: 'a', units: 'A' },
    { id: 'b_current', equipment: 'b', units: 'A' },
  ]);
  expect(layoutOf(mission)).toEqual({
    parameters: 5,
    frames: 8,
    groups: [[0, 4], [1, 3], [2]],
    equipment: ['b', 'a', 'unknown'],
    alike: false,
    conditions: [],
  });
});

test('a mission that names no equipment is one nameless group of everything', () => {
  expect(layoutOf(missionOf([{ id: 'x' }, { id: 'y' }]))).toEqual({
    parameters: 2,
    frames: 8,
    groups: [[0, 1]],
    equipment: [],
    alike: true,
    conditions: [],
  });
});

test.each([
  ['other units', ['rpm', 'A'], ['rpm', 'degC']],
  ['the same units in another order', ['rpm', 'A'], ['A', 'rpm']],
  ['another number of parameters', ['rpm', 'A'], ['rpm']],
])('equipments with %s are not alike', (_, a, b) => {
  const own = (equipment: string, units: readonly string[]) =>
    units.map((unit, i) => ({ id: `${equipment}${String(i)}`, equipment, units: unit }));
  expect(layoutOf(missionOf([...own('a', a), ...own('b', b)])).alike).toBe(false);
});

test('samples of a group are rows of the flattened window, in the order of the group', () => {
  expect(samplesOf([2, 0], 3)).toEqual([6, 7, 8, 0, 1, 2]);
});
