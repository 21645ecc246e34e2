/** The clock as arrivals: one under way at a time, and no slot is closed before what a broker kept back. */
import { Ticker } from '../../src/pipeline/ticker';

test('a tick is under way until it is acknowledged; the first one after a hold closes no slot', () => {
  const ticker = new Ticker();
  const first = ticker.tick(1000);
  expect(first).toMatchObject({ controls: [{ kind: 'tick' }], closing: 'by-clock', receivedAt: 1000 });
  expect([ticker.tick(2000), ticker.tick(3000)]).toEqual([undefined, undefined]);
  first?.acknowledge();
  const afterHold = ticker.tick(4000);
  expect(afterHold).toMatchObject({ closing: undefined, receivedAt: 4000 });
  afterHold?.acknowledge();
  const next = ticker.tick(5000);
  expect(next).toMatchObject({ closing: 'by-clock' });
  next?.acknowledge();
  expect(ticker.tick(6000, false)).toMatchObject({ closing: undefined });
});
