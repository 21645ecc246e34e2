import { logLimiter } from '../../src/adapters/host/running-log-limiter';

test('lines of one kind are held back beyond the most, counted, and told with the next one', () => {
  let now = 0;
  const admit = logLimiter({ most: 3, periodMs: 60_000, now: () => now });
  const admitted = (message: string) => admit(40, message);
  const seen = Array.from({ length: 6 }, (_, second) =>
    admitted(`cannot reach the broker; trying again in ${String(second)} s`),
  );
  expect(seen.map(({ isAdmitted }) => isAdmitted)).toEqual([true, true, true, false, false, false]);
  expect(seen.map(({ isLast }) => isLast)).toEqual([false, false, true, false, false, false]);
  // Another kind, and another level of the same text, have counts of their own.
  expect(admitted('dropped: not JSON').isAdmitted).toBe(true);
  expect(admit(50, 'cannot reach the broker; trying again in 1 s').isAdmitted).toBe(true);
  now = 60_000;
  expect(admitted('cannot reach the broker; trying again in 9 s')).toEqual({
    isAdmitted: true,
    isLast: false,
    heldBack: 3,
  });
  expect(admitted('cannot reach the broker; trying again in 9 s').heldBack).toBe(0);
});

test('what is remembered is bounded, whatever is logged', () => {
  const admit = logLimiter({ most: 1, periodMs: 60_000, now: () => 0 });
  const word = (index: number): string => [...String(index)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  for (let index = 0; index < 300; index += 1) admit(40, word(index));
  // The first kinds are forgotten, the last ones known.
  expect(admit(40, word(0)).isAdmitted).toBe(true);
  expect(admit(40, word(299)).isAdmitted).toBe(false);
});
