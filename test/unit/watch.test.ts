/** `fdir watch` without a terminal: what keys do, and what the screen shows. */
import { plain } from '../../src/commands/render/look';
import { sparkline } from '../../src/commands/render/sparkline';
import { drawWatch, type WatchLook } from '../../src/commands/watch/draw';
import { chosenItem, initialWatch, keyOfItem, press, type Key, type WatchModel } from '../../src/commands/watch/model';
import { LineScreen } from '../../src/commands/watch/screen';
import { initialAlarms } from '../../src/core/alarms/alarm-book';
import { raise } from '../../src/core/alarms/alarms';
import type { Alarm } from '../../src/domain/alarm';
import { recoverySchema, type Recovery } from '../../src/domain/recovery';
import { recoveryEntries } from '../support/full-log';
import { openAnomaly } from '../support/open-anomaly';
import { T0 } from '../support/tiny-mission';

const look: WatchLook = { rows: 24, columns: 80, paint: plain, isUnicode: false, reliability: [] };

const alarmOf = (name: string): Alarm => {
  const shape = { cause: 'c', severity: 'high' as const, title: name, isLatching: false, value: 1 };
  const { state } = raise(initialAlarms, { ...shape, name, status: 'violated', explanationId: null, time: T0 });
  const [alarm] = state.alarms;
  if (alarm === undefined) throw new Error('one was raised');
  return alarm;
};
const [waiting] = recoveryEntries('a', { rule: 'switch-wheel', state: 'waiting', startedAt: T0 }).flatMap(
  (entry): Recovery[] => (entry.kind === 'recovery' ? [recoverySchema.parse(entry.record)] : []),
);
if (waiting === undefined) throw new Error('one was made');

const withView = (view: Partial<WatchModel['view']>): WatchModel => {
  const model = initialWatch('AURORA-1');
  return { ...model, view: { ...model.view, state: 'online', isConnected: true, ...view } };
};
const full = withView({ alarms: [alarmOf('check/one'), alarmOf('check/two')], waiting: [waiting] });

const typed = (text: string): readonly Key[] => [...text].map((sequence) => ({ name: sequence, sequence }));
const pressed = (model: WatchModel, keys: readonly Key[]) =>
  keys.reduce<ReturnType<typeof press>>((step, key) => press(step.model, key), { model });
const nameOf = (model: WatchModel): string | undefined => {
  const item = chosenItem(model);
  return item && keyOfItem(item);
};

test('what waits for a decision comes first; j and k move, and stop at the ends', () => {
  const places = ['', 'k', 'j', 'jj', 'jjj', 'jjk'].map((keys) => nameOf(pressed(full, typed(keys)).model));
  expect(places).toEqual([
    'request a/switch-wheel',
    'request a/switch-wheel',
    'alarm check/one',
    'alarm check/two',
    'alarm check/two',
    'alarm check/one',
  ]);
});

test('the choice follows its alarm when others come and go', () => {
  const { model } = pressed(full, typed('jj'));
  const fewer = {
    ...model,
    view: { ...model.view, waiting: [], alarms: [alarmOf('check/two'), alarmOf('check/new')] },
  };
  expect(nameOf(fewer)).toBe('alarm check/two');
  expect(nameOf({ ...fewer, view: { ...fewer.view, alarms: [alarmOf('check/new')] } })).toBe('alarm check/new');
});

test('an order leaves with Enter only, and with its reason', () => {
  const step = pressed(full, [...typed('y'), ...typed('looks q'), { name: 'backspace' }, ...typed('right')]);
  expect(step.effect).toBeUndefined();
  expect(step.model.prompt).toEqual({ verb: 'approve', target: 'a/switch-wheel', text: 'looks right' });
  expect(press(step.model, { name: 'return' }).effect).toEqual({
    kind: 'order',
    verb: 'approve',
    target: 'a/switch-wheel',
    comment: 'looks right',
  });
  const cancelled = press(step.model, { name: 'escape' });
  expect({ effect: cancelled.effect, prompt: cancelled.model.prompt }).toEqual({
    effect: undefined,
    prompt: undefined,
  });
});

