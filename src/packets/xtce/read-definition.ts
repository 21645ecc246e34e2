/** XTCE text to a definition, and the list of everything in it that is not honoured. */
import { readXml, XML_LIMITS, type XmlLimits } from '../xml/read-xml';
import { overlapsOf } from './check-overlaps';
import type { LeadingSize, Reading, Scope } from './context';
import { ElementReader } from './element-reader';
import { indexSystems, type DefinitionIndex } from './index-systems';
import type { Definition, MetaCommand } from './definition';
import type { Container, DataType, DefinitionProblem, XtceParameter } from './model';
import { readCommand } from './read-command';
import { readContainer } from './read-container';
import { readParameter } from './read-parameter';
import { readType } from './read-type';
import { idIn, resolve, type Declaration } from './references';
import { Report, type DefinitionAttempt } from './report';

export interface ReadDefinition {
  /** Undefined when the text is no XTCE at all; else whatever of it is honoured. */
  readonly definition: Definition | undefined;
  readonly problems: readonly DefinitionProblem[];
}

const NAMESPACES: Readonly<Record<string, Definition['namespace']>> = {
  '': 'none',
  'http://www.omg.org/space/xtce': '1.1',
  'http://www.omg.org/spec/XTCE/20180204': '1.2',
};

type Memo<T> = Map<Declaration, DefinitionAttempt<T | undefined>>;

/** Something that is named where it is used. */
interface Use {
  readonly at: ElementReader;
  readonly found: Declaration | undefined;
  readonly reference: string;
  readonly what: string;
}

/** How deep types, parameters and containers may lead to one another while they are read. */
const MAX_DEPTH = 400;

class DefinitionReading implements Reading {
  readonly #types: Memo<DataType> = new Map();
  readonly #parameters: Memo<XtceParameter> = new Map();
  readonly #containers: Memo<Container> = new Map();
  readonly #commands: Memo<MetaCommand> = new Map();
  /** Every container as far as it could be read, refused or not. */
  readonly #read = new Map<Declaration, Container>();
  readonly #busy = new Set<Declaration>();
  readonly #scopes = new Map<Declaration, { readonly scope: Scope; readonly base: MetaCommand | undefined }>();
  readonly commandContainers: Declaration[] = [];

  constructor(
    readonly report: Report,
    readonly leadingSize: LeadingSize | undefined,
  ) {}

  readonly type: Reading['type'] = (at, found, reference) =>
    this.#use({ at, found, reference, what: 'type' }, this.#types, (declared, keep) => {
      const pending = readType(this, declared);
      if (pending === undefined) return undefined;
      // Conditions inside may be about parameters of this type: they find it before it is complete.
      keep(pending.type);
      pending.complete();
      return pending.type;
    });

  readonly parameter: Reading['parameter'] = (at, found, reference) =>
    this.#use({ at, found, reference, what: 'parameter' }, this.#parameters, (declared, keep) =>
      readParameter(this, declared, keep),
    );

  readonly container: Reading['container'] = (at, found, reference) =>
    this.#use({ at, found, reference, what: 'container' }, this.#containers, (declared) => {
      const known = this.#scopes.get(declared);
      const scope = known?.scope ?? { system: declared.system };
      const container = readContainer(this, declared, scope, (name) => this.#findBase(declared, name, known?.base));
      this.#read.set(declared, container);
      return container;
    });

  readonly command: Reading['command'] = (at, found, reference) =>
    this.#use({ at, found, reference, what: 'command' }, this.#commands, (declared) =>
      readCommand(this, declared, (element, scope, base) => this.#commandContainer(element, scope, base)),
    );

  /** Reads the container of a command, which has a name of its own in the SpaceSystem. */
  #commandContainer(at: ElementReader, scope: Scope, base: MetaCommand | undefined): Container | undefined {
    const name = at.required('name');
    const id = idIn(scope.system, name);
    const declared = { system: scope.system, name, path: `${scope.system.path}/${name}`, id, reader: at };
    this.#scopes.set(declared, { scope, base });
    this.commandContainers.push(declared);
    return this.container(at, declared, name);
  }

  /** The base of a command's container: first those of the commands that it extends, then other command containers, then telemetry. */
  #findBase(declared: Declaration, reference: string, base: MetaCommand | undefined): Declaration | undefined {
    const name = reference.split('/').at(-1);
    if (declared.reader.name === 'CommandContainer') {
      for (let command = base; command !== undefined; command = command.base) {
        const own = this.commandContainers.find(
          ({ path, reader }) => path === command?.container?.path && reader.line === command.container.line,
        );
        if (own !== undefined && own !== declared && own.name === name) return own;
      }
      const inSet = resolve(declared.system, reference, 'commandContainer');
      if (inSet !== undefined) return inSet;
      const others = this.commandContainers.filter(
        (other) => other !== declared && other.name === name && other.system === declared.system,
      );
      if (others.length === 1) return others[0];
    }
    return resolve(declared.system, reference, 'container');
  }

  /** What was declared, read once. A cycle, a missing name and a refused one are refused where they are used. */
  #use<T>(
    { at, found, reference, what }: Use,
    memo: Memo<T>,
    read: (declared: Declaration, keep: (value: T) => void) => T | undefined,
  ): T | undefined {
    if (found === undefined) {
      at.refuse(`the ${what} ${reference} is not defined`);
      return undefined;
    }
    const known = memo.get(found);
    if (known === undefined && (this.#busy.has(found) || this.#busy.size >= MAX_DEPTH)) {
      at.refuse(
        this.#busy.has(found) ? `the ${what} ${reference} contains itself (a cycle)` : 'definitions lead too deep',
      );
      return undefined;
    }
    const result = known ?? this.#readOnce(found, memo, read);
    if (result.ok && result.value !== undefined) return result.value;
    const line = result.ok ? found.reader.line : result.problem.line;
    if (at !== found.reader) at.refuse(`the ${what} ${reference} is refused (line ${String(line)})`);
    return undefined;
  }

  #readOnce<T>(
    found: Declaration,
    memo: Memo<T>,
    read: (declared: Declaration, keep: (value: T) => void) => T | undefined,
  ): DefinitionAttempt<T | undefined> {
    this.#busy.add(found);
    const attempt = this.report.attempt(() => read(found, (value) => memo.set(found, { ok: true, value })));
    this.#busy.delete(found);
    memo.set(found, attempt);
    return attempt;
  }

  /** The container with what spoils it, if something does: packets of it are told, not decoded. */
  containerOf(declared: Declaration): Container | undefined {
    this.container(declared.reader, declared, declared.name);
    const attempt = this.#containers.get(declared);
    const container = this.#read.get(declared);
    if (attempt === undefined || attempt.ok || container === undefined) return container;
    return { ...container, refused: attempt.problem };
  }
}

