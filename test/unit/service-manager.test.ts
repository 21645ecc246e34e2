import { serviceManager, watchdogMsOf } from '../../src/adapters/host/service-manager';

/** A manager on a clock of the test, and what it said. */
const world = (watchdogMs?: number) => {
  const said: (readonly string[])[] = [];
  let now = 5000;
  const manager = serviceManager({
    notify: (...assignments) => void said.push(assignments),
    monotonicMs: () => now,
    watchdogMs,
  });
  return { manager, said, pass: (ms: number) => void (now += ms) };
};

describe('what the service manager is told', () => {
  test('the watchdog is fed by progress alone, three times in its period at most', () => {
    const { manager, said, pass } = world(30_000);
    manager.ready();
    for (let second = 0; second < 60; second += 1) {
      manager.progressed();
      pass(1000);
    }
    expect(said).toEqual([['READY=1'], ...Array.from({ length: 6 }, () => ['WATCHDOG=1'])]);
  });

  test('without progress nothing is fed, however long it takes', () => {
    const { manager, said, pass } = world(30_000);
    manager.ready();
    pass(3_600_000);
    manager.status('passive');
    expect(said).toEqual([['READY=1'], ['STATUS=passive']]);
  });

  test('a start that waits for the broker is prolonged, and is ready once', () => {
    const { manager, said, pass } = world();
    manager.progressed();
    pass(10_000);
    manager.progressed();
    pass(10_000);
    manager.progressed();
    manager.ready();
    manager.ready();
    manager.progressed();
    expect(said).toEqual([['EXTEND_TIMEOUT_USEC=60000000'], ['EXTEND_TIMEOUT_USEC=60000000'], ['READY=1']]);
  });

  test('a reload says when it began and when it is done; the same status is not said twice', () => {
    const { manager, said } = world();
    manager.reloading();
    manager.reloaded();
    manager.status('passive, 3 frames');
    manager.status('passive, 3 frames');
    manager.stopping();
    expect(said).toEqual([
      ['RELOADING=1', 'MONOTONIC_USEC=5000000'],
      ['READY=1'],
      ['STATUS=passive, 3 frames'],
      ['STOPPING=1'],
    ]);
  });

  test.each([
    [{}, undefined],
    [{ WATCHDOG_USEC: '30000000' }, 30_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' }, 30_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '43' }, undefined],
    [{ WATCHDOG_USEC: 'soon' }, undefined],
  ])('the environment %j means a watchdog of %p', (environment, expected) => {
    expect(watchdogMsOf(environment, 42)).toBe(expected);
  });
});
