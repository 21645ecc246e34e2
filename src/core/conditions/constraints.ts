/**
 * What a condition allows: its disjuncts, each a set of constraints on paths. A text has allowed values, a number an interval,
 * the rest the sub-expression as it is. Enough to tell that a condition can never hold, that two can hold together and that one
 * implies another. Where a condition is too large or opaque the answer errs towards "may hold" and "does not imply".
 */
import type { Comparison, Expression, Leaf, Literal } from '../../domain/expression';

/** Both ends included. */
export type Bounds = readonly [low: number, high: number];

interface Interval {
  readonly low: number;
  readonly high: number;
  /** Whether the end itself is excluded. */
  readonly lowOpen: boolean;
  readonly highOpen: boolean;
}

/** Texts and booleans: the only ones allowed, or those excluded when the possible ones are not known. */
interface Choice {
  readonly only?: readonly Literal[] | undefined;
  readonly except: readonly Literal[];
}

/** One way in which a condition can hold; every constraint applies. */
export interface Disjunct {
  readonly intervals: ReadonlyMap<string, Interval>;
  readonly choices: ReadonlyMap<string, Choice>;
  /** Sub-expressions that cannot be reasoned about: `+text` must hold, `-text` must not. */
  readonly opaque: ReadonlySet<string>;
}

/** What is known of values before any condition is looked at. */
export interface Domain {
  readonly texts: ReadonlyMap<string, readonly string[]>;
  readonly bounds: ReadonlyMap<string, Bounds>;
}

/** More ways than this are not enumerated: the condition is taken as one that may always hold. */
const MAX_DISJUNCTS = 256;

const ANYTHING: Disjunct = { intervals: new Map(), choices: new Map(), opaque: new Set() };
/** Stands for more ways than are enumerated: it may hold, it implies nothing and nothing implies it. */
const TOO_MANY: Disjunct = { ...ANYTHING, opaque: new Set(['+one of too many ways']) };
const EVERY: Interval = { low: -Infinity, high: Infinity, lowOpen: false, highOpen: false };

const meetIntervals = (a: Interval, b: Interval): Interval => ({
  low: Math.max(a.low, b.low),
  high: Math.min(a.high, b.high),
  lowOpen: a.low === b.low ? a.lowOpen || b.lowOpen : a.low > b.low ? a.lowOpen : b.lowOpen,
  highOpen: a.high === b.high ? a.highOpen || b.highOpen : a.high < b.high ? a.highOpen : b.highOpen,
});

const isEmpty = ({ low, high, lowOpen, highOpen }: Interval): boolean =>
  low > high || (low === high && (lowOpen || highOpen));

const meetChoices = (a: Choice, b: Choice): Choice => {
  const except = [...new Set([...a.except, ...b.except])];
  const only =
    a.only === undefined ? b.only : b.only === undefined ? a.only : a.only.filter((item) => b.only?.includes(item));
  return only === undefined ? { except } : { only: only.filter((item) => !except.includes(item)), except: [] };
};

const mergeMaps = <T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  meet: (x: T, y: T) => T,
): Map<string, T> => {
  const merged = new Map(a);
  for (const [path, item] of b) {
    const before = merged.get(path);
    merged.set(path, before === undefined ? item : meet(before, item));
  }
  return merged;
};

/** Both hold; undefined when they cannot. */
export const meet = (a: Disjunct, b: Disjunct): Disjunct | undefined => {
  const intervals = mergeMaps(a.intervals, b.intervals, meetIntervals);
  const choices = mergeMaps(a.choices, b.choices, meetChoices);
  const opaque = new Set([...a.opaque, ...b.opaque]);
  if ([...intervals.values()].some(isEmpty)) return undefined;
  if ([...choices.values()].some(({ only }) => only?.length === 0)) return undefined;
  if ([...opaque].some((text) => text.startsWith('+') && opaque.has(`-${text.slice(1)}`))) return undefined;
  return { intervals, choices, opaque };
};

const intervalOf = (comparator: Comparison['comparator'], value: number): Interval | undefined => {
  switch (comparator) {
    case '==':
      return { ...EVERY, low: value, high: value };
    case '<':
      return { ...EVERY, high: value, highOpen: true };
    case '<=':
      return { ...EVERY, high: value };
    case '>':
      return { ...EVERY, low: value, lowOpen: true };
    case '>=':
      return { ...EVERY, low: value };
    case '!=':
    case 'in':
      return undefined;
  }
};

