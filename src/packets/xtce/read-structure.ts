/** Aggregates and arrays, and the dimensions of arrays (XTCE 1.2 AggregateDataType, ArrayDataTypeType, DimensionListType). */
import type { Reading, Scope } from './context';
import type { ElementReader } from './element-reader';
import type { DataType, Dimension } from './model';
import { readPositiveCount } from './read-size';
import { resolve, type Declaration } from './references';

/** Parts that are filled after the type is known by name: their conditions may be about parameters of this very type. */
export interface PendingType {
  readonly type: DataType;
  readonly complete: () => void;
}

const descriptionOf = (at: ElementReader): string | undefined => at.attribute('shortDescription');

/** Members that are read one after the other. */
export const readAggregate = (reading: Reading, at: ElementReader, declared: Declaration): PendingType => {
  const kind = at.name.includes('Argument') ? 'argumentType' : 'parameterType';
  const list = at.child('MemberList');
  const elements = list?.children('Member') ?? [];
  list?.finish();
  at.ignore('name');
  const description = descriptionOf(at);
  at.finish();
  if (elements.length === 0) at.refuse('holds no Member');
  const names = new Set<string>();
  const members = elements.flatMap((element) => {
    const name = element.required('name');
    const reference = element.required('typeRef');
    const initialValue = element.attribute('initialValue');
    const about = descriptionOf(element);
    element.ignore('ParameterProperties', 'AliasSet');
    element.finish();
    if (names.has(name)) element.refuse('stands a second time in this aggregate');
    names.add(name);
    const type = reading.type(element, resolve(declared.system, reference, kind), reference);
    if (type === undefined) return [];
    return [
      {
        name,
        type,
        ...(about === undefined ? {} : { description: about }),
        ...(initialValue === undefined ? {} : { initialValue }),
      },
    ];
  });
  const type: DataType = {
    kind: 'aggregate',
    path: declared.path,
    line: at.line,
    members,
    ...(description === undefined ? {} : { description }),
  };
  return { type, complete: () => undefined };
};

/** The dimensions inside a DimensionList: Dimension (first and last index) or Size (XTCE 1.1). */
export const readDimensions = (reading: Reading, list: ElementReader, scope: Scope): readonly Dimension[] => {
  const elements = list.children('Dimension', 'Size');
  list.finish();
  if (elements.length === 0) list.refuse('holds no Dimension');
  return elements.flatMap((element): readonly Dimension[] => {
    if (element.name === 'Size') {
      const size = readPositiveCount(reading, element, scope);
      if (size === undefined) return [];
      if (size.kind === 'lookup') element.refuse('a looked-up size of a dimension is not honoured');
      const last =
        size.kind === 'fixed'
          ? { kind: 'fixed' as const, value: size.value - 1 }
          : size.kind === 'dynamic'
            ? { ...size, intercept: size.intercept - 1 }
            : size;
      return [{ first: { kind: 'fixed', value: 0 }, last }];
    }
    const firstAt = element.child('StartingIndex');
    const lastAt = element.child('EndingIndex');
    element.finish();
    if (firstAt === undefined || lastAt === undefined) {
      element.refuse('needs a StartingIndex and an EndingIndex');
      return [];
    }
    const first = readPositiveCount(reading, firstAt, scope);
    const last = readPositiveCount(reading, lastAt, scope);
    return first === undefined || last === undefined ? [] : [{ first, last }];
  });
};

/** An array; where its entry gives the dimensions, it has none of its own. */
export const readArray = (
  reading: Reading,
  at: ElementReader,
  declared: Declaration,
  scope: Scope,
): PendingType | undefined => {
  const kind = at.name.includes('Argument') ? 'argumentType' : 'parameterType';
  const reference = at.required('arrayTypeRef');
  const list = at.child('DimensionList');
  const dimensions = list === undefined ? [] : readDimensions(reading, list, scope);
  const given = at.integer('numberOfDimensions', Math.max(1, dimensions.length));
  if (dimensions.length > 0 && given !== dimensions.length)
    at.refuse('numberOfDimensions differs from its DimensionList');
  at.ignore('name');
  const description = descriptionOf(at);
  at.finish();
  const element = reading.type(at, resolve(declared.system, reference, kind), reference);
  if (element === undefined) return undefined;
  const type: DataType = {
    kind: 'array',
    path: declared.path,
    line: at.line,
    element,
    dimensions,
    numberOfDimensions: given,
    ...(description === undefined ? {} : { description }),
  };
  return { type, complete: () => undefined };
};
