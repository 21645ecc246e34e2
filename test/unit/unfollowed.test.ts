import { ownersOf, unfollowedCommand } from '../../src/core/anomaly/unfollowed';
import type { Manifest } from '../../src/domain/manifest';
import type { Reason } from '../../src/domain/explanation';
import { isoTime } from '../../src/domain/units';
import { PERIOD_MS, scoredWindow, trackerManifest } from '../support/scored-windows';
import { T0 } from '../support/tiny-mission';

/** Two lines with a valve and a command each, and a mode of the spacecraft. */
const PARAMETERS = [
  { id: 'l1_valve', equipment: 'l1' },
  { id: 'l1_cmd', equipment: 'l1' },
  { id: 'l2_valve', equipment: 'l2' },
  { id: 'l2_cmd', equipment: 'l2' },
  { id: 'mode' },
];
const MANIFEST: Manifest = {
  ...trackerManifest({ equipment: ['l1', 'l2'] }),
  parameters: PARAMETERS.map(({ id }) => id),
  conditions: [1, 3, 4],
};

type Course = readonly [number, number, number, number];
const STILL: Course = [0, 0, 0, 0];

/** The first valve against what is expected of it. */
const judge = ({
  values = STILL,
  expected,
  l1 = STILL,
  l2 = STILL,
  mode = STILL,
}: Partial<Record<'values' | 'expected' | 'l1' | 'l2' | 'mode', Course>>): Reason | undefined => {
  const { window } = scoredWindow(MANIFEST, { values: Float32Array.from([values, l1, STILL, l2, mode].flat()) });
  const owners = ownersOf(PARAMETERS);
  return unfollowedCommand({ manifest: MANIFEST, window, row: 0, values, expected: expected ?? STILL, owners });
};
const OPENS: Course = [0, 0, 90, 90];

test('a value is charged with the command of its own equipment, whatever else was switched', () => {
  expect(judge({ expected: OPENS, l1: [0, 0, 1, 1], l2: [1, 0, 0, 0] })).toEqual({
    kind: 'unfollowed',
    command: 'l1_cmd',
    to: 1,
    at: isoTime(T0 + 2 * PERIOD_MS),
    expectedChange: 90,
    measuredChange: 0,
  });
  // Its own was followed: then the other one is none of its business.
  const followed = { values: [0, 0, 90, 90], expected: [0, 0, 90, 0], l1: [0, 0, 1, 1], l2: [0, 0, 0, 1] } as const;
  expect(judge(followed)).toBeUndefined();
});

test('without a switch of its own a single other one may be named, that of no equipment before that of another', () => {
  expect(judge({ expected: OPENS, l2: [0, 0, 1, 1] })).toMatchObject({ command: 'l2_cmd' });
  expect(judge({ expected: OPENS, l2: [0, 0, 1, 1], mode: [2, 2, 3, 3] })).toMatchObject({ command: 'mode', to: 3 });
});

test('of several commands of other equipments nobody can tell which one it was', () => {
  const values = Float32Array.from([STILL, [0, 0, 1, 1], STILL, [0, 0, 1, 1], STILL].flat());
  const { window } = scoredWindow(MANIFEST, { values });
  const owners = ownersOf(PARAMETERS.map((item) => (item.id === 'l1_valve' ? { ...item, equipment: 'tank' } : item)));
  const following = { manifest: MANIFEST, window, row: 0, values: STILL, expected: OPENS };
  expect(unfollowedCommand({ ...following, owners })).toBeUndefined();
  expect(unfollowedCommand(following)).toMatchObject({ kind: 'unfollowed' });
});

test('every switch is judged by the frames up to the next one', () => {
  expect(judge({ expected: [0, 90, 0, 0], l1: [0, 1, 0, 0] })).toMatchObject({ to: 1, expectedChange: 90 });
});

test('a valve that never opened does not fail to close', () => {
  expect(judge({ values: [2, 2, 2, 2], expected: [97, 97, 0, 0], l1: [1, 1, 0, 0] })).toBeUndefined();
  expect(judge({ values: [95, 95, 95, 95], expected: [97, 97, 0, 0], l1: [1, 1, 0, 0] })).toMatchObject({
    to: 0,
    expectedChange: -97,
    measuredChange: 0,
  });
});
