/**
 * Arithmetic of four-valued truth (`domain/truth.ts`), the tables of the cFS limit checker and, where they overlap, of CEL. A
 * value that decides alone wins, whatever stands beside it. Of values that do not decide, an error is worse than a stale one.
 *
 *     AND   | true   false  stale  error        OR    | true   false  stale  error        NOT
 *     ------+---------------------------        ------+---------------------------        ------+------
 *     true  | true   false  stale  error        true  | true   true   true   true         true  | false
 *     false | false  false  false  false        false | true   false  stale  error        false | true
 *     stale | stale  false  stale  error        stale | true   stale  stale  error        stale | stale
 *     error | error  false  error  error        error | true   error  error  error        error | error
 */
import type { Truth } from '../../domain/truth';

export const and = (left: Truth, right: Truth): Truth => {
  if (left === 'false' || right === 'false') return 'false';
  if (left === 'error' || right === 'error') return 'error';
  return left === 'stale' || right === 'stale' ? 'stale' : 'true';
};

export const or = (left: Truth, right: Truth): Truth => {
  if (left === 'true' || right === 'true') return 'true';
  if (left === 'error' || right === 'error') return 'error';
  return left === 'stale' || right === 'stale' ? 'stale' : 'false';
};

export const not = (operand: Truth): Truth => {
  switch (operand) {
    case 'true':
      return 'false';
    case 'false':
      return 'true';
    case 'stale':
    case 'error':
      return operand;
  }
};
