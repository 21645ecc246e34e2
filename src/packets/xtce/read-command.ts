/** MetaCommands: arguments, what they fix, significance, and the container that carries them (XTCE 1.2 MetaCommandType). */
import type { Reading, Scope } from './context';
import type { ElementReader } from './element-reader';
import type { MetaCommand } from './definition';
import type { Argument, XtceCondition, Container } from './model';
import { isScalar } from './read-value';
import { idIn, resolve, type Declaration } from './references';

const CONSEQUENCES = ['none', 'watch', 'warning', 'distress', 'critical', 'severe'] as const;

/** What a ground system does around a command; the values of telemetry do not depend on it. */
const NOT_USED = [
  'TransmissionConstraintList',
  'ContextSignificanceList',
  'Interlock',
  'VerifierSet',
  'ParameterToSetList',
  'ParametersToSuspendAlarmsOnSet',
];

const readArguments = (reading: Reading, at: ElementReader, declared: Declaration): readonly Argument[] => {
  const list = at.child('ArgumentList');
  const elements = list?.children('Argument') ?? [];
  list?.finish();
  const names = new Set<string>();
  return elements.flatMap((element) => {
    const name = element.required('name');
    const reference = element.required('argumentTypeRef');
    const initialValue = element.attribute('initialValue');
    const description = element.attribute('shortDescription');
    element.ignore('AliasSet');
    element.finish();
    if (names.has(name)) element.refuse('stands a second time in this command');
    names.add(name);
    const type = reading.type(element, resolve(declared.system, reference, 'argumentType'), reference);
    if (type === undefined) return [];
    return [
      {
        id: `${declared.id}.${name}`,
        name,
        type,
        line: element.line,
        ...(initialValue === undefined ? {} : { initialValue }),
        ...(description === undefined ? {} : { description }),
      },
    ];
  });
};

interface BaseCommand {
  readonly base?: MetaCommand;
  readonly assigned: Readonly<Record<string, string>>;
}

const readBase = (reading: Reading, at: ElementReader, declared: Declaration): BaseCommand => {
  const baseAt = at.child('BaseMetaCommand');
  if (baseAt === undefined) return { assigned: {} };
  const reference = baseAt.required('metaCommandRef');
  const base = reading.command(baseAt, resolve(declared.system, reference, 'command'), reference);
  const list = baseAt.child('ArgumentAssignmentList');
  const elements = list?.children('ArgumentAssignment') ?? [];
  list?.finish();
  baseAt.finish();
  const assigned: Record<string, string> = { ...base?.assigned };
  for (const element of elements) {
    const name = element.required('argumentName');
    const value = element.attribute('argumentValue');
    element.finish();
    if (value === undefined) element.refuse('has no attribute argumentValue');
    else if (base !== undefined && !base.arguments.some((argument) => argument.name === name)) {
      element.refuse(`${base.name} has no argument ${name} that is still open`);
    } else assigned[name] = value;
  }
  return { assigned, ...(base === undefined ? {} : { base }) };
};

const readSignificance = (at: ElementReader): MetaCommand['significance'] => {
  const element = at.child('DefaultSignificance');
  if (element === undefined) return undefined;
  const consequence = element.oneOf('consequenceLevel', CONSEQUENCES, 'none');
  const reason = element.attribute('reasonForWarning');
  element.ignore('spaceSystemAtRisk');
  element.finish();
  return { consequence, ...(reason === undefined ? {} : { reason }) };
};

/** The arguments by name, inherited ones included. */
const inherited = (command: MetaCommand | undefined): readonly Argument[] =>
  command === undefined ? [] : [...inherited(command.base), ...command.ownArguments];

const conditionsOf = (
  assigned: Readonly<Record<string, string>>,
  all: ReadonlyMap<string, Argument>,
): readonly XtceCondition[] =>
  Object.entries(assigned).flatMap(([name, value]): XtceCondition[] => {
    const argument = all.get(name);
    if (argument === undefined || !isScalar(argument.type)) return [];
    const { id, type, line } = argument;
    return [{ kind: 'compare', ref: { id, type, calibrated: true, line }, operator: '==', value }];
  });

/** Reads a command; `readContainer` reads its CommandContainer with the arguments in scope. */
export const readCommand = (
  reading: Reading,
  declared: Declaration,
  readContainer: (at: ElementReader, scope: Scope, base: MetaCommand | undefined) => Container | undefined,
): MetaCommand => {
  const at = declared.reader;
  const abstract = at.boolean('abstract', false);
  const description = at.attribute('shortDescription');
  const systemName = at.child('SystemName');
  systemName?.finish();
  at.ignore('name', 'AliasSet');
  at.warnAbout(NOT_USED, 'is not used: commands are known by name, arguments and significance');
  const { base, assigned } = readBase(reading, at, declared);
  const ownArguments = readArguments(reading, at, declared);
  const significance = readSignificance(at) ?? base?.significance;
  const all = new Map([...inherited(base), ...ownArguments].map((argument) => [argument.name, argument]));
  const containerAt = at.child('CommandContainer');
  const container =
    containerAt === undefined
      ? base?.container
      : readContainer(
          containerAt,
          { system: declared.system, arguments: all, assigned: conditionsOf(assigned, all) },
          base,
        );
  if (base?.container !== undefined && containerAt !== undefined && containerAt.child('BaseContainer') === undefined) {
    containerAt.warn(`has no BaseContainer: what ${base.name} holds is no part of its packets`);
  }
  at.finish();
  return {
    id: idIn(declared.system, declared.name),
    name: declared.name,
    path: declared.path,
    system: declared.system.id,
    abstract,
    ownArguments,
    arguments: [...all.values()].filter(({ name }) => !Object.hasOwn(assigned, name)),
    assigned,
    line: at.line,
    ...(description === undefined ? {} : { description }),
    ...(base === undefined ? {} : { base }),
    ...(systemName === undefined ? {} : { systemName: systemName.text }),
    ...(significance === undefined ? {} : { significance }),
    ...(container === undefined ? {} : { container }),
  };
};
