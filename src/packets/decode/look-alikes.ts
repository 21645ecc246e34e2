/** Commands whose packets nothing tells apart: neither a restriction nor a fixed value differs. A warning, before the first packet comes. */
import { chainOf, placementsOf } from '../xtce/check-overlaps';
import type { Definition, MetaCommand } from '../xtce/definition';
import type { XtceCondition, Container, DefinitionProblem, Entry } from '../xtce/model';
import { expectedOf } from './compile-condition';
import { equalities, keyOf } from './compile-container';
import { COUNTED } from './compile-entry';

/** A command with a container of its own, by which its packets are known. */
export type RecognisedCommand = MetaCommand & { readonly container: Container };

/** Commands that have their container from another one are not told from it. */
export const recognised = ({ commands }: Definition): readonly RecognisedCommand[] =>
  [...commands.values()].filter(
    (command): command is RecognisedCommand =>
      command.container !== undefined && command.container !== command.base?.container,
  );

/** What a packet of a command is known to hold. */
interface Signature {
  readonly command: RecognisedCommand;
  readonly chain: readonly Container[];
  /** Values that are compared, and bits that are fixed. */
  readonly known: ReadonlyMap<string, string>;
  /** Whether other comparisons tell it from others, which is not judged here. */
  readonly hasOthers: boolean;
}

/** Bits of a fixed value that are compared: an operation code is shorter. */
const MAX_BITS = 256;

const bitsOf = (start: number, { bytes, bits }: Extract<Entry, { kind: 'fixed' }>): [string, string][] => {
  const skip = bytes.length * 8 - bits;
  const isCounted = start >= COUNTED.first && start + bits <= COUNTED.end;
  return Array.from({ length: isCounted ? 0 : Math.min(bits, MAX_BITS) }, (_, index) => {
    const bit = skip + index;
    return [`bit ${String(start + index)}`, String(((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1)];
  });
};

const isEqualities = (condition: XtceCondition | undefined): boolean =>
  condition === undefined ||
  (condition.kind === 'all'
    ? condition.of.every(isEqualities)
    : condition.kind === 'compare' && condition.operator === '==');

const signatureOf = (command: RecognisedCommand): Signature => {
  const chain = chainOf(command.container);
  const conditions = chain.map(({ base }) => base?.when);
  const compared = conditions
    .flatMap(equalities)
    .map(({ ref, value }): [string, string] => [keyOf({ ref }), String(expectedOf(ref, value))]);
  const fixed = placementsOf(command.container).flatMap(({ entry, start }) =>
    entry.kind === 'fixed' ? bitsOf(start, entry) : [],
  );
  return { command, chain, known: new Map([...compared, ...fixed]), hasOthers: !conditions.every(isEqualities) };
};

/** Whether a packet can be of both, as far as is known. One that extends the other is a special case of it. */
const isAlike = (a: Signature, b: Signature): boolean => {
  if (a.chain[0] !== b.chain[0] || a.chain.includes(b.command.container) || b.chain.includes(a.command.container))
    return false;
  if (a.hasOthers && b.hasOthers) return false;
  const [few, many] = a.known.size < b.known.size ? [a.known, b.known] : [b.known, a.known];
  for (const [key, value] of few) if ((many.get(key) ?? value) !== value) return false;
  return true;
};

/** The value that most of them are told by; undefined: none tells any two apart. */
const bestKey = (list: readonly Signature[]): string | undefined => {
  const counts = new Map<string, { count: number; readonly values: Set<string> }>();
  for (const { known } of list)
    for (const [key, value] of known) {
      const found = counts.get(key) ?? { count: 0, values: new Set<string>() };
      found.count += 1;
      found.values.add(value);
      counts.set(key, found);
    }
  const telling = [...counts].filter(([, { values }]) => values.size > 1);
  const [best] = telling.reduce<readonly [string | undefined, number]>(
    (before, [key, { count, values }]) => (count * values.size > before[1] ? [key, count * values.size] : before),
    [undefined, 0],
  );
  return best;
};

type Pair = readonly [first: Signature, second: Signature];

/** Each but the first with one before it that it looks like. Those that a value tells apart are never compared. */
const pairsOf = (list: readonly Signature[]): readonly Pair[] => {
  const key = list.length < 2 ? undefined : bestKey(list);
  if (key === undefined) {
    return list.flatMap((second, index): Pair[] => {
      const first = list.slice(0, index).find((before) => isAlike(before, second));
      return first === undefined ? [] : [[first, second]];
    });
  }
  const groups = new Map<string | undefined, Signature[]>();
  for (const item of list) {
    const value = item.known.get(key);
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [item]);
    else group.push(item);
  }
  const open = groups.get(undefined) ?? [];
  const across = list.flatMap((item): Pair[] => {
    const other = item.known.has(key) ? open.find((one) => isAlike(one, item)) : undefined;
    return other === undefined ? [] : [[other, item]];
  });
  return [...[...groups.values()].flatMap(pairsOf), ...across];
};

/** Each command that looks like another one in packets, as a warning at its line. */
export const lookAlikes = (definition: Definition): readonly DefinitionProblem[] => {
  const list = recognised(definition)
    .filter(({ abstract, container }) => !abstract && container.refused === undefined)
    .map(signatureOf);
  const found = new Map<string, DefinitionProblem>();
  for (const [a, b] of pairsOf(list)) {
    const [first, second] = a.command.line <= b.command.line ? [a.command, b.command] : [b.command, a.command];
    if (found.has(second.path)) continue;
    found.set(second.path, {
      line: second.line,
      element: `MetaCommand "${second.name}"`,
      effect: 'warning',
      message: `and ${first.name} (line ${String(first.line)}) look alike in packets: packets of either are shown as "${first.name} or ${second.name}"`,
    });
  }
  return [...found.values()].sort((a, b) => a.line - b.line);
};
