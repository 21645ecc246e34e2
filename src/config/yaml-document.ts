/** Reads a YAML document against a zod schema and reports EVERY problem with its line, not only the first. */
import { isMap, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { FdirError, type Problem } from '../domain/errors';

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
  // maxAliasCount bounds "billion laughs" documents.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file,
      line: lines.linePos(error.pos[0]).line,
      message: error.message,
    }));
    throw new FdirError('config', `${file} is not valid YAML`, problems);
  }
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new FdirError('config', `${file} cannot be read`, [
      { file, line: 1, message: error instanceof Error ? error.message : String(error) },
    ]);
  }
  const result = schema.safeParse(plain);
  if (result.success) return { value: result.data, lineOf: (path) => lineOf(document, lines, path) };
  const problems = result.error.issues.flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        file,
        line: lineOf(document, lines, issue.path, key),
        path: pathText([...issue.path, key]),
        message: 'unknown key',
      }));
    }
    return [{ file, line: lineOf(document, lines, issue.path), path: pathText(issue.path), message: issue.message }];
  });
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  throw new FdirError(
    'config',
    `${file} has ${String(problems.length)} problem${problems.length === 1 ? '' : 's'}`,
    problems,
  );
};
