/** Containers and their entries (XTCE 1.2 SequenceContainerType, EntryListType, CommandContainerEntryListType). */
import type { Reading, Scope } from './context';
import type { ElementReader } from './element-reader';
import type { Argument, XtceCondition, Container, Dimension, Entry, Location } from './model';
import { readCondition } from './read-condition';
import { MAX_COUNT, readCount, readPositiveCount } from './read-size';
import { readDimensions } from './read-structure';
import { resolve, type Declaration } from './references';

const LOCATIONS = ['previousEntry', 'containerStart', 'containerEnd'] as const;

const readLocation = (reading: Reading, at: ElementReader | undefined, scope: Scope): Location | undefined => {
  if (at === undefined) return undefined;
  const from = at.oneOf('referenceLocation', LOCATIONS, 'previousEntry');
  const offset = readCount(reading, at, scope);
  if (offset === undefined) return undefined;
  const isNegative = offset.kind === 'fixed' && offset.value < 0;
  if (isNegative && from !== 'previousEntry') at.refuse('a negative offset leaves the container');
  return { from, offset };
};

type Common = Pick<Entry, 'line' | 'location' | 'include' | 'repeat'>;

const readCommon = (reading: Reading, at: ElementReader, scope: Scope): Common => {
  const location = readLocation(reading, at.child('LocationInContainerInBits'), scope);
  const includeAt = at.child('IncludeCondition');
  const include = includeAt === undefined ? undefined : readCondition(reading, includeAt, scope);
  const repeatAt = at.child('RepeatEntry');
  const countAt = repeatAt?.child('Count');
  const gapAt = repeatAt?.child('Offset');
  repeatAt?.finish();
  if (repeatAt !== undefined && countAt === undefined) repeatAt.refuse('has no Count');
  const count = countAt === undefined ? undefined : readPositiveCount(reading, countAt, scope);
  const gap = gapAt === undefined ? undefined : readPositiveCount(reading, gapAt, scope);
  at.warnAbout(['TimeAssociation'], 'is not honoured: an entry has the time of its packet');
  return {
    line: at.line,
    ...(location === undefined ? {} : { location }),
    ...(include === undefined ? {} : { include }),
    ...(count === undefined ? {} : { repeat: { count, ...(gap === undefined ? {} : { gap }) } }),
  };
};

/** The dimensions of an array entry: its own, else those of the type. */
const readEntryDimensions = (
  reading: Reading,
  at: ElementReader,
  scope: Scope,
  target: { readonly type: Argument['type'] },
): readonly Dimension[] | undefined => {
  const list = at.child('DimensionList');
  const own = list === undefined ? [] : readDimensions(reading, list, scope);
  if (target.type.kind !== 'array') {
    if (list !== undefined) at.refuse('gives dimensions to something that is no array');
    return undefined;
  }
  const dimensions = own.length > 0 ? own : target.type.dimensions;
  if (dimensions.length === 0) at.refuse('is an array without dimensions');
  else if (dimensions.length !== target.type.numberOfDimensions) {
    at.refuse(`gives ${String(dimensions.length)} dimensions; the type has ${String(target.type.numberOfDimensions)}`);
  }
  return dimensions;
};

const readParameterEntry = (reading: Reading, at: ElementReader, scope: Scope): Entry | undefined => {
  const reference = at.required('parameterRef');
  const common = readCommon(reading, at, scope);
  if (reference === '') return undefined;
  const parameter = reading.parameter(at, resolve(scope.system, reference, 'parameter'), reference);
  if (parameter === undefined) return undefined;
  const dimensions = readEntryDimensions(reading, at, scope, parameter);
  return { ...common, kind: 'parameter', parameter, ...(dimensions === undefined ? {} : { dimensions }) };
};

const readArgumentEntry = (reading: Reading, at: ElementReader, scope: Scope): Entry | undefined => {
  const reference = at.required('argumentRef');
  const common = readCommon(reading, at, scope);
  const argument = scope.arguments?.get(reference);
  if (argument === undefined) {
    at.refuse(`the argument ${reference} is not defined, or refused`);
    return undefined;
  }
  const dimensions = readEntryDimensions(reading, at, scope, argument);
  return { ...common, kind: 'argument', argument, ...(dimensions === undefined ? {} : { dimensions }) };
};

const readContainerEntry = (reading: Reading, at: ElementReader, scope: Scope): Entry | undefined => {
  const reference = at.required('containerRef');
  const common = readCommon(reading, at, scope);
  if (reference === '') return undefined;
  const container = reading.container(at, resolve(scope.system, reference, 'container'), reference);
  return container === undefined ? undefined : { ...common, kind: 'container', container };
};

