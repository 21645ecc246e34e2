/** References to values of the packet, as closures; a value that the packet does not hold is taken from its initial value. */
import { parseNumber } from '../xtce/element-reader';
import type { ScalarType, ValueReference } from '../xtce/model';
import type { CompileContext } from './compile-context';
import type { EngineeringValue, RawValue, Run } from './values';

export type Comparable = RawValue | EngineeringValue | undefined;

/** The initial value of a type, which is written as an engineering value. */
const engineeringOf = (type: ScalarType, text: string): Comparable => {
  switch (type.kind) {
    case 'integer':
    case 'float':
    case 'relative-time':
      return parseNumber(text);
    case 'absolute-time': {
      const ms = Date.parse(text);
      return Number.isNaN(ms) ? undefined : ms;
    }
    case 'boolean':
      return text === type.one || /^(true|1)$/i.test(text) ? type.one : type.zero;
    default:
      return text;
  }
};

const rawOf = (type: ScalarType, text: string): Comparable => {
  switch (type.kind) {
    case 'enumerated':
      return type.enumerations.find(({ label }) => label === text)?.value;
    case 'boolean':
      return text === type.one || /^(true|1)$/i.test(text) ? 1 : 0;
    default:
      return type.calibrator === undefined && type.contextCalibrators.length === 0
        ? (parseNumber(text) ?? text)
        : undefined;
  }
};

/** The value referred to, undefined when neither the packet nor an initial value gives one. */
export const compileReference = (context: CompileContext, reference: ValueReference): ((run: Run) => Comparable) => {
  const slot = context.slotOf(reference);
  const text = context.initialOf(reference);
  const { type, calibrated } = reference;
  const initial = text === undefined ? undefined : calibrated ? engineeringOf(type, text) : rawOf(type, text);
  return calibrated
    ? (run) => {
        const found = run.latest[slot];
        return found === undefined ? initial : found.value;
      }
    : (run) => {
        const found = run.latest[slot];
        return found === undefined ? initial : found.raw;
      };
};

/** The same as a number; undefined when it is none. */
export const compileNumberOf = (
  context: CompileContext,
  reference: ValueReference,
): ((run: Run) => number | undefined) => {
  const valueOf = compileReference(context, reference);
  return (run) => {
    const value = valueOf(run);
    if (typeof value === 'number') return value;
    return typeof value === 'bigint' ? Number(value) : undefined;
  };
};
