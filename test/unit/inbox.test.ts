import { FRESH, Inbox, MAX_LOSSY } from '../../src/pipeline/inbox';
import type { Arrival } from '../../src/pipeline/ports';
import { arrival, tinyFrame } from '../support/fake-world';

const open = (overload: 'in-order' | 'freshest-first' = 'in-order', most?: number) => {
  const inbox = new Inbox({ overload, ...(most !== undefined && { most }) });
  const judged: string[] = [];
  const acknowledged: string[] = [];
  const drops: number[] = [];
  inbox.arrivals$.subscribe((item) => {
    judged.push((item as Arrival & { name: string }).name);
    for (const { reason, count = 1 } of item.drops) if (reason === 'overflow') drops.push(count);
  });
  const put = (name: string, more: Partial<Arrival> = {}): void => {
    const acknowledge = () => void acknowledged.push(name);
    inbox.put({ ...arrival([tinyFrame(0)], { acknowledge, ...more }), name } as Arrival);
  };
  const tick = { frames: [], controls: [{ kind: 'tick' as const }] };
  return { inbox, judged, acknowledged, drops, put, tick };
};

test('one arrival is judged at a time, and controls go before telemetry', () => {
  const { inbox, judged, put, tick } = open();
  for (const name of ['a', 'b', 'c']) put(name);
  put('tick', tick);
  expect([judged, inbox.depth]).toEqual([['a'], 3]);
  for (let index = 0; index < 4; index += 1) inbox.release();
  expect([judged, inbox.depth]).toEqual([['a', 'tick', 'b', 'c'], 0]);
});

test('as many are judged at once as it is told, in order, and one comes in for each that goes out', () => {
  const { inbox, judged, put, tick } = open('in-order', 2);
  for (const name of ['a', 'b', 'c', 'd']) put(name);
  put('tick', tick);
  expect([judged, inbox.depth]).toEqual([['a', 'b'], 3]);
  inbox.release();
  expect(judged).toEqual(['a', 'b', 'tick']);
  for (let index = 0; index < 4; index += 1) inbox.release();
  put('e');
  put('f');
  put('g');
  expect([judged.slice(3), inbox.depth]).toEqual([['c', 'd', 'e', 'f'], 1]);
});

test('what nobody keeps for us is dropped when there is no room, and counted with the next arrival', () => {
  const { inbox, judged, drops, put } = open();
  put('first');
  for (let index = 0; index < MAX_LOSSY + 5; index += 1) put(String(index), { isLossy: true });
  put('kept by the broker');
  expect(inbox.depth).toBe(MAX_LOSSY + 1);
  for (let index = 0; index < MAX_LOSSY + 1; index += 1) inbox.release();
  expect([judged.at(-1), judged.length, drops]).toEqual(['kept by the broker', MAX_LOSSY + 2, [5]]);
});

test('freshest first: a backlog is let go from its old end, acknowledged and counted; modes stay', () => {
  const { inbox, judged, acknowledged, drops, put } = open('freshest-first');
  put('under way');
  put('mode', { frames: [], modes: [{ time: 0, mode: 'safe' }] });
  for (let index = 0; index < FRESH + 3; index += 1) put(String(index));
  expect(acknowledged).toEqual(['0', '1', '2', '3']);
  for (let index = 0; index < FRESH; index += 1) inbox.release();
  expect([judged.slice(0, 3), judged.at(-1), drops]).toEqual([['under way', 'mode', '4'], String(FRESH + 2), [4]]);
});