const NEGATED = { '==': '!=', '!=': '==', '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

const withDomain = (path: string, own: Disjunct, domain: Domain): Disjunct[] => {
  const texts = domain.texts.get(path);
  const bounds = domain.bounds.get(path);
  const known: Disjunct = {
    ...ANYTHING,
    ...(texts !== undefined && own.choices.has(path) && { choices: new Map([[path, { only: texts, except: [] }]]) }),
    ...(bounds !== undefined &&
      own.intervals.has(path) && { intervals: new Map([[path, { ...EVERY, low: bounds[0], high: bounds[1] }]]) }),
  };
  const both = meet(known, own);
  return both === undefined ? [] : [both];
};

const opaqueLeaf = (text: string, holds: boolean): Disjunct[] => [
  { ...ANYTHING, opaque: new Set([`${holds ? '+' : '-'}${text}`]) },
];

const disjunctsOfLeaf = ({ text, comparison, constant }: Leaf, holds: boolean, domain: Domain): Disjunct[] => {
  if (constant !== undefined) return constant === holds ? [ANYTHING] : [];
  if (comparison === undefined) return opaqueLeaf(text, holds);
  const { path, comparator, literals } = comparison;
  const [first] = literals;
  if (first === undefined) return holds ? [] : [ANYTHING];
  if (typeof first === 'number') {
    if (comparator === 'in') return opaqueLeaf(text, holds);
    const interval = intervalOf(holds ? comparator : NEGATED[comparator], first);
    if (interval === undefined) return opaqueLeaf(text, holds);
    return withDomain(path, { ...ANYTHING, intervals: new Map([[path, interval]]) }, domain);
  }
  const isPositive = (comparator === '==' || comparator === 'in') === holds;
  if (comparator !== '==' && comparator !== '!=' && comparator !== 'in') return opaqueLeaf(text, holds);
  if (typeof first === 'boolean') {
    const choice: Choice = { only: [isPositive ? first : !first], except: [] };
    return [{ ...ANYTHING, choices: new Map([[path, choice]]) }];
  }
  const choice: Choice = isPositive ? { only: literals, except: [] } : { except: literals };
  return withDomain(path, { ...ANYTHING, choices: new Map([[path, choice]]) }, domain);
};

const product = (left: readonly Disjunct[], right: readonly Disjunct[]): Disjunct[] => {
  if (left.length * right.length > MAX_DISJUNCTS) return [TOO_MANY];
  return left.flatMap((a) =>
    right.flatMap((b) => {
      const both = meet(a, b);
      return both === undefined ? [] : [both];
    }),
  );
};

const sum = (left: readonly Disjunct[], right: readonly Disjunct[]): Disjunct[] =>
  left.length + right.length > MAX_DISJUNCTS ? [TOO_MANY] : [...left, ...right];

/** The ways in which an expression can hold (or not hold); none: never. */
export const disjunctsOf = (expression: Expression, domain: Domain, holds = true): readonly Disjunct[] => {
  switch (expression.kind) {
    case 'leaf':
      return disjunctsOfLeaf(expression, holds, domain);
    case 'not':
      return disjunctsOf(expression.operand, domain, !holds);
    case 'and':
    case 'or': {
      const left = disjunctsOf(expression.left, domain, holds);
      const right = disjunctsOf(expression.right, domain, holds);
      return (expression.kind === 'and') === holds ? product(left, right) : sum(left, right);
    }
    case 'if': {
      const test = disjunctsOf(expression.test, domain);
      const fails = disjunctsOf(expression.test, domain, false);
      return sum(
        product(test, disjunctsOf(expression.then, domain, holds)),
        product(fails, disjunctsOf(expression.otherwise, domain, holds)),
      );
    }
  }
};

/** Whether two conditions can hold at the same time. */
export const canCoincide = (a: readonly Disjunct[], b: readonly Disjunct[]): boolean => product(a, b).length > 0;

const containsInterval = (outer: Interval, inner: Interval): boolean =>
  (outer.low < inner.low || (outer.low === inner.low && (!outer.lowOpen || inner.lowOpen))) &&
  (outer.high > inner.high || (outer.high === inner.high && (!outer.highOpen || inner.highOpen)));

const containsChoice = (outer: Choice, inner: Choice): boolean => {
  const { only } = inner;
  if (only !== undefined) {
    return only.every(
      (item) => (outer.only === undefined || outer.only.includes(item)) && !outer.except.includes(item),
    );
  }
  return outer.only === undefined && outer.except.every((item) => inner.except.includes(item));
};

const contains = (outer: Disjunct, inner: Disjunct): boolean =>
  [...outer.intervals].every(([path, item]) => containsInterval(item, inner.intervals.get(path) ?? EVERY)) &&
  [...outer.choices].every(([path, item]) => containsChoice(item, inner.choices.get(path) ?? { except: [] })) &&
  [...outer.opaque].every((text) => inner.opaque.has(text));

/** Whether `b` certainly holds whenever `a` does. */
export const implies = (a: readonly Disjunct[], b: readonly Disjunct[]): boolean =>
  a.every((inner) => b.some((outer) => contains(outer, inner)));

/** The texts a path can have in any of the ways; undefined when some way does not say. */
export const textsOf = (disjuncts: readonly Disjunct[], path: string): readonly string[] | undefined => {
  const found = new Set<string>();
  for (const { choices } of disjuncts) {
    const only = choices.get(path)?.only;
    if (only === undefined) return undefined;
    for (const item of only) if (typeof item === 'string') found.add(item);
  }
  return [...found];
};

/** Adds the constraint that a path has one of these texts. */
export const restrict = (disjuncts: readonly Disjunct[], path: string, only: readonly string[]): readonly Disjunct[] =>
  product(disjuncts, [{ ...ANYTHING, choices: new Map([[path, { only, except: [] }]]) }]);