const collect = <T>(
  declared: readonly Declaration[],
  read: (one: Declaration) => T | undefined,
): ReadonlyMap<string, T> => {
  const all = new Map<string, T>();
  for (const one of declared) {
    const value = read(one);
    if (value !== undefined) all.set(one.id, value);
  }
  return all;
};

const build = (indexed: DefinitionIndex, namespace: string, reading: DefinitionReading): Definition => {
  const { report } = reading;
  const { declared, systems, root } = indexed;
  for (const one of [...declared.parameterType, ...declared.argumentType]) reading.type(one.reader, one, one.name);
  const parameters = collect(declared.parameter, (one) => reading.parameter(one.reader, one, one.name));
  const containers = collect(declared.container, (one) => reading.containerOf(one));
  for (const container of containers.values()) {
    for (const { line, entry, message } of overlapsOf(container)) report.warnAt(line, `entry ${entry}`, message);
  }
  const commands = collect(declared.command, (one) => reading.command(one.reader, one, one.name));
  const commandContainers = collect([...declared.commandContainer, ...reading.commandContainers], (one) =>
    reading.containerOf(one),
  );
  return {
    name: root.path.slice(1),
    namespace: NAMESPACES[namespace] ?? 'other',
    systems,
    parameters,
    containers,
    commandContainers,
    commands,
  };
};

export interface ReadOptions {
  readonly limits?: XmlLimits;
  /** What leading sizes of strings count. space_packet_parser takes bits, Yamcs and F Prime take bytes. Default: bits, with a warning. */
  readonly leadingSize?: LeadingSize | undefined;
}

/**
 * Reads an XTCE document: 1.2, 1.1 or no namespace, prefixed or default. Never throws on input.
 * @param text the whole document
 */
export const readDefinition = (
  text: string,
  { limits = XML_LIMITS, leadingSize }: ReadOptions = {},
): ReadDefinition => {
  const xml = readXml(text, limits);
  if (!xml.ok) {
    const { line, element, message } = xml;
    return { definition: undefined, problems: [{ line, element, effect: 'refused', message }] };
  }
  const report = new Report();
  const root = new ElementReader(xml.root, report);
  if (xml.root.name !== 'SpaceSystem') {
    root.refuse('is no XTCE: the root element must be SpaceSystem');
    return { definition: undefined, problems: report.problems() };
  }
  if (NAMESPACES[xml.namespace] === undefined) {
    root.warn(`the namespace ${xml.namespace} is not known; the document is read as XTCE 1.2`);
  }
  const definition = build(indexSystems(root), xml.namespace, new DefinitionReading(report, leadingSize));
  return { definition, problems: report.problems() };
};
