/** Parameter and argument types (XTCE 1.2 ParameterTypeSetType, ArgumentTypeSetType). */
import type { Reading, Scope } from './context';
import { ElementReader } from './element-reader';
import type { Range } from './alarm-check';
import type { XtceAlarm, ContextCalibrator, Enumeration, ScalarType } from './model';
import { readAlarms, readRange } from './read-alarm';
import { readCalibrator } from './read-calibrator';
import { readCondition } from './read-condition';
import { readEncoding, type ReadEncoding } from './read-encoding';
import { readAggregate, readArray, type PendingType } from './read-structure';
import { readTimeType } from './read-time-type';
import { resolve, type Declaration } from './references';

const textOf = (at: ElementReader): string | undefined => at.attribute('shortDescription');

const readUnits = (at: ElementReader): string | undefined => {
  const set = at.child('UnitSet');
  const units = (set?.children('Unit') ?? []).map((unit) => {
    const power = unit.number('power') ?? 1;
    const factor = unit.attribute('factor') ?? '1';
    unit.ignore('description', 'form');
    unit.finish();
    return `${factor === '1' ? '' : `${factor} `}${unit.text}${power === 1 ? '' : `^${String(power)}`}`;
  });
  set?.finish();
  const text = units.filter((unit) => unit !== '').join(' ');
  return text === '' ? undefined : text;
};

const readValid = (at: ElementReader): ScalarType['valid'] => {
  const set = at.child('ValidRangeSet');
  const only = at.child('ValidRange');
  const holder = set ?? only;
  if (holder === undefined) return undefined;
  const isCalibrated = holder.boolean('validRangeAppliesToCalibrated', true);
  const ranges: Range[] = (set?.children('ValidRange') ?? [holder]).map((element) => {
    const range = readRange(element);
    if (element !== holder) element.finish();
    return range;
  });
  holder.finish();
  return { ranges, of: isCalibrated ? 'engineering' : 'raw' };
};

/** Highest number of labels: they are searched, not indexed, when ranges are given. */
const MAX_LABELS = 70_000;

const readEnumerations = (at: ElementReader): readonly Enumeration[] => {
  const list = at.child('EnumerationList');
  if (list === undefined) at.refuse('has no EnumerationList');
  const elements = list?.children('Enumeration') ?? [];
  list?.finish();
  if (elements.length > MAX_LABELS) at.refuse(`has more than ${String(MAX_LABELS)} labels`);
  const read = elements.map((element) => {
    const value = element.integer('value', 0);
    if (element.element.attributes.get('value') === undefined) element.refuse('has no attribute value');
    const maxValue = element.integer('maxValue', value);
    const label = element.required('label');
    const description = textOf(element);
    element.finish();
    if (maxValue < value) element.refuse('its maxValue is below its value');
    return { element, label, value, maxValue, ...(description === undefined ? {} : { description }) };
  });
  const sorted = [...read].sort((a, b) => a.value - b.value);
  sorted.forEach((one, index) => {
    const before = sorted[index - 1];
    if (before !== undefined && one.value <= before.maxValue) {
      one.element.refuse(`gives ${String(one.value)} a second label beside "${before.label}"`);
    }
  });
  return read.map(({ element: _, ...enumeration }) => enumeration);
};

/** Encodings that a time can have; all other types can have any (`decode/compile-engineering.ts` says what each gives). */
const TIME_ENCODINGS: readonly string[] = ['integer', 'float'];

const readContextCalibrators = (reading: Reading, at: ElementReader, scope: Scope): readonly ContextCalibrator[] => {
  const list = at.child('ContextCalibratorList');
  const elements = list?.children('ContextCalibrator') ?? [];
  list?.finish();
  return elements.flatMap((element) => {
    const match = element.child('ContextMatch');
    const inner = element.child('Calibrator');
    element.finish();
    if (match === undefined || inner === undefined) {
      element.refuse('needs a ContextMatch and a Calibrator');
      return [];
    }
    const when = readCondition(reading, match, scope);
    const calibrator = readCalibrator(reading, inner, scope);
    return when === undefined || calibrator === undefined ? [] : [{ when, calibrator }];
  });
};

type Base = Omit<ScalarType, 'kind'> & {
  alarms: readonly XtceAlarm[];
  contextCalibrators: readonly ContextCalibrator[];
};

