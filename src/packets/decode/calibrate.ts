/** Calibrators to closures: raw number to engineering number; NaN where the calibrator gives none. */
import { OPERATORS } from '../xtce/math-operators';
import type { Calibrator } from '../xtce/model';
import type { CompileContext } from './compile-context';
import { compileNumberOf } from './compile-reference';
import type { Run } from './values';

export type Calibrate = (raw: number, run: Run) => number;

type Spline = Extract<Calibrator, { kind: 'spline' }>;

const compilePolynomial = (coefficients: readonly number[]): Calibrate => {
  const [c0 = 0, c1 = 0] = coefficients;
  if (coefficients.length <= 2) return (raw) => c0 + c1 * raw;
  return (raw) => {
    let value = 0;
    let power = 1;
    for (const coefficient of coefficients) {
      value += coefficient * power;
      power *= raw;
    }
    return value;
  };
};

const compileSpline = ({ order, extrapolate, points }: Spline): Calibrate => {
  const raws = points.map(({ raw }) => raw);
  const values = points.map(({ calibrated }) => calibrated);
  const last = raws.length - 1;
  const lowest = raws[0] ?? NaN;
  const highest = raws[last] ?? NaN;
  return (raw) => {
    if (!(raw >= lowest && raw <= highest) && !extrapolate) return NaN;
    let low = 0;
    let high = last;
    // The last point at or below the raw value; the first one when there is none.
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((raws[middle] ?? NaN) <= raw) low = middle;
      else high = middle - 1;
    }
    const calibrated = values[low] ?? NaN;
    const at = raws[low] ?? NaN;
    if (order === 0 || raw === at) return calibrated;
    const from = Math.min(low, last - 1);
    const x0 = raws[from] ?? NaN;
    const y0 = values[from] ?? NaN;
    return y0 + ((raw - x0) * ((values[from + 1] ?? NaN) - y0)) / ((raws[from + 1] ?? NaN) - x0);
  };
};

type MathPart = (stack: number[], raw: number, run: Run) => void;

const compileMath = (context: CompileContext, { steps }: Extract<Calibrator, { kind: 'math' }>): Calibrate => {
  const parts = steps.map((step): MathPart => {
    switch (step.kind) {
      case 'value':
        return (stack) => void stack.push(step.value);
      case 'x':
        return (stack, raw) => void stack.push(raw);
      case 'parameter': {
        const valueOf = compileNumberOf(context, step.ref);
        return (stack, _, run) => void stack.push(valueOf(run) ?? NaN);
      }
      case 'operator': {
        const operator = OPERATORS.get(step.operator);
        return (stack) => operator?.apply(stack);
      }
    }
  });
  return (raw, run) => {
    const stack: number[] = [];
    for (const part of parts) part(stack, raw, run);
    return stack[0] ?? NaN;
  };
};

export const compileCalibrator = (context: CompileContext, calibrator: Calibrator): Calibrate => {
  switch (calibrator.kind) {
    case 'polynomial':
      return compilePolynomial(calibrator.coefficients);
    case 'spline':
      return compileSpline(calibrator);
    case 'math':
      return compileMath(context, calibrator);
  }
};
