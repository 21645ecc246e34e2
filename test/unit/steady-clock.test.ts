import { steadyClock } from '../../src/adapters/host/system-clock';
import { watchSteps } from '../../src/compose/broker-outages';

test('a wall clock that is set moves no deadline, and is told once a step', () => {
  let wall = 1_000_000;
  let monotonic = 500;
  const clock = steadyClock(
    () => wall,
    () => monotonic,
  );
  const notes: string[] = [];
  const watch = watchSteps(clock, { warn: () => undefined }, ({ kind, detail }) => {
    notes.push(`${kind} ${JSON.stringify(detail)}`);
  });
  const pass = (ms: number): void => {
    wall += ms;
    monotonic += ms;
    watch();
  };
  pass(1000);
  wall += 3_600_000;
  pass(1000);
  pass(1000);
  wall -= 3_600_000;
  pass(1000);
  expect([clock.now(), notes]).toEqual([1_004_000, ['clock-step {"seconds":3600}', 'clock-step {"seconds":0}']]);
});
