/** Conditions to closures. A comparison with a value that is not there is false, whatever its operator. */
import { parseNumber } from '../xtce/element-reader';
import type { ComparisonOperator, XtceCondition, ValueReference } from '../xtce/model';
import type { CompileContext } from './compile-context';
import { compileReference, type Comparable } from './compile-reference';
import type { Run } from './values';

export type Holds = (run: Run) => boolean;

/** Hexadecimal digits of bytes, so that they compare as text. */
const comparable = (value: Comparable): number | bigint | string | undefined =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : (value ?? undefined);

const compare = (a: Comparable, operator: ComparisonOperator, b: Comparable): boolean => {
  const left = comparable(a);
  const right = comparable(b);
  if (left === undefined || right === undefined) return false;
  switch (operator) {
    // A bigint equals a number of the same value with `==` only.
    case '==':
      return left === right || (typeof left !== typeof right && left == right);
    case '!=':
      return !(left === right || (typeof left !== typeof right && left == right));
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
};

/** The constant of a comparison in the form that the value has. */
export const expectedOf = ({ type, calibrated }: ValueReference, text: string): number | bigint | string => {
  const isText = type.encoding?.kind === 'string' || type.encoding?.kind === 'binary';
  if (calibrated && type.kind === 'absolute-time') return Date.parse(text);
  if (calibrated && ['enumerated', 'boolean', 'string'].includes(type.kind)) return text;
  if (calibrated && type.kind === 'binary') return text.replace(/^0x/i, '').toLowerCase();
  if (!calibrated && isText) return text;
  const integer = /^[+-]?\d+$/.test(text.trim()) ? BigInt(text.trim()) : undefined;
  const isWide = integer !== undefined && !Number.isSafeInteger(Number(integer));
  return isWide ? integer : (parseNumber(text) ?? text);
};

export const compileCondition = (context: CompileContext, condition: XtceCondition): Holds => {
  switch (condition.kind) {
    case 'all': {
      const parts = condition.of.map((part) => compileCondition(context, part));
      const [only] = parts;
      return parts.length === 1 && only !== undefined ? only : (run) => parts.every((part) => part(run));
    }
    case 'any': {
      const parts = condition.of.map((part) => compileCondition(context, part));
      return (run) => parts.some((part) => part(run));
    }
    case 'compare': {
      const { ref, operator } = condition;
      const valueOf = compileReference(context, ref);
      const expected = expectedOf(ref, condition.value);
      return operator === '=='
        ? (run) => {
            const value = valueOf(run);
            return value === expected || compare(value, '==', expected);
          }
        : (run) => compare(valueOf(run), operator, expected);
    }
    case 'compare-values': {
      const first = compileReference(context, condition.ref);
      const second = compileReference(context, condition.other);
      const { operator } = condition;
      return (run) => compare(first(run), operator, second(run));
    }
  }
};
