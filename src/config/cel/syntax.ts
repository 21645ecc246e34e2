/** Reading CEL's syntax tree: paths of names, literals, comparisons. What is found here is reasoned about and evaluated directly. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Comparator, Leaf, Literal } from '../../domain/expression';
import { parseDuration } from '../../domain/units';

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names that are not a parameter's when they stand alone; such a parameter is written `tm["mode"]`. */
const RESERVED = new Set([
  ...['tm', 'mode', 'health', 'monitors', 'command', 'commands', 'anomaly', 'check', 'monitor', 'model', 'report'],
  'time',
  ...['in', 'true', 'false', 'null'],
]);
/** Variables whose keys are names of the mission or the rules. */
export const MAPS: ReadonlySet<string> = new Set(['tm', 'health', 'monitors', 'commands']);

/** Whether a parameter may stand alone, without `tm[...]`. */
export const isPlainName = (id: string): boolean => IDENTIFIER.test(id) && !RESERVED.has(id);

export const isNode = (value: unknown): value is ASTNode =>
  typeof value === 'object' && value !== null && 'op' in value;

/** Every node below, the node itself first. */
export const nodesOf = (node: ASTNode): readonly ASTNode[] => {
  const below = (value: unknown): readonly ASTNode[] =>
    Array.isArray(value) ? value.flatMap(below) : isNode(value) ? nodesOf(value) : [];
  return [node, ...below(node.args)];
};

export const textOf = ({ input, start, end }: ASTNode): string => input.slice(start, end);

/** `anomaly.fault`, `tm["x"]`: the parts of a path of names; undefined for anything else. */
export const partsOf = (node: ASTNode): readonly string[] | undefined => {
  if (node.op === 'id') return [node.args];
  if (node.op === '.') {
    const [object, field] = node.args;
    const parts = partsOf(object);
    return parts && [...parts, field];
  }
  if (node.op === '[]') {
    const [object, index] = node.args;
    const parts = partsOf(object);
    return parts && index.op === 'value' && typeof index.args === 'string' ? [...parts, index.args] : undefined;
  }
  return undefined;
};

/** The parts in one spelling: a parameter is `tm`, `id` however it was written. */
export const normalParts = (node: ASTNode, parameters: ReadonlySet<string>): readonly string[] | undefined => {
  const parts = partsOf(node);
  const [root = ''] = parts ?? [];
  return parts?.length === 1 && parameters.has(root) && isPlainName(root) ? ['tm', root] : parts;
};

/** The same as text; of anything that is no path its own text without blanks. */
export const pathOf = (node: ASTNode, parameters: ReadonlySet<string>): string => {
  const parts = normalParts(node, parameters);
  if (parts === undefined) return textOf(node).replaceAll(/\s+/g, '');
  const [root = '', field = ''] = parts;
  if (root === 'commands' && parts.length === 3) return `command("${field}").${parts[2] ?? ''}`;
  return parts.length === 2 && MAPS.has(root) ? `${root}["${field}"]` : parts.join('.');
};

export const literalOf = (node: ASTNode): Literal | undefined => {
  if (node.op === 'value') {
    const { args } = node;
    if (typeof args === 'bigint') return Number(args);
    return typeof args === 'string' || typeof args === 'number' || typeof args === 'boolean' ? args : undefined;
  }
  if (node.op === '-_') {
    const value = literalOf(node.args);
    return typeof value === 'number' ? -value : undefined;
  }
  if (node.op === 'call' && node.args[0] === 'duration') {
    const [text] = node.args[1];
    const value = text && literalOf(text);
    return typeof value === 'string' ? parseDuration(value) : undefined;
  }
  return undefined;
};

const literalsOf = (node: ASTNode): readonly Literal[] | undefined => {
  if (node.op !== 'list') {
    const only = literalOf(node);
    return only === undefined ? undefined : [only];
  }
  const all = node.args.map(literalOf);
  const known = all.filter((item) => item !== undefined);
  return known.length === all.length ? known : undefined;
};

const FLIPPED = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
export const isComparator = (op: string): op is Comparator => op === 'in' || op in FLIPPED;

export interface Sides {
  /** What is not literal. */
  readonly subject: ASTNode;
  readonly comparator: Comparator;
  readonly literals: readonly Literal[];
}

/** A comparison with literals; `0.8 <= anomaly.confidence` is read as `anomaly.confidence >= 0.8`. */
export const sidesOf = (node: ASTNode): Sides | undefined => {
  if (!isComparator(node.op)) return undefined;
  const [left, right] = node.args as [ASTNode, ASTNode];
  const onRight = literalsOf(right);
  if (onRight !== undefined && (node.op === 'in') === (right.op === 'list') && literalOf(left) === undefined) {
    return { subject: left, comparator: node.op, literals: onRight };
  }
  const onLeft = literalOf(left);
  if (node.op === 'in' || onLeft === undefined) return undefined;
  return { subject: right, comparator: FLIPPED[node.op], literals: [onLeft] };
};

/** A sub-expression without logic, as far as it can be reasoned about. */
export const leafOf = (node: ASTNode, parameters: ReadonlySet<string>): Leaf => {
  const text = textOf(node);
  if (node.op === 'value' && typeof node.args === 'boolean') return { kind: 'leaf', text, constant: node.args };
  const sides = sidesOf(node);
  if (sides !== undefined) {
    const { subject, comparator, literals } = sides;
    return { kind: 'leaf', text, comparison: { path: pathOf(subject, parameters), comparator, literals } };
  }
  if (partsOf(node) === undefined) return { kind: 'leaf', text };
  return { kind: 'leaf', text, comparison: { path: pathOf(node, parameters), comparator: '==', literals: [true] } };
};

/** Telecommands that a condition names. */
export const commandsIn = (node: ASTNode): readonly string[] =>
  nodesOf(node).flatMap((item) => {
    const [root, name, ...rest] = partsOf(item) ?? [];
    return root === 'commands' && name !== undefined && rest.length === 0 ? [name] : [];
  });

/** What of a sub-expression can be stale: parameters, and the mode. */
export const needsOf = (node: ASTNode, parameters: ReadonlySet<string>) => {
  const nodes = nodesOf(node);
  const named = nodes.flatMap((item) => {
    const [root, field, ...rest] = normalParts(item, parameters) ?? [];
    return root === 'tm' && field !== undefined && rest.length === 0 ? [field] : [];
  });
  return { parameters: [...new Set(named)], mode: nodes.some((item) => item.op === 'id' && item.args === 'mode') };
};
