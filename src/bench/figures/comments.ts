/**
 * Sentences of the comments of a source file. Lines that follow one another are one text. A blank line, an item or a tag (`@param
 * x`) begins another one. Code between backquotes is one word.
 */
import ts from 'typescript';
import { sentencesOf } from './sentences';
import type { SourceFinding } from './source-figures';

/** Everything that is comment and no directive for a tool. */
const isProse = (text: string): boolean => !/^(eslint|prettier|@ts-|istanbul|c8|#)/.test(text);

/** The lines of a comment without its signs. */
const linesOf = (comment: string): readonly string[] =>
  comment.startsWith('//')
    ? [comment.slice(2).trim()]
    : comment
        .replace(/^\/\*+/, '')
        .replace(/\*+\/$/, '')
        .split('\n')
        .map((line) => line.replace(/^\s*\*/, '').trim());

/** Texts of a comment: blank lines, tags and items of lists begin a new one. */
const textsOf = (lines: readonly string[]): readonly string[] =>
  lines
    .join('\n')
    .split(/\n\s*\n|\n(?=- )|\s(?=@(?:param|returns|throws)\b)/)
    .map((text) =>
      text
        .replace(/^@(param\s+\S+|\w+)/, '')
        .replace(/`[^`]*`/g, 'Code')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    // A table of truth values is no prose.
    .filter((text) => text !== '' && !text.includes('--+--'));

/** Comments in their order; `//` lines directly below one another are one. */
const commentsOf = (path: string, text: string): readonly (readonly string[])[] => {
  const kind = path.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true, kind);
  const seen = new Map<number, { readonly end: number; readonly isLine: boolean }>();
  const note = (node: ts.Node): void => {
    // What looks like a comment there is text of the page.
    if (ts.isJsxText(node)) return;
    const ranges = [
      ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
    ];
    for (const { pos, end, kind: what } of ranges)
      seen.set(pos, { end, isLine: what === ts.SyntaxKind.SingleLineCommentTrivia });
    node.getChildren(file).forEach(note);
  };
  note(file);
  const comments: string[][] = [];
  let lastLineEnd = -1;
  for (const [pos, { end, isLine }] of [...seen].sort(([a], [b]) => a - b)) {
    const lines = linesOf(text.slice(pos, end));
    const isNext = isLine && lastLineEnd >= 0 && /^\r?\n[ \t]*$/.test(text.slice(lastLineEnd, pos));
    if (isNext) comments.at(-1)?.push(...lines);
    else comments.push([...lines]);
    lastLineEnd = isLine ? end : -1;
  }
  return comments;
};

/** @param path as it is reported. @param text of one TypeScript file. */
export const measureComments = (path: string, text: string): readonly SourceFinding[] =>
  commentsOf(path, text)
    .flatMap(textsOf)
    .filter(isProse)
    .flatMap(sentencesOf)
    .map(({ what, count }) => ({ what: `${path}: ${what}`, count }));
