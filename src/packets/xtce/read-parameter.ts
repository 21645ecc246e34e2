/** Parameters (XTCE 1.2 ParameterType, ParameterPropertiesType). */
import type { Reading } from './context';
import type { ElementReader } from './element-reader';
import type { XtceCondition, XtceParameter } from './model';
import { readCondition } from './read-condition';
import { resolve, type Declaration } from './references';

const SOURCES = ['telemetered', 'derived', 'constant', 'local', 'ground'] as const;

const readAliases = (at: ElementReader): XtceParameter['aliases'] => {
  const set = at.child('AliasSet');
  const aliases = (set?.children('Alias') ?? []).map((element) => {
    const alias = { nameSpace: element.attribute('nameSpace') ?? '', alias: element.attribute('alias') ?? '' };
    element.finish();
    return alias;
  });
  set?.finish();
  return aliases;
};

/** Reads a parameter; `keep` makes it known before its validity condition, which may lead back to it, is read. */
export const readParameter = (
  reading: Reading,
  declared: Declaration,
  keep: (parameter: XtceParameter) => void,
): XtceParameter | undefined => {
  const { reader: at, system } = declared;
  const reference = at.required('parameterTypeRef');
  const initialValue = at.attribute('initialValue');
  const description = at.attribute('shortDescription');
  const longDescription = at.child('LongDescription')?.text;
  const aliases = readAliases(at);
  at.ignore('name');
  const properties = at.child('ParameterProperties');
  const source = properties?.oneOf('dataSource', SOURCES, 'telemetered') ?? 'telemetered';
  const systemNameAt = properties?.child('SystemName');
  systemNameAt?.finish();
  const validityAt = properties?.child('ValidityCondition');
  // Where a value lies on board and who may change it: of no effect on what is decoded.
  properties?.ignore('readOnly', 'persistence', 'PhysicalAddressSet');
  const timeAssociation = properties?.child('TimeAssociation');
  timeAssociation?.warn('is not honoured: a parameter has the time of its packet');
  properties?.finish();
  at.finish();
  if (reference === '') return undefined;
  const type = reading.type(at, resolve(system, reference, 'parameterType'), reference);
  if (type === undefined) return undefined;
  const systemName = systemNameAt?.text ?? '';
  const parameter: Omit<XtceParameter, 'validWhen'> & { validWhen?: XtceCondition } = {
    id: declared.id,
    name: declared.name,
    path: declared.path,
    system: system.id,
    type,
    source,
    aliases,
    line: at.line,
    ...(description === undefined ? {} : { description }),
    ...(longDescription === undefined || longDescription === '' ? {} : { longDescription }),
    ...(initialValue === undefined ? {} : { initialValue }),
    ...(systemName === '' ? {} : { systemName }),
  };
  keep(parameter);
  const validWhen = validityAt === undefined ? undefined : readCondition(reading, validityAt, { system });
  if (validWhen !== undefined) parameter.validWhen = validWhen;
  return parameter;
};
