/**
 * Names of the definition: SpaceSystems with what each declares, and references as XTCE 1.2 resolves them. An absolute path begins
 * with `/` and the root's name. A relative one is tried from the SpaceSystem that holds it, then from each SpaceSystem above.
 */
import type { ElementReader } from './element-reader';

export type Kind = 'parameterType' | 'argumentType' | 'parameter' | 'container' | 'commandContainer' | 'command';

/** A named element that is not read yet. */
export interface Declaration {
  readonly system: SystemIndex;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly reader: ElementReader;
}

export interface SystemIndex {
  readonly path: string;
  /** Below the root, with dots; empty for the root. */
  readonly id: string;
  readonly parent: SystemIndex | undefined;
  readonly children: Map<string, SystemIndex>;
  readonly declared: Readonly<Record<Kind, Map<string, Declaration>>>;
}

export const createSystem = (name: string, parent: SystemIndex | undefined): SystemIndex => ({
  path: `${parent?.path ?? ''}/${name}`,
  id: parent === undefined ? '' : [parent.id, name].filter((part) => part !== '').join('.'),
  parent,
  children: new Map(),
  declared: {
    parameterType: new Map(),
    argumentType: new Map(),
    parameter: new Map(),
    container: new Map(),
    commandContainer: new Map(),
    command: new Map(),
  },
});

export const idIn = (system: SystemIndex, name: string): string => (system.id === '' ? name : `${system.id}.${name}`);

/** A reference longer than this is refused: each of its steps is tried from every SpaceSystem above. */
const MAX_REFERENCE = 2048;

const rootOf = (system: SystemIndex): SystemIndex => (system.parent === undefined ? system : rootOf(system.parent));

/** The SpaceSystem at the end of `steps`, or undefined. */
const walk = (from: SystemIndex, steps: readonly string[]): SystemIndex | undefined =>
  steps.reduce<SystemIndex | undefined>(
    (at, step) => (step === '.' || step === '' ? at : step === '..' ? at?.parent : at?.children.get(step)),
    from,
  );

const lookUp = (from: SystemIndex, steps: readonly string[], kind: Kind): Declaration | undefined => {
  const name = steps.at(-1) ?? '';
  return walk(from, steps.slice(0, -1))?.declared[kind].get(name);
};

/** Finds what `reference` names, seen from `system`. */
export const resolve = (system: SystemIndex, reference: string, kind: Kind): Declaration | undefined => {
  if (reference.length > MAX_REFERENCE) return undefined;
  const steps = reference.trim().split('/');
  if (reference.startsWith('/')) {
    const root = rootOf(system);
    return steps[1] === root.path.slice(1) ? lookUp(root, steps.slice(2), kind) : undefined;
  }
  for (let from: SystemIndex | undefined = system; from !== undefined; from = from.parent) {
    const found = lookUp(from, steps, kind);
    if (found !== undefined) return found;
  }
  return undefined;
};

export interface ValuePath {
  readonly declared: Declaration;
  /** Members and indices inside the parameter. */
  readonly inside: readonly (string | number)[];
}

/** Members and indices of `NAME.member[2].other`. */
const stepsInside = (text: string): readonly (string | number)[] =>
  [...text.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) =>
    index === undefined ? (name ?? '') : Number(index),
  );

/** A reference to a parameter, or into an aggregate or array: `A/B/PARAM.member[1]`, or `A/B/PARAM/member` as older files write it. */
export const resolveValue = (system: SystemIndex, reference: string): ValuePath | undefined => {
  if (reference.length > MAX_REFERENCE) return undefined;
  const whole = resolve(system, reference, 'parameter');
  if (whole !== undefined) return { declared: whole, inside: [] };
  const slash = reference.lastIndexOf('/');
  const cut = reference.slice(slash + 1).search(/[.[]/);
  if (cut > 0) {
    const end = slash + 1 + cut;
    const declared = resolve(system, reference.slice(0, end), 'parameter');
    if (declared !== undefined) return { declared, inside: stepsInside(reference.slice(end)) };
  }
  if (slash <= 0) return undefined;
  const outer = resolveValue(system, reference.slice(0, slash));
  return outer === undefined
    ? undefined
    : { declared: outer.declared, inside: [...outer.inside, ...stepsInside(reference.slice(slash + 1))] };
};
