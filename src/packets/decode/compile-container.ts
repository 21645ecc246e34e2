/** Containers to steps: entries, then the one derived container whose restriction holds, then what stands at the end. */
import { chainOf } from '../xtce/check-overlaps';
import type { XtceCondition, Container, ValueReference } from '../xtce/model';
import { compileCondition, expectedOf, type Holds } from './compile-condition';
import type { CompileContext } from './compile-context';
import { compileEntry } from './compile-entry';
import { compileReference } from './compile-reference';
import { readCandidates } from './read-candidates';
import { stop, type DecodeProblem, type Run, type Step } from './values';

/** Containers by the container that they extend. */
export type Children = ReadonlyMap<Container, readonly Container[]>;

export interface ContainerNode {
  readonly container: Container;
  readonly entries: readonly Step[];
  /** Entries at the end of the container: they are read after those of derived containers. */
  readonly trailing: readonly Step[];
  readonly children: readonly Child[];
  /** Children that a packet may be, by one value that all of them compare. */
  readonly choose: (run: Run) => readonly Child[];
}
interface Child {
  readonly holds: Holds;
  readonly node: ContainerNode;
}

interface Equality {
  readonly ref: ValueReference;
  readonly value: string;
}

/** Comparisons for equality that must hold. */
export const equalities = (condition: XtceCondition | undefined): readonly Equality[] => {
  if (condition === undefined) return [];
  if (condition.kind === 'all') return condition.of.flatMap(equalities);
  return condition.kind === 'compare' && condition.operator === '==' ? [condition] : [];
};

export const keyOf = ({ ref }: Pick<Equality, 'ref'>): string => `${ref.id} ${String(ref.calibrated)}`;

/** Fewer children than this are tried one by one. */
const MIN_INDEXED = 3;

/**
 * An index over the value that most children compare, so that a packet of one APID does not try the restrictions of two hundred.
 * Children that do not compare it are tried always; all stay in document order.
 */
const compileChoice = (
  context: CompileContext,
  children: readonly Child[],
  conditions: readonly (XtceCondition | undefined)[],
): ((run: Run) => readonly Child[]) => {
  const counts = new Map<string, { count: number; ref: ValueReference }>();
  for (const condition of conditions) {
    for (const equality of equalities(condition)) {
      const key = keyOf(equality);
      counts.set(key, { count: (counts.get(key)?.count ?? 0) + 1, ref: equality.ref });
    }
  }
  const [best] = [...counts.entries()].sort(([, a], [, b]) => b.count - a.count);
  if (best === undefined || children.length < MIN_INDEXED) return () => children;
  const [bestKey, { ref }] = best;
  const compared = conditions.map((condition) => {
    const equality = equalities(condition).find((one) => keyOf(one) === bestKey);
    return equality === undefined ? undefined : expectedOf(ref, equality.value);
  });
  const always = children.filter((_, index) => compared[index] === undefined);
  const byValue = new Map(
    compared
      .filter((value) => value !== undefined)
      .map((value) => [
        value,
        children.filter((_, index) => compared[index] === undefined || compared[index] === value),
      ]),
  );
  const valueOf = compileReference(context, ref);
  return (run) => {
    const value = valueOf(run);
    return (
      (value === undefined || value === null || value instanceof Uint8Array ? undefined : byValue.get(value)) ?? always
    );
  };
};

export class ContainerCompiler {
  readonly #nodes = new Map<Container, ContainerNode>();

  constructor(
    readonly context: CompileContext,
    readonly children: Children,
  ) {}

  node(container: Container): ContainerNode {
    const known = this.#nodes.get(container);
    if (known !== undefined) return known;
    const refusal = container.refused;
    const isAtEnd = (index: number): boolean => container.entries[index]?.location?.from === 'containerEnd';
    const steps =
      refusal === undefined
        ? container.entries.map((entry) => compileEntry(this.context, entry, (nested) => this.#nested(nested)))
        : [
            (run: Run) =>
              stop(run, 'refused', container.id, `line ${String(refusal.line)}: ${refusal.element} ${refusal.message}`),
          ];
    // A restriction that cannot be read would make every packet one of this container.
    const derived = (this.children.get(container) ?? []).filter(({ base }) => base?.isUnreadable !== true);
    const compiled = derived.map((child) => ({
      holds: child.base?.when === undefined ? () => true : compileCondition(this.context, child.base.when),
      node: this.node(child),
    }));
    const node: ContainerNode = {
      container,
      entries: steps.filter((_, index) => refusal !== undefined || !isAtEnd(index)),
      trailing: steps.filter((_, index) => refusal === undefined && isAtEnd(index)),
      children: compiled,
      choose: compileChoice(
        this.context,
        compiled,
        derived.map(({ base }) => base?.when),
      ),
    };
    this.#nodes.set(container, node);
    return node;
  }

  /** A container inside another one: with what it extends, and what extends it and fits. */
  #nested(container: Container): Step {
    const outer = chainOf(container)
      .slice(0, -1)
      .map((one) => this.node(one));
    const node = this.node(container);
    const sizeBits = container.sizeBits;
    return (run) => {
      const { containerStart, containerEnd, endBits } = run;
      run.containerStart = run.position;
      run.containerEnd = sizeBits === undefined ? undefined : run.position + sizeBits;
      if (run.containerEnd !== undefined && run.containerEnd > endBits) {
        return stop(run, 'truncated', container.id, `${String(sizeBits)} bits are needed`);
      }
      const isRead =
        outer.every(({ entries }) => entries.every((step) => step(run))) &&
        readNode(run, node, false) !== undefined &&
        outer.every(({ trailing }) => trailing.every((step) => step(run)));
      if (isRead && run.containerEnd !== undefined) {
        if (run.position > run.containerEnd)
          return stop(run, 'bad-size', container.id, 'its entries are longer than its size');
        run.position = run.containerEnd;
        if (run.position > run.bitsUsed) run.bitsUsed = run.position;
      }
      run.containerStart = containerStart;
      run.containerEnd = containerEnd;
      return isRead;
    };
  }
}

const ambiguous = (run: Run, first: ContainerNode, second: ContainerNode): DecodeProblem => ({
  code: 'ambiguous',
  bit: run.position,
  at: first.container.id,
  message: `${second.container.id} fits as well; the first one is taken`,
});

/** Reads the container and what extends it. @returns the most derived one that was read, undefined when reading stopped */
export const readNode = (run: Run, node: ContainerNode, mustFit: boolean): ContainerNode | undefined => {
  for (const step of node.entries) if (!step(run)) return undefined;
  const fitting = node.children.length === 0 ? node.children : node.choose(run).filter(({ holds }) => holds(run));
  let leaf: ContainerNode | undefined;
  const [first, second] = fitting;
  if (first === undefined) {
    leaf = node;
    if (mustFit && node.container.abstract) {
      stop(run, 'unknown-packet', node.container.id, 'no container that extends it fits');
    }
  } else if (run.others === undefined) {
    leaf = readNode(run, first.node, mustFit);
    if (second !== undefined && leaf !== undefined) run.problems.push(ambiguous(run, first.node, second.node));
  } else {
    leaf = readCandidates(
      run,
      fitting.map((child) => () => readNode(run, child.node, mustFit)),
    );
  }
  if (leaf === undefined) return undefined;
  for (const step of node.trailing) if (!step(run)) return undefined;
  return leaf;
};
