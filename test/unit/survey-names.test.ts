import { asIdentifier, guessEquipment, guessUnits, renamed } from '../../src/core/onboarding/name-guesses';

const equipmentOf = (names: readonly string[]): Record<string, string> => Object.fromEntries(guessEquipment(names));

describe('equipment in names', () => {
  test('is a prefix that at least two parameters share, when there are two such prefixes', () => {
    expect(equipmentOf(['rw0_speed', 'rw0_current', 'rw1_speed', 'rw1_current', 'bus_voltage'])).toEqual({
      rw0_speed: 'rw0',
      rw0_current: 'rw0',
      rw1_speed: 'rw1',
      rw1_current: 'rw1',
    });
  });

  test('is looked for behind a word that all share', () => {
    expect(equipmentOf(['sat.rw0.speed', 'sat.rw0.current', 'sat.rw1.speed', 'sat.rw1.current'])).toMatchObject({
      'sat.rw0.speed': 'sat.rw0',
      'sat.rw1.current': 'sat.rw1',
    });
  });

  test.each([
    ['one unit alone tells nothing from another', ['rw0_speed', 'rw0_current', 'pressure']],
    ['names without a separator', ['Accelerometer1RMS', 'Accelerometer2RMS', 'Current', 'Volume_Flow_RateRMS']],
    ['quantities in front are no units', ['temp_rw0', 'temp_rw1', 'current_rw0', 'current_rw1']],
    ['a prefix with nothing behind it', ['a_', 'a_', 'b_', 'b_']],
  ])('is none: %s', (_title, names) => {
    expect(equipmentOf(names)).toEqual({});
  });
});

test('units are read from a name only when it can mean nothing else', () => {
  expect(
    ['rw0_speed_rpm', 'rw0_torque_cmd_mnm', 'rw0_current_a', 'rw0_bearing_temp_c', 'bus_voltage_v'].map(guessUnits),
  ).toEqual(['rpm', 'mNm', 'A', 'degC', 'V']);
  expect(['tank_a', 'sensor_c', 'cmd_v', 'rpm', 'gyro_constructor', 'acc_x'].map(guessUnits)).toEqual(
    Array.from({ length: 6 }, () => undefined),
  );
});

test('a name no mission can use gets one it can, and none twice', () => {
  expect(['Volume Flow (l/min)', '1st', '__x', '°', ''].map(asIdentifier)).toEqual([
    'Volume_Flow_l_min',
    'p_1st',
    'x',
    'unnamed',
    'unnamed',
  ]);
  expect(renamed(['a_b', 'a b', 'a-b', 'a+b'])).toEqual(['a_b', 'a_b_2', 'a-b', 'a_b_3']);
});
