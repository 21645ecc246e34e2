/** Calibrators: polynomial, spline, math operation (XTCE 1.2 CalibratorType). */
import type { Reading, Scope } from './context';
import { parseInteger, parseNumber, type ElementReader } from './element-reader';
import { OPERATORS } from './math-operators';
import type { Calibrator, MathStep } from './model';
import { readValueReference } from './read-value';

/** Beyond this a double has no digits left for a raw value of some bits. */
const MAX_EXPONENT = 64;
const MAX_POINTS = 100_000;

const readPolynomial = (at: ElementReader): Calibrator => {
  const coefficients: number[] = [];
  const terms = at.children('Term');
  at.finish();
  if (terms.length === 0) at.refuse('holds no Term');
  for (const term of terms) {
    const exponent = parseInteger(term.required('exponent')) ?? -1;
    const coefficient = term.number('coefficient');
    term.finish();
    if (term.element.attributes.get('coefficient') === undefined) term.refuse('has no attribute coefficient');
    if (exponent < 0 || exponent > MAX_EXPONENT) {
      term.refuse(`the exponent must be an integer from 0 to ${String(MAX_EXPONENT)}`);
      continue;
    }
    if (coefficients[exponent] !== undefined)
      term.refuse(`gives the coefficient of x^${String(exponent)} a second time`);
    coefficients[exponent] = coefficient ?? 0;
  }
  return { kind: 'polynomial', coefficients: Array.from(coefficients, (coefficient) => coefficient ?? 0) };
};

const readSpline = (at: ElementReader): Calibrator => {
  const order = at.integer('order', 1);
  const extrapolate = at.boolean('extrapolate', false);
  const elements = at.children('SplinePoint');
  at.finish();
  if (order !== 0 && order !== 1) at.refuse(`order="${String(order)}" is not supported; it can be 0 or 1`);
  if (elements.length > MAX_POINTS) at.refuse(`holds more than ${String(MAX_POINTS)} points`);
  const points = elements.map((point) => {
    const raw = point.number('raw');
    const calibrated = point.number('calibrated');
    if (point.integer('order', order) !== order) point.refuse('its order differs from that of the calibrator');
    point.finish();
    if (raw === undefined || calibrated === undefined) point.refuse('needs the attributes raw and calibrated');
    return { raw: raw ?? 0, calibrated: calibrated ?? 0 };
  });
  if (points.length === 0) at.refuse('holds no SplinePoint');
  if (order === 1 && points.length < 2) at.refuse('needs two points or more to interpolate');
  points.sort((a, b) => a.raw - b.raw);
  const distinct = points.filter(({ raw, calibrated }, index) => {
    const before = points[index - 1];
    if (before?.raw !== raw) return true;
    if (before.calibrated !== calibrated) at.refuse(`gives the raw value ${String(raw)} two calibrated values`);
    return false;
  });
  return { kind: 'spline', order: order === 0 ? 0 : 1, extrapolate, points: distinct };
};

const readStep = (reading: Reading, step: ElementReader, scope: Scope): MathStep | undefined => {
  switch (step.name) {
    case 'ValueOperand': {
      const value = parseNumber(step.text);
      step.finish();
      if (value === undefined) step.refuse(`"${step.text}" is not a number`);
      return { kind: 'value', value: value ?? 0 };
    }
    case 'ThisParameterOperand':
      step.finish();
      return { kind: 'x' };
    case 'ParameterInstanceRefOperand': {
      const ref = readValueReference(reading, step, scope);
      step.finish();
      return ref === undefined ? undefined : { kind: 'parameter', ref };
    }
    case 'Operator':
      step.finish();
      if (!OPERATORS.has(step.text)) step.refuse(`"${step.text}" is no operator: ${[...OPERATORS.keys()].join(' ')}`);
      return { kind: 'operator', operator: step.text };
    default:
      step.refuse('is not honoured in a math operation');
      return undefined;
  }
};

const readMath = (reading: Reading, at: ElementReader, scope: Scope): Calibrator | undefined => {
  const steps = at.others().map((step) => readStep(reading, step, scope));
  at.finish();
  const known = steps.filter((step): step is MathStep => step !== undefined);
  if (known.length < steps.length) return undefined;
  let depth = 0;
  for (const step of known) {
    const operator = step.kind === 'operator' ? OPERATORS.get(step.operator) : undefined;
    if (depth < (operator?.takes ?? 0)) {
      at.refuse(`${step.kind === 'operator' ? step.operator : ''} has too few operands: the order is reverse Polish`);
      return undefined;
    }
    depth += (operator?.leaves ?? 1) - (operator?.takes ?? 0);
  }
  if (depth !== 1) at.refuse(`leaves ${String(depth)} values instead of one: the order is reverse Polish`);
  return { kind: 'math', steps: known };
};

/** The calibrator inside `at` (DefaultCalibrator, Calibrator). */
export const readCalibrator = (reading: Reading, at: ElementReader, scope: Scope): Calibrator | undefined => {
  at.ignore('name');
  const forms = at.children('PolynomialCalibrator', 'SplineCalibrator', 'MathOperationCalibrator');
  at.finish();
  const [form, more] = forms;
  if (form === undefined || more !== undefined) {
    at.refuse('needs one PolynomialCalibrator, SplineCalibrator or MathOperationCalibrator');
    return undefined;
  }
  form.ignore('name');
  if (form.name === 'PolynomialCalibrator') return readPolynomial(form);
  return form.name === 'SplineCalibrator' ? readSpline(form) : readMath(reading, form, scope);
};
