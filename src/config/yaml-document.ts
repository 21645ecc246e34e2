/** Reads a YAML document against a zod schema and reports EVERY problem with its line, not only the first. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { z } from 'zod';
import { describeError, FdirError, type Problem } from '../domain/errors';
import { MAX_NESTING, tooDeepLine } from './yaml-depth';

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${String(key)}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  );

/** The line of the deepest node of `path` that exists; for an unknown key, of the key itself. */
const lineOf = (document: Document, lines: LineCounter, path: readonly PropertyKey[], unknownKey?: string): number => {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (isMap(node) && unknownKey !== undefined && depth === path.length) {
      const key = node.items.find((pair) => String(pair.key) === unknownKey)?.key as
        { range?: [number, number, number] } | undefined;
      if (key?.range) return lines.linePos(key.range[0]).line;
    }
    const range = (node as { range?: [number, number, number] | null } | undefined)?.range;
    if (range) {
      // A block collection starts at its first item, one line below the key that names it: near enough and never above it.
      return lines.linePos(range[0]).line;
    }
    if (isSeq(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
};

/** Problems of a file that are told one by one. */
const TOLD_PROBLEMS = 100;

const bounded = (file: string, problems: readonly Problem[]): readonly Problem[] =>
  problems.length <= TOLD_PROBLEMS
    ? problems
    : [
        ...problems.slice(0, TOLD_PROBLEMS),
        { file, message: `and ${String(problems.length - TOLD_PROBLEMS)} more problems` },
      ];

/** The package compares every key with every other, which takes minutes for a file made for it. */
const repeatedKeys = (document: Document): readonly { readonly at: number; readonly message: string }[] => {
  const found: { at: number; message: string }[] = [];
  visit(document, {
    Map: (_key, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) found.push({ at: key.range?.[0] ?? 0, message: 'Map keys must be unique' });
        seen.add(key.value);
      }
    },
  });
  return found;
};

/** A parsed document and a way to find the line of any of its paths, for checks made after parsing. */
export interface YamlDocument<T> {
  readonly value: T;
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/**
 * Parses `text` (the content of `file`) with `schema`.
 * @throws FdirError `config` listing every syntax or schema problem with file, line and path.
 */
export const parseYaml = <S extends z.ZodType>(file: string, text: string, schema: S): YamlDocument<z.infer<S>> => {
  const lines = new LineCounter();
  const deep = tooDeepLine(text);
  if (deep !== undefined)
    throw new FdirError('config', `${file} cannot be read`, [
      { file, line: deep, message: `is nested more than ${String(MAX_NESTING)} deep` },
    ]);
  // maxAliasCount bounds "billion laughs" documents.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const invalid = [
    ...document.errors.map((error) => ({ at: error.pos[0], message: error.message })),
    ...repeatedKeys(document),
  ].map(({ at, message }) => ({ file, line: lines.linePos(at).line, message }));
  if (invalid.length > 0) throw new FdirError('config', `${file} is not valid YAML`, bounded(file, invalid));
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new FdirError('config', `${file} cannot be read`, [{ file, line: 1, message: describeError(error) }]);
  }
  const result = schema.safeParse(plain);
  if (result.success) return { value: result.data, lineOf: (path) => lineOf(document, lines, path) };
  const problems = result.error.issues.slice(0, TOLD_PROBLEMS).flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys') {
      // Looking for the line of each would take the square of their number.
      return issue.keys.slice(0, TOLD_PROBLEMS).map((key) => ({
        file,
        line: lineOf(document, lines, issue.path, key),
        path: pathText([...issue.path, key]),
        message: 'unknown key',
      }));
    }
    return [{ file, line: lineOf(document, lines, issue.path), path: pathText(issue.path), message: issue.message }];
  });
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const count = result.error.issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1),
    0,
  );
  const untold = count - problems.length;
  if (untold > 0) problems.push({ file, message: `and ${String(untold)} more problems` });
  throw new FdirError('config', `${file} has ${String(count)} problem${count === 1 ? '' : 's'}`, problems);
};