test.each([
  ['a on a request', 'a', /approved \(y\) or rejected \(n\)/],
  ['y on an alarm', 'jy', /acknowledged \(a\)/],
  ['n on an alarm', 'jn', /acknowledged \(a\)/],
])('%s orders nothing and says what does', (_, keys, told) => {
  const { model, effect } = pressed(full, typed(keys));
  expect({ effect, prompt: model.prompt }).toEqual({ effect: undefined, prompt: undefined });
  expect(model.told).toMatch(told);
});

test('control characters that are pasted do not get into a reason', () => {
  const { model } = pressed(full, [...typed('jax'), { sequence: '\u001b[2J' }, { sequence: 'ab\n' }]);
  expect(model.prompt?.text).toBe('x');
});

const crowd = withView({
  reasons: ['the function is switched to passive'],
  alarms: Array.from({ length: 60 }, (_, index) => alarmOf(`check/${'long'.repeat(20)}${String(index)}`)),
  waiting: [waiting],
  anomaly: {
    ...openAnomaly({ id: 'AURORA-1/x/rw2' }),
    sentence: `Reaction wheel 2: ${'word '.repeat(80)}\u001b[31m`,
    attribution: [
      {
        ...{ parameter: 'rw2_current_a', share: 1, peakAt: '2026-03-01T04:12:08Z', deviation: 4, direction: 'high' },
        ...{ measured: 1, expected: 0 },
      } as never,
    ],
    freezeFrame: {
      ...openAnomaly().freezeFrame,
      parameters: { rw2_current_a: Array.from({ length: 300 }, (_, index) => (index === 7 ? null : index)) },
    },
  },
});

test.each([
  [24, 80],
  [10, 40],
  [50, 132],
])('a screen of %i rows and %i columns is never exceeded, and holds no control character', (rows, columns) => {
  for (const model of [
    crowd,
    pressed(crowd, typed('jjjjj')).model,
    pressed(crowd, typed('y' + 'because '.repeat(30))).model,
  ]) {
    const lines = drawWatch(model, { ...look, rows, columns });
    expect(lines).toHaveLength(rows);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
    expect(lines.join('').match(/\p{Cc}/u)).toBeNull();
  }
});

test('at 80 by 24 a person sees state, what waits, alarms, the newest anomaly and the keys', () => {
  const text = drawWatch(crowd, look).join('\n');
  for (const piece of [
    'AURORA-1',
    'online',
    'switched to passive',
    '1 waiting for a decision, 60 open alarms',
    'APPROVE?  switch-wheel on rw2',
    'NOT ACKNOWLEDGED',
    'newest anomaly, open: AURORA-1/x/rw2',
    'very likely, 93 %',
    'rw2_current_a',
    'a acknowledge',
  ])
    expect(text).toContain(piece);
});

test('without a connection the screen says so', () => {
  expect(drawWatch(withView({ isConnected: false }), look)[0]).toContain('no connection to the broker');
});

test('only lines that changed are written', () => {
  const written: string[] = [];
  const screen = new LineScreen({ write: (text) => written.push(text) });
  screen.show(['one', 'two']);
  screen.show(['one', 'three']);
  screen.show(['one', 'three']);
  expect(written).toEqual(['\u001b[1;1Hone\u001b[K\u001b[2;1Htwo\u001b[K', '\u001b[2;1Hthree\u001b[K']);
});

test('nothing is written to a terminal that was left', () => {
  const written: string[] = [];
  const screen = new LineScreen({ write: (text) => written.push(text) });
  screen.leave();
  screen.show(['late']);
  expect(written).toEqual(['\u001b[?25h\u001b[?1049l']);
});

test('a sparkline shows gaps, and works without Unicode', () => {
  expect(sparkline([0, 1, 2, 3, null, 7], { width: 20, isUnicode: true })).toBe('▁▂▃▄ █');
  expect(sparkline([0, 7, 0, 7], { width: 2, isUnicode: false })).toBe('++');
  expect(sparkline([], { width: 5, isUnicode: false })).toBe('');
});
