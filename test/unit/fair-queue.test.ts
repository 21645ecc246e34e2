/** Lanes of many spacecraft: in turn, bounded, and each in its own order. */
import { FairQueue } from '../../src/pipeline/fair-queue';
import type { Arrival } from '../../src/pipeline/ports';

const frame = { time: 0, values: {} };

const make = (most: number, laneBound = 3, mayLetGo = true) => {
  const admitted: string[] = [];
  const acknowledged: string[] = [];
  const dropped: number[] = [];
  const names = new Map<Arrival, string>();
  const queue = new FairQueue({
    most,
    laneBound,
    mayLetGo: () => mayLetGo,
    admit: (lane, arrival) => {
      admitted.push(`${lane}${String(arrival.receivedAt)}`);
      for (const { count = 0 } of arrival.drops) dropped.push(count);
    },
  });
  const put = (lane: string, number: number, isControl = false): boolean => {
    const arrival: Arrival = {
      frames: isControl ? [] : [frame],
      ...(isControl && { controls: [{ kind: 'tick' as const }] }),
      drops: [],
      receivedAt: number,
      isLast: false,
      acknowledge: () => acknowledged.push(`${lane}${String(number)}`),
    };
    names.set(arrival, lane);
    return queue.put(lane, arrival);
  };
  return { queue, admitted, acknowledged, dropped, put };
};

test('a lane that floods waits for its turn like every other', () => {
  const { queue, admitted, put } = make(1, 10);
  for (const name of ['a', 'b', 'c']) queue.open(name);
  for (const number of [1, 2, 3]) put('a', number);
  put('b', 1);
  put('c', 1);
  for (const name of ['a', 'b', 'c', 'a', 'a']) queue.release(name);
  expect(admitted).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
});

test('of one lane one arrival is judged at a time, of several lanes several', () => {
  const { queue, admitted, put } = make(2);
  for (const name of ['a', 'b', 'c']) queue.open(name);
  put('a', 1);
  put('a', 2);
  put('b', 1);
  put('c', 1);
  expect(admitted).toEqual(['a1', 'b1']);
  queue.release('a');
  expect(admitted).toEqual(['a1', 'b1', 'c1']);
});

test('what a full lane does not hold is let go from its old end, acknowledged and counted', () => {
  const { queue, acknowledged, dropped, put } = make(1, 2);
  queue.open('a');
  for (const number of [0, 1, 2, 3, 4]) put('a', number);
  expect(acknowledged).toEqual(['a1', 'a2']);
  queue.release('a');
  expect(dropped).toEqual([2]);
  expect(queue.letGo).toBe(2);
});

test('nothing is let go while a backlog is worked off', () => {
  const { queue, acknowledged, put } = make(1, 2, false);
  queue.open('a');
  for (const number of [0, 1, 2, 3, 4]) put('a', number);
  expect(acknowledged).toEqual([]);
  expect(queue.depth).toBe(4);
});

test('controls go before the telemetry of their lane', () => {
  const { queue, admitted, put } = make(1);
  queue.open('a');
  put('a', 1);
  put('a', 2);
  put('a', 9, true);
  queue.release('a');
  expect(admitted).toEqual(['a1', 'a9']);
});

test('a lane that is closed forgets what waits, unacknowledged, and lets the others go on', () => {
  const { queue, admitted, acknowledged, put } = make(1);
  queue.open('a');
  queue.open('b');
  put('a', 1);
  put('a', 2);
  put('b', 1);
  queue.close('a');
  expect(admitted).toEqual(['a1', 'b1']);
  expect(acknowledged).toEqual([]);
  expect(put('a', 3)).toBe(false);
});

test('nothing is admitted while it is held', () => {
  const { queue, admitted, put } = make(1);
  queue.open('a');
  queue.hold();
  put('a', 1);
  expect(admitted).toEqual([]);
  queue.goOn();
  expect(admitted).toEqual(['a1']);
});
