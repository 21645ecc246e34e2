/** Operators of a MathOperationCalibrator (XTCE 1.2 MathOperatorsType), reverse Polish: `a b -` is a - b. */

type Apply = (stack: number[]) => void;

export interface MathOperator {
  /** Values that it takes from the stack, and leaves there. */
  readonly takes: number;
  readonly leaves: number;
  readonly apply: Apply;
}

const unary =
  (compute: (x: number) => number): Apply =>
  (stack) => {
    stack.push(compute(stack.pop() ?? NaN));
  };
const binary =
  (compute: (a: number, b: number) => number): Apply =>
  (stack) => {
    const b = stack.pop() ?? NaN;
    stack.push(compute(stack.pop() ?? NaN, b));
  };

/** Above this a factorial is no finite double. */
const MAX_FACTORIAL = 170;
const factorial = (x: number): number => {
  if (!Number.isInteger(x) || x < 0 || x > MAX_FACTORIAL) return NaN;
  let product = 1;
  for (let factor = 2; factor <= x; factor += 1) product *= factor;
  return product;
};

const UNARY: readonly (readonly [string, (x: number) => number])[] = [
  ['ln', Math.log],
  ['log', Math.log10],
  ['e^x', Math.exp],
  ['1/x', (x) => 1 / x],
  ['x!', factorial],
  ['tan', Math.tan],
  ['cos', Math.cos],
  ['sin', Math.sin],
  ['atan', Math.atan],
  ['acos', Math.acos],
  ['asin', Math.asin],
  ['tanh', Math.tanh],
  ['cosh', Math.cosh],
  ['sinh', Math.sinh],
  ['atanh', Math.atanh],
  ['acosh', Math.acosh],
  ['asinh', Math.asinh],
  ['abs', Math.abs],
  ['!', (x) => (x === 0 ? 1 : 0)],
  ['~', (x) => ~x],
];
const toInteger = (x: number): bigint => (Number.isFinite(x) ? BigInt(Math.trunc(x)) : 0n);
const truth = (value: boolean): number => (value ? 1 : 0);
const BINARY: readonly (readonly [string, (a: number, b: number) => number])[] = [
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => a / b],
  ['%', (a, b) => a % b],
  ['^', (a, b) => a ** b],
  ['y^x', (a, b) => a ** b],
  ['min', Math.min],
  ['max', Math.max],
  ['==', (a, b) => truth(a === b)],
  ['!=', (a, b) => truth(a !== b)],
  ['<', (a, b) => truth(a < b)],
  ['<=', (a, b) => truth(a <= b)],
  ['>', (a, b) => truth(a > b)],
  ['>=', (a, b) => truth(a >= b)],
  ['&&', (a, b) => truth(a !== 0 && b !== 0)],
  ['||', (a, b) => truth(a !== 0 || b !== 0)],
  ['&', (a, b) => Number(BigInt.asIntN(64, toInteger(a) & toInteger(b)))],
  ['|', (a, b) => Number(BigInt.asIntN(64, toInteger(a) | toInteger(b)))],
  ['>>>', (a, b) => (b < 0 || b > 63 ? NaN : Number(BigInt.asUintN(64, toInteger(a)) >> toInteger(b)))],
  ['<<', (a, b) => a * 2 ** b],
  ['>>', (a, b) => Math.floor(a / 2 ** b)],
];

const STACK: readonly (readonly [string, MathOperator])[] = [
  [
    'swap',
    {
      takes: 2,
      leaves: 2,
      apply: (stack) => {
        const b = stack.pop() ?? NaN;
        const a = stack.pop() ?? NaN;
        stack.push(b, a);
      },
    },
  ],
  ['drop', { takes: 1, leaves: 0, apply: (stack) => void stack.pop() }],
  ['dup', { takes: 1, leaves: 2, apply: (stack) => void stack.push(stack.at(-1) ?? NaN) }],
  ['over', { takes: 2, leaves: 3, apply: (stack) => void stack.push(stack.at(-2) ?? NaN) }],
];

export const OPERATORS: ReadonlyMap<string, MathOperator> = new Map([
  ...UNARY.map(([name, compute]) => [name, { takes: 1, leaves: 1, apply: unary(compute) }] as const),
  ...BINARY.map(([name, compute]) => [name, { takes: 2, leaves: 1, apply: binary(compute) }] as const),
  ...STACK,
]);
