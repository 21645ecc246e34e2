/** Which container a packet begins with. */
import type { Container, DefinitionProblem } from '../xtce/model';
import type { Children } from './compile-container';

export type ChosenRoot =
  { readonly ok: true; readonly root: Container } | { readonly ok: false; readonly problem: DefinitionProblem };

const refusal = (line: number, element: string, message: string): ChosenRoot => ({
  ok: false,
  problem: { line, element, effect: 'refused', message },
});

const nestedIn = (containers: readonly Container[]): ReadonlySet<Container> =>
  new Set(
    containers.flatMap(({ entries }) =>
      entries.flatMap((entry) => (entry.kind === 'container' ? [entry.container] : [])),
    ),
  );

const MAX_NAMED = 10;
const listOf = (containers: readonly Container[]): string =>
  containers
    .slice(0, MAX_NAMED)
    .map(({ id, line }) => `${id} (line ${String(line)})`)
    .join(', ') + (containers.length > MAX_NAMED ? ', ...' : '');

const byName = (containers: readonly Container[], wanted: string): ChosenRoot => {
  const exact = containers.filter(({ id, path }) => id === wanted || path === wanted);
  const found = exact.length > 0 ? exact : containers.filter(({ name }) => name === wanted);
  const [only, more] = found;
  if (only === undefined) return refusal(1, `container ${wanted}`, `is not defined; there are ${listOf(containers)}`);
  if (more !== undefined) return refusal(only.line, `container ${wanted}`, `is not one container: ${listOf(found)}`);
  return { ok: true, root: only };
};

/**
 * The root is the one container that extends nothing and is nested in none. If there are several, it is the only one that others extend.
 * Else the caller has to name it.
 */
export const chooseRoot = (containers: readonly Container[], children: Children, wanted?: string): ChosenRoot => {
  if (wanted !== undefined) return byName(containers, wanted);
  const nested = nestedIn(containers);
  const tops = containers.filter((container) => container.base === undefined && !nested.has(container));
  // One whose base is refused has none any more, and is no beginning.
  const roots = tops.filter(({ refused }) => refused === undefined);
  const extended = roots.filter((container) => children.has(container));
  const candidates = extended.length > 0 ? extended : roots;
  const [only, second] = candidates;
  if (only === undefined) {
    const [spoilt] = tops;
    const why =
      spoilt?.refused === undefined ? 'is defined' : `is left: line ${String(spoilt.refused.line)} is refused`;
    return refusal(spoilt?.line ?? 1, 'ContainerSet', `no container that packets could begin with ${why}`);
  }
  if (second !== undefined) {
    return refusal(
      second.line,
      `SequenceContainer "${second.name}"`,
      `is a second root container beside ${listOf(candidates.filter((one) => one !== second))}; name the one that packets begin with`,
    );
  }
  return { ok: true, root: only };
};
