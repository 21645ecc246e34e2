/** The size of functions and files, as the house rules count them, by the compiler's own syntax tree. */
import ts from 'typescript';

export const MAX_FUNCTION_LINES = 80;
export const MAX_FILE_LINES = 300;
export const MAX_PARAMETERS = 4;

/** One thing that a rule is about, and its size. */
export interface SourceFinding {
  /** `core/csv.ts writeCsv`, the path alone, or a sentence. */
  readonly what: string;
  readonly count: number;
}

type Body = ts.FunctionLikeDeclaration & { readonly body: ts.ConciseBody };

const isFunction = (node: ts.Node): node is Body =>
  ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;

const isMarkup = (node: ts.Node): boolean =>
  ts.isJsxElement(node) || ts.isJsxFragment(node) || ts.isJsxSelfClosingElement(node);

const holdsFunction = (node: ts.Node): boolean =>
  isFunction(node) || (ts.forEachChild(node, (child) => holdsFunction(child) || undefined) ?? false);

/** Data written down: a literal with no function in it, or a text over several lines. */
const isTable = (node: ts.Node): boolean =>
  ((ts.isObjectLiteralExpression(node) || ts.isArrayLiteralExpression(node)) && !holdsFunction(node)) ||
  ts.isTemplateLiteral(node);

const linesOf = (node: ts.Node, file: ts.SourceFile): number => {
  const lineAt = (position: number): number => file.getLineAndCharacterOfPosition(position).line;
  return lineAt(node.getEnd()) - lineAt(node.getStart(file)) + 1;
};

/** Lines of JSX and of tables below a node. The first line of each still counts as the code that it stands in. */
const exceptedLines = (node: ts.Node, file: ts.SourceFile): number => {
  let lines = 0;
  ts.forEachChild(node, (child) => {
    lines += isMarkup(child) || isTable(child) ? linesOf(child, file) - 1 : exceptedLines(child, file);
  });
  return lines;
};

const nameOf = (node: Body): string => {
  const named =
    node.name ??
    (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent.name : undefined);
  if (named !== undefined) return named.getText();
  return ts.isConstructorDeclaration(node) ? 'constructor' : 'a function without a name';
};

export interface SourceFigures {
  /** Every function, with its lines less those of JSX and tables. */
  readonly functions: readonly SourceFinding[];
  readonly parameters: readonly SourceFinding[];
  readonly file: SourceFinding;
}

/** @param path as it is reported. @param text of one TypeScript file. */
export const measureSource = (path: string, text: string): SourceFigures => {
  const kind = path.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true, kind);
  const functions: SourceFinding[] = [];
  const parameters: SourceFinding[] = [];
  const visit = (node: ts.Node): void => {
    if (isFunction(node)) {
      const what = `${path} ${nameOf(node)}`;
      functions.push({ what, count: linesOf(node, file) - exceptedLines(node, file) });
      parameters.push({ what, count: node.parameters.filter(({ name }) => name.getText(file) !== 'this').length });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return { functions, parameters, file: { what: path, count: lines } };
};
