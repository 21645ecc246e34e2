import { Reconnection } from '../../src/adapters/mqtt/reconnection';

const MINUTE_MS = 60_000;

test('brief connections that are taken again at once make each pause longer, and point to another client from the third on', () => {
  const reconnection = new Reconnection();
  const rounds = Array.from({ length: 7 }, (_, round) => {
    const pause = reconnection.connected(round * 1000);
    reconnection.closed(round * 1000 + 500);
    return [pause, reconnection.suspicious];
  });
  expect(rounds).toEqual([
    [1000, undefined],
    [2000, undefined],
    [4000, 3],
    [8000, 4],
    [8000, 5],
    [8000, 6],
    [8000, 7],
  ]);
});

test('a broker that was away in between, or kept a connection for a minute, is no other client', () => {
  const reconnection = new Reconnection();
  const brief = (at: number): void => {
    reconnection.connected(at);
    reconnection.closed(at + 500);
  };
  [0, 1000].forEach(brief);
  reconnection.closed(2000);
  [3000, 4000].forEach(brief);
  expect([reconnection.suspicious, reconnection.connected(5000)]).toEqual([undefined, 4000]);
  reconnection.closed(5000 + MINUTE_MS);
  expect([reconnection.suspicious, reconnection.connected(6000 + MINUTE_MS)]).toEqual([undefined, 1000]);
});