const readFixedEntry = (reading: Reading, at: ElementReader, scope: Scope): Entry => {
  const name = at.attribute('name');
  const digits = at.required('binaryValue');
  const bits = at.integer('sizeInBits', digits.length * 4);
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) at.refuse(`binaryValue="${digits}" is no hexadecimal bytes`);
  if (bits < 1 || bits > digits.length * 4)
    at.refuse(`sizeInBits="${String(bits)}" must be from 1 to the bits of binaryValue`);
  const common = readCommon(reading, at, scope);
  return {
    ...common,
    kind: 'fixed',
    bits,
    bytes: Uint8Array.from(Buffer.from(digits, 'hex')),
    ...(name === undefined ? {} : { name }),
  };
};

const readEntry = (reading: Reading, at: ElementReader, scope: Scope): Entry | undefined => {
  switch (at.name) {
    case 'ParameterRefEntry':
    case 'ArrayParameterRefEntry':
      return readParameterEntry(reading, at, scope);
    case 'ContainerRefEntry':
      return readContainerEntry(reading, at, scope);
    case 'ArgumentRefEntry':
    case 'ArrayArgumentRefEntry':
      return readArgumentEntry(reading, at, scope);
    case 'FixedValueEntry':
      return readFixedEntry(reading, at, scope);
    default:
      at.refuse('is not honoured as an entry');
      return undefined;
  }
};

const readEntries = (reading: Reading, list: ElementReader, scope: Scope): readonly Entry[] => {
  const entries = list.others().flatMap((at) => {
    const entry = readEntry(reading, at, scope);
    if (entry !== undefined) at.finish();
    return entry === undefined ? [] : [entry];
  });
  list.finish();
  return entries;
};

const readGivenSize = (at: ElementReader): number | undefined => {
  const encoding = at.child('BinaryEncoding');
  const size = encoding?.child('SizeInBits');
  const fixed = size?.child('FixedValue');
  encoding?.ignore('bitOrder');
  encoding?.warnAbout(['ErrorDetectCorrect'], 'is not checked; give the checksum of packets beside the definition');
  fixed?.finish();
  size?.finish();
  encoding?.finish();
  if (encoding === undefined) return undefined;
  const bits = fixed?.integerText();
  if (bits !== undefined && bits >= 0 && bits <= MAX_COUNT) return bits;
  encoding.refuse('needs a SizeInBits with a FixedValue that is not negative');
  return undefined;
};

/** Seconds between two packets of the container, when the definition gives their rate. */
const readPeriod = (at: ElementReader): number | undefined => {
  at.ignore('RateInStreamSet');
  const rate = at.child('DefaultRateInStream') ?? at.child('RateInStream');
  if (rate === undefined) return undefined;
  const basis = rate.oneOf('basis', ['perSecond', 'perContainerUpdate'], 'perSecond');
  const perSecond = rate.number('minimumValue') ?? rate.number('maximumValue');
  rate.ignore('maximumValue', 'streamRef');
  rate.finish();
  return basis !== 'perSecond' || perSecond === undefined || perSecond <= 0 ? undefined : 1 / perSecond;
};

const allOf = (conditions: readonly XtceCondition[]): XtceCondition | undefined =>
  conditions.length > 1 ? { kind: 'all', of: conditions } : conditions[0];

/** Reads a container that is not refused; `base` is looked up by the caller, who knows of command containers. */
export const readContainer = (
  reading: Reading,
  declared: Declaration,
  scope: Scope,
  findBase: (reference: string) => Declaration | undefined,
): Container => {
  const at = declared.reader;
  const abstract = at.boolean('abstract', false);
  const description = at.attribute('shortDescription');
  const idle = at.attribute('idlePattern');
  if (idle !== undefined && idle !== '0x0')
    at.warn('idlePattern is not used: bits that no entry reads are reported, not compared');
  at.ignore('name', 'AliasSet');
  const baseAt = at.child('BaseContainer');
  let base: Container['base'];
  if (baseAt !== undefined) {
    const reference = baseAt.required('containerRef');
    const restriction = baseAt.child('RestrictionCriteria');
    const container = reading.container(baseAt, findBase(reference), reference);
    const restricted = restriction === undefined ? undefined : readCondition(reading, restriction, scope);
    baseAt.finish();
    const isUnreadable = restriction !== undefined && restricted === undefined;
    const when = allOf([...(restricted === undefined ? [] : [restricted]), ...(scope.assigned ?? [])]);
    if (container !== undefined) {
      base = { container, ...(when === undefined ? {} : { when }), ...(isUnreadable ? { isUnreadable } : {}) };
    }
  }
  const sizeBits = readGivenSize(at);
  const periodSeconds = readPeriod(at);
  const list = at.child('EntryList');
  if (list === undefined) at.refuse('has no EntryList');
  const entries = list === undefined ? [] : readEntries(reading, list, scope);
  at.finish();
  return {
    id: declared.id,
    name: declared.name,
    path: declared.path,
    system: declared.system.id,
    abstract,
    entries,
    command: at.name === 'CommandContainer',
    line: at.line,
    ...(description === undefined ? {} : { description }),
    ...(base === undefined ? {} : { base }),
    ...(sizeBits === undefined ? {} : { sizeBits }),
    ...(periodSeconds === undefined ? {} : { periodSeconds }),
  };
};
