import { Allowance } from '../../src/console/server/allowance';
import { findToken, isLoopback } from '../../src/console/server/guard';

test.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['::FFFF:127.0.0.1', true],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['0.0.0.0', false],
  ['fe80::1', false],
  ['', false],
  ['localhost', false],
])('%s is on this machine: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

test('a token is known by all of it, whichever of them it is', () => {
  const tokens = [
    { name: 'ann', token: 'ann-0123456789abcdef' },
    { name: 'bob', token: 'bob-0123456789abcdef' },
  ];
  const found = [
    'ann-0123456789abcdef',
    'bob-0123456789abcdef',
    'ann-0123456789abcde',
    'ann-0123456789abcdef ',
    '',
  ].map((given) => findToken(tokens, given));
  expect(found).toEqual(['ann', 'bob', undefined, undefined, undefined]);
  expect(findToken([], 'x')).toBeUndefined();
});

test('an allowance is used up, grows again with time, and is each address its own', () => {
  let now = 0;
  const allowance = new Allowance({ burst: 2, perSecond: 1 }, () => now);
  expect([allowance.take('a'), allowance.take('a'), allowance.take('a'), allowance.take('b')]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  now = 1000;
  expect([allowance.has('a'), allowance.take('a'), allowance.has('a')]).toEqual([true, true, false]);
  now = 1_000_000;
  expect([allowance.take('a'), allowance.take('a'), allowance.take('a')]).toEqual([true, true, false]);
});

test('addresses are remembered up to a bound, those of long ago no more', () => {
  const allowance = new Allowance({ burst: 1, perSecond: 0 }, () => 0);
  allowance.take('first');
  for (let index = 0; index < 5000; index += 1) allowance.take(String(index));
  expect([allowance.has('first'), allowance.has('4999')]).toEqual([true, false]);
});