const readKind = (reading: Reading, at: ElementReader, scope: Scope, base: Base): ScalarType | undefined => {
  switch (prefixOf(at.name)) {
    case 'Integer':
      return Object.assign(base, { kind: 'integer' as const, signed: at.boolean('signed', true) });
    case 'Float':
      if (!at.boolean('signed', true))
        at.warn('signed="false" is not honoured: the encoding says whether a sign is there');
      return Object.assign(base, { kind: 'float' as const });
    case 'Enumerated':
      return Object.assign(base, { kind: 'enumerated' as const, enumerations: readEnumerations(at) });
    case 'Boolean':
      return Object.assign(base, {
        kind: 'boolean' as const,
        zero: at.attribute('zeroStringValue') ?? 'False',
        one: at.attribute('oneStringValue') ?? 'True',
      });
    case 'String':
      at.warnAbout(['SizeRangeInCharacters'], 'is not checked');
      return Object.assign(base, { kind: 'string' as const });
    case 'Binary':
      return Object.assign(base, { kind: 'binary' as const });
    case 'AbsoluteTime':
    case 'RelativeTime':
      return Object.assign(base, readTimeType(reading, at, scope));
    default:
      at.refuse('is not honoured as a type');
      return undefined;
  }
};

const prefixOf = (name: string): string => name.replace(/(Parameter|Argument)Type$/, '');

const checkEncoding = (at: ElementReader, read: ReadEncoding | undefined): void => {
  if (read !== undefined && at.name.includes('Time') && !TIME_ENCODINGS.includes(read.encoding.kind)) {
    read.at.refuse('does not fit a time: declare the field as binary and give its time code beside the definition');
  }
};

const readScalar = (
  reading: Reading,
  at: ElementReader,
  declared: Declaration,
  scope: Scope,
): PendingType | undefined => {
  const isTime = /^(Absolute|Relative)Time/.test(at.name);
  const holder = isTime ? at.child('Encoding') : at;
  const read = holder === undefined ? undefined : readEncoding(reading, holder, scope);
  checkEncoding(at, read);
  const description = textOf(at);
  const units = readUnits(at);
  // A range that cannot be read is listed; the values are decoded without it.
  const validAttempt = reading.report.attempt(() => readValid(at));
  const valid = validAttempt.ok ? validAttempt.value : undefined;
  const initialValue = at.attribute('initialValue');
  at.ignore('name', 'sizeInBits', 'characterWidth');
  at.warnAbout(['ToString'], 'is not applied: values are shown as they are');
  if (at.attribute('restrictionPattern') !== undefined) at.warn('restrictionPattern is not checked');
  const base: Base = {
    path: declared.path,
    line: at.line,
    contextCalibrators: [],
    alarms: [],
    ...(description === undefined ? {} : { description }),
    ...(units === undefined ? {} : { units }),
    ...(valid === undefined ? {} : { valid }),
    ...(initialValue === undefined ? {} : { initialValue }),
    ...(read === undefined ? {} : { encoding: read.encoding }),
  };
  const type = readKind(reading, at, scope, base);
  if (type === undefined) return undefined;
  const complete = (): void => {
    const calibratorAt = read?.at.child('DefaultCalibrator');
    const calibrator = calibratorAt === undefined ? undefined : readCalibrator(reading, calibratorAt, scope);
    const contextCalibrators = read === undefined ? [] : readContextCalibrators(reading, read.at, scope);
    read?.at.finish();
    if (isTime) holder?.finish();
    const labels = type.kind === 'enumerated' ? type.enumerations.map(({ label }) => label) : [];
    const alarms = readAlarms(reading, at, scope, labels);
    at.finish();
    Object.assign(type, { contextCalibrators, alarms, ...(calibrator === undefined ? {} : { calibrator }) });
  };
  return { type, complete };
};

/** How many types may extend one another. */
const MAX_EXTENSIONS = 50;

/** The element with what it takes over from the type that `baseType` names. */
const withBase = (reading: Reading, at: ElementReader, declared: Declaration, depth = 0): ElementReader => {
  const reference = at.element.attributes.get('baseType');
  if (reference === undefined) return at;
  const kind = at.name.endsWith('ArgumentType') ? 'argumentType' : 'parameterType';
  const found = resolve(declared.system, reference, kind);
  if (found === undefined || found.reader.name !== at.name || depth >= MAX_EXTENSIONS) {
    at.refuse(
      found === undefined
        ? `baseType="${reference}" is not defined`
        : `baseType="${reference}" cannot be extended here`,
    );
    return at;
  }
  const base = withBase(reading, found.reader, found, depth + 1).element;
  const own = new Map([...at.element.attributes].filter(([name]) => name !== 'baseType'));
  const names = new Set(at.element.children.map(({ name }) => name));
  return new ElementReader(
    {
      ...at.element,
      attributes: new Map([...base.attributes, ...own]),
      children: [...base.children.filter(({ name }) => !names.has(name)), ...at.element.children],
    },
    reading.report,
  );
};

/** Reads a type up to the parts that may name parameters of it; `complete` reads those. */
export const readType = (reading: Reading, declared: Declaration): PendingType | undefined => {
  const scope: Scope = { system: declared.system };
  const at = withBase(reading, declared.reader, declared);
  if (at.name.startsWith('Aggregate')) return readAggregate(reading, at, declared);
  return at.name.startsWith('Array')
    ? readArray(reading, at, declared, scope)
    : readScalar(reading, at, declared, scope);
};
