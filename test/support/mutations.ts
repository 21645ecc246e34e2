/** Bad input in kinds that random bytes never find: a valid document that is damaged a little, in its text or in its structure. */
import * as fc from 'fast-check';
import { FdirError } from '../../src/domain/errors';

/** Names that reach a prototype where objects are merged or indexed carelessly. */
export const POLLUTING = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'] as const;

const nested = (depth: number): unknown =>
  Array.from({ length: depth }).reduce<unknown>((inner, _, index) => (index % 2 === 0 ? [inner] : { x: inner }), 0);

/** Values that a reader may not expect in a place. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    2 ** 53,
    0.1,
    '',
    ' ',
    '\u0000',
    '${',
    '${equipment}',
    '1e999',
    '-0s',
  ),
  fc.constantFrom<unknown>(
    [],
    {},
    [[]],
    nested(50),
    'x'.repeat(5000),
    Array.from({ length: 300 }, () => 'a'),
  ),
  fc.constantFrom<unknown>(
    '1 +',
    '((((((1',
    'a && b',
    'size(x) > ',
    '3s',
    '1e9d',
    '../../etc/passwd',
    'file:///etc/passwd',
  ),
  fc.double(),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(...POLLUTING),
  fc.constantFrom(...POLLUTING).map((key) => JSON.parse(`{"${key}":{"polluted":true}}`) as unknown),
  fc.jsonValue({ maxDepth: 3 }),
);

type Path = readonly (string | number)[];
/** Arrays of numbers are values as a whole. */
const isBranch = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);

const pathsOf = (value: unknown, path: Path = []): Path[] => [
  path,
  ...(isBranch(value)
    ? Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, Array.isArray(value) ? Number(key) : key]))
    : []),
];

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (isBranch(inner) ? Reflect.get(inner, key) : undefined), value);

type Damage = 'replace' | 'remove' | 'add' | 'double';
const damages: readonly Damage[] = ['replace', 'replace', 'remove', 'add', 'double'];

const damage = (root: unknown, path: Path, kind: Damage, value: unknown, key: string): unknown => {
  const last = path.at(-1);
  const holder = at(root, path.slice(0, -1));
  if (last === undefined || !isBranch(holder)) return value;
  const found: unknown = Reflect.get(holder, last);
  if (kind === 'add' && isBranch(found) && !Array.isArray(found))
    Object.defineProperty(found, key, { value, enumerable: true, configurable: true, writable: true });
  else if (kind === 'double' && Array.isArray(holder)) holder.push(found);
  else if (kind === 'remove' && Array.isArray(holder)) holder.splice(Number(last), 1);
  else if (kind === 'remove') Reflect.deleteProperty(holder, last);
  else Reflect.set(holder, last, value);
  return root;
};

/** The document with one to three of its parts replaced, removed, doubled or given a key too many. */
export const damagedTree = (document: unknown): fc.Arbitrary<unknown> =>
  fc
    .array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(...damages),
        odd,
        fc.oneof(fc.constantFrom(...POLLUTING), fc.string({ maxLength: 8 })),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((steps) =>
      steps.reduce<unknown>((root, [pick, kind, value, key]) => {
        const paths = pathsOf(root);
        return damage(root, paths[pick % paths.length] ?? [], kind, structuredClone(value), key);
      }, structuredClone(document)),
    );

const bits = [
  '',
  '\u0000',
  '\n',
  '\t',
  ': ',
  '- ',
  '{',
  ']',
  '"',
  "'",
  '&a ',
  '*a',
  '<<: *a',
  '!!js/function ',
  '|',
  '%',
  '\ufeff',
  '🛰',
  '1e999',
];

/** The text with one to four places cut out, doubled, or given a bit of syntax. */
export const damagedText = (text: string): fc.Arbitrary<string> =>
  fc
    .array(
      fc.tuple(
        fc.nat({ max: text.length }),
        fc.nat({ max: 40 }),
        fc.oneof(fc.constantFrom(...bits), fc.string({ unit: 'binary', maxLength: 6 })),
        fc.boolean(),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((cuts) =>
      cuts.reduce(
        (damaged, [from, length, bit, doubles]) =>
          damaged.slice(0, from) + bit + damaged.slice(doubles ? Math.max(0, from - length) : from + length),
        text,
      ),
    );

const judgeRefusal = (error: unknown, codes: readonly FdirError['code'][]): void => {
  if (!(error instanceof FdirError) || !codes.includes(error.code)) throw error;
  expect(error.message).not.toBe('');
};
const expectUnpolluted = (before: readonly string[]): void => {
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect('polluted' in {}).toBe(false);
};

/** Runs a reader on bad input: it may answer, or refuse with an error of the project that says something; nothing else. */
export const refusesAtMost = (read: () => unknown, codes: readonly FdirError['code'][]): void => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  try {
    read();
  } catch (error) {
    judgeRefusal(error, codes);
  }
  expectUnpolluted(before);
};

/** The same of one that answers later. */
export const refusesAtMostLater = async (
  read: () => Promise<unknown>,
  codes: readonly FdirError['code'][],
): Promise<void> => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  try {
    await read();
  } catch (error) {
    judgeRefusal(error, codes);
  }
  expectUnpolluted(before);
};
