/** Match criteria: Comparison, ComparisonList, BooleanExpression (XTCE 1.2 MatchCriteriaType). */
import type { Reading, Scope } from './context';
import { parseNumber, type ElementReader } from './element-reader';
import type { ComparisonOperator, XtceCondition, ValueReference } from './model';
import { readValueReference } from './read-value';

const OPERATORS: readonly ComparisonOperator[] = ['==', '!=', '<', '<=', '>', '>='];
const isOrder = (operator: ComparisonOperator): boolean => operator !== '==' && operator !== '!=';

/** Refuses a comparison that could never be decided. */
const checkComparable = (at: ElementReader, ref: ValueReference, operator: ComparisonOperator, value: string): void => {
  const { type, calibrated } = ref;
  if (isOrder(operator) && calibrated && ['enumerated', 'boolean', 'binary'].includes(type.kind)) {
    at.refuse(`${operator} does not order ${ref.id}; set useCalibratedValue="false" to compare its raw value`);
  }
  if (!calibrated || type.kind === 'integer' || type.kind === 'float' || type.kind === 'relative-time') {
    const isText = type.encoding?.kind === 'string' || type.encoding?.kind === 'binary';
    if (!isText && parseNumber(value) === undefined) at.refuse(`"${value}" is no number to compare ${ref.id} with`);
  } else if (type.kind === 'enumerated' && !type.enumerations.some(({ label }) => label === value)) {
    at.refuse(`"${value}" is no label of ${ref.id}`);
  } else if (type.kind === 'boolean' && value !== type.zero && value !== type.one) {
    at.refuse(`"${value}" is neither "${type.zero}" nor "${type.one}", the values of ${ref.id}`);
  } else if (type.kind === 'absolute-time' && Number.isNaN(Date.parse(value))) {
    at.refuse(`"${value}" is no time to compare ${ref.id} with`);
  }
};

const readComparison = (reading: Reading, at: ElementReader, scope: Scope): XtceCondition | undefined => {
  const operator = at.oneOf('comparisonOperator', OPERATORS, '==');
  const value = at.attribute('value');
  if (value === undefined) at.refuse('has no attribute value');
  const ref = readValueReference(reading, at, scope);
  at.finish();
  if (ref === undefined || value === undefined) return undefined;
  checkComparable(at, ref, operator, value);
  return { kind: 'compare', ref, operator, value };
};

const readValueElement = (reading: Reading, at: ElementReader, scope: Scope): ValueReference | undefined => {
  const ref = readValueReference(reading, at, scope);
  at.finish();
  return ref;
};

/** A `Condition` of a BooleanExpression: a value, an operator, and a value or a constant. */
const readSimple = (reading: Reading, at: ElementReader, scope: Scope): XtceCondition | undefined => {
  const [first, second, third] = at.children('ParameterInstanceRef');
  const operatorAt = at.child('ComparisonOperator');
  const valueAt = at.child('Value');
  at.finish();
  const operator = OPERATORS.find((one) => one === operatorAt?.text);
  if (operator === undefined) at.refuse(`needs a ComparisonOperator: ${OPERATORS.join(' ')}`);
  if (first === undefined || third !== undefined || (second === undefined) === (valueAt === undefined)) {
    at.refuse('needs a ParameterInstanceRef and either a Value or a second ParameterInstanceRef');
    return undefined;
  }
  const ref = readValueElement(reading, first, scope);
  const other = second === undefined ? undefined : readValueElement(reading, second, scope);
  if (ref === undefined || operator === undefined) return undefined;
  if (other !== undefined) return { kind: 'compare-values', ref, operator, other };
  if (valueAt === undefined) return undefined;
  valueAt.finish();
  checkComparable(valueAt, ref, operator, valueAt.text);
  return { kind: 'compare', ref, operator, value: valueAt.text };
};

const combine = (reading: Reading, at: ElementReader, scope: Scope, kind: 'all' | 'any'): XtceCondition | undefined => {
  const parts = at.others().map((part) => readPart(reading, part, scope));
  at.finish();
  if (parts.length === 0) at.refuse('holds no condition');
  const of = parts.filter((part): part is XtceCondition => part !== undefined);
  return of.length < parts.length ? undefined : { kind, of };
};

const readPart = (reading: Reading, at: ElementReader, scope: Scope): XtceCondition | undefined => {
  switch (at.name) {
    case 'Comparison':
      return readComparison(reading, at, scope);
    case 'Condition':
      return readSimple(reading, at, scope);
    case 'ComparisonList':
    case 'ANDedConditions':
      return combine(reading, at, scope, 'all');
    case 'ORedConditions':
      return combine(reading, at, scope, 'any');
    default:
      at.refuse('is not honoured as a condition');
      return undefined;
  }
};

/** Reads the one condition inside `at` (RestrictionCriteria, IncludeCondition, ContextMatch, ...). */
export const readCondition = (reading: Reading, at: ElementReader, scope: Scope): XtceCondition | undefined => {
  const parts = at.others();
  at.finish();
  const [only] = parts;
  if (only === undefined || parts.length > 1) {
    at.refuse('needs one Comparison, ComparisonList or BooleanExpression');
    return undefined;
  }
  if (only.name !== 'BooleanExpression') return readPart(reading, only, scope);
  const [inner, more] = only.others();
  only.finish();
  if (inner !== undefined && more === undefined) return readPart(reading, inner, scope);
  only.refuse('needs one Condition, ANDedConditions or ORedConditions');
  return undefined;
};
