/** First pass over a definition: every SpaceSystem and every named element, before any is read. */
import type { ElementReader } from './element-reader';
import type { SpaceSystem } from './definition';
import { createSystem, idIn, type Declaration, type Kind, type SystemIndex } from './references';

export interface DefinitionIndex {
  readonly root: SystemIndex;
  readonly systems: readonly SpaceSystem[];
  /** In document order. */
  readonly declared: Readonly<Record<Kind, readonly Declaration[]>>;
}

/** XTCE NameType: a name with one of these could not be referred to. */
const FORBIDDEN = /[./:[\]\s]/;

const PARAMETER_TYPES =
  /^(Integer|Float|Enumerated|Boolean|String|Binary|AbsoluteTime|RelativeTime|Aggregate|Array)ParameterType$/;
const ARGUMENT_TYPES =
  /^(Integer|Float|Enumerated|Boolean|String|Binary|AbsoluteTime|RelativeTime|Aggregate|Array)ArgumentType$/;

class Indexer {
  readonly systems: SpaceSystem[] = [];
  readonly declared: Record<Kind, Declaration[]> = {
    parameterType: [],
    argumentType: [],
    parameter: [],
    container: [],
    commandContainer: [],
    command: [],
  };

  system(at: ElementReader, parent: SystemIndex | undefined): SystemIndex {
    const name = this.#name(at);
    const system = createSystem(name, parent);
    const description = at.attribute('shortDescription');
    at.ignore('Header', 'AliasSet', 'operationalStatus');
    if (parent?.children.has(name) === true) at.refuse('stands a second time in its SpaceSystem');
    else parent?.children.set(name, system);
    this.systems.push({
      id: system.id,
      name,
      path: system.path,
      line: at.line,
      ...(description === undefined ? {} : { description }),
    });
    at.children('TelemetryMetaData').forEach((part) => {
      this.#telemetry(part, system);
    });
    at.children('CommandMetaData').forEach((part) => {
      this.#commands(part, system);
    });
    at.warnAbout(['ServiceSet'], 'is not used');
    at.children('SpaceSystem').forEach((child) => {
      this.system(child, system);
    });
    at.finish();
    return system;
  }

  #name(at: ElementReader): string {
    const name = at.required('name');
    if (FORBIDDEN.test(name))
      at.refuse(`a name holds no space and none of . / : [ ]; "${name}" could not be referred to`);
    return name;
  }

  #declare(kind: Kind, reader: ElementReader, system: SystemIndex): void {
    const name = this.#name(reader);
    if (name === '') return;
    const declared = { system, name, path: `${system.path}/${name}`, id: idIn(system, name), reader };
    if (system.declared[kind].has(name)) {
      reader.refuse(
        `the name stands a second time in ${system.path}; line ${String(system.declared[kind].get(name)?.reader.line)} is kept`,
      );
      return;
    }
    system.declared[kind].set(name, declared);
    this.declared[kind].push(declared);
  }

  /** Declares the children of a set that are of the kind; refuses others. */
  #set(at: ElementReader | undefined, kind: Kind, pattern: RegExp, system: SystemIndex): void {
    if (at === undefined) return;
    at.element.children
      .filter(({ name }) => pattern.test(name))
      .map(({ name }) => name)
      .filter((name, index, names) => names.indexOf(name) === index)
      .forEach((name) => at.children(name));
    for (const child of at.element.children.filter(({ name }) => pattern.test(name))) {
      const reader = at.children(child.name).find(({ element }) => element === child);
      if (reader !== undefined) this.#declare(kind, reader, system);
    }
    // A name from another SpaceSystem that is listed here again; references find it where it is declared.
    at.ignore('ParameterRef', 'MetaCommandRef');
    at.finish();
  }

  #telemetry(at: ElementReader, system: SystemIndex): void {
    this.#parameters(at, system);
    this.#set(at.child('ContainerSet'), 'container', /^SequenceContainer$/, system);
    at.warnAbout(['StreamSet'], 'is not used: packets are found by their CCSDS header');
    const algorithms = at.child('AlgorithmSet');
    algorithms?.others().forEach((one) => {
      one.warn('is not computed: its output parameters get no value');
    });
    at.finish();
  }

  #parameters(at: ElementReader, system: SystemIndex): void {
    this.#set(at.child('ParameterTypeSet'), 'parameterType', PARAMETER_TYPES, system);
    this.#set(at.child('ParameterSet'), 'parameter', /^Parameter$/, system);
  }

  #commands(at: ElementReader, system: SystemIndex): void {
    this.#parameters(at, system);
    this.#set(at.child('ArgumentTypeSet'), 'argumentType', ARGUMENT_TYPES, system);
    this.#set(at.child('MetaCommandSet'), 'command', /^MetaCommand$/, system);
    this.#set(at.child('CommandContainerSet'), 'commandContainer', /^(Command|Sequence)Container$/, system);
    at.warnAbout(['StreamSet', 'AlgorithmSet'], 'is not used');
    at.finish();
  }
}

/** Refuses what stands nowhere in XTCE, and names that stand twice. */
export const indexSystems = (root: ElementReader): DefinitionIndex => {
  const indexer = new Indexer();
  const system = indexer.system(root, undefined);
  return { root: system, systems: indexer.systems, declared: indexer.declared };
};
