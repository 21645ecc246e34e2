/** References to values (`ParameterInstanceRef`, the attributes of `Comparison`), and what must be true of them. */
import type { Reading, Scope } from './context';
import type { ElementReader } from './element-reader';
import type { DataType, ScalarType, ValueReference } from './model';
import { resolveValue } from './references';

interface Inside {
  readonly type: DataType;
  readonly suffix: string;
  readonly initial: string | undefined;
}

/** Goes one member or index further into a type. */
const stepInto = (from: Inside, step: string | number): Inside | undefined => {
  if (from.type.kind === 'array' && typeof step === 'number') {
    return { type: from.type.element, suffix: `${from.suffix}[${String(step)}]`, initial: undefined };
  }
  if (from.type.kind !== 'aggregate') return undefined;
  const member = from.type.members.find(({ name }) => name === step);
  if (member === undefined) return undefined;
  return { type: member.type, suffix: `${from.suffix}.${member.name}`, initial: member.initialValue };
};

export const isScalar = (type: DataType): type is ScalarType => type.kind !== 'aggregate' && type.kind !== 'array';

/** Reads `parameterRef`, `instance` and `useCalibratedValue` of `at`. */
export const readValueReference = (reading: Reading, at: ElementReader, scope: Scope): ValueReference | undefined => {
  const reference = at.required('parameterRef');
  const instance = at.integer('instance', 0);
  if (instance !== 0) at.refuse(`instance="${String(instance)}": only the value of the same packet (0) is honoured`);
  const calibrated = at.boolean('useCalibratedValue', true);
  if (reference === '') return undefined;
  const path = resolveValue(scope.system, reference);
  const parameter = reading.parameter(at, path?.declared, reference);
  if (parameter === undefined || path === undefined) return undefined;
  let inside: Inside | undefined = { type: parameter.type, suffix: '', initial: parameter.initialValue };
  for (const step of path.inside) inside = inside === undefined ? undefined : stepInto(inside, step);
  if (inside === undefined || !isScalar(inside.type)) {
    at.refuse(`${reference} is not one value: name a member or an element that exists`);
    return undefined;
  }
  const initial = inside.initial ?? inside.type.initialValue;
  return {
    id: `${parameter.id}${inside.suffix}`,
    type: inside.type,
    calibrated,
    ...(initial === undefined ? {} : { initial }),
    line: at.line,
  };
};
