import { and, not, or } from '../../src/core/conditions/truth';
import { truths, type Truth } from '../../src/domain/truth';

/** The tables as they are written in the doc comment: rows true, false, stale, error. */
const AND: Truth[][] = [
  ['true', 'false', 'stale', 'error'],
  ['false', 'false', 'false', 'false'],
  ['stale', 'false', 'stale', 'error'],
  ['error', 'false', 'error', 'error'],
];
const OR: Truth[][] = [
  ['true', 'true', 'true', 'true'],
  ['true', 'false', 'stale', 'error'],
  ['true', 'stale', 'stale', 'error'],
  ['true', 'error', 'error', 'error'],
];

const table = (operation: (left: Truth, right: Truth) => Truth): Truth[][] =>
  truths.map((left) => truths.map((right) => operation(left, right)));

test('AND and OR are the written tables', () => {
  expect({ and: table(and), or: table(or) }).toEqual({ and: AND, or: OR });
});

test('NOT turns true and false around and keeps what could not be judged', () => {
  expect(truths.map(not)).toEqual(['false', 'true', 'stale', 'error']);
});

test('the tables are De Morgan duals, commutative and associative', () => {
  for (const a of truths) {
    for (const b of truths) {
      expect(not(and(a, b))).toBe(or(not(a), not(b)));
      expect([and(a, b), or(a, b)]).toEqual([and(b, a), or(b, a)]);
      for (const c of truths) {
        expect([and(and(a, b), c), or(or(a, b), c)]).toEqual([and(a, and(b, c)), or(a, or(b, c))]);
      }
    }
  }
});
