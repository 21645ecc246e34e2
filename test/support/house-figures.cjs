/**
 * The figures of the house, counted with the TypeScript compiler: `npm run figures` prints them, and a test holds them.
 *
 * A function's length is the number of its lines that hold code. Lines of markup (JSX, `html` templates) and of tables (array and object literals
 * without any function in them) do not count: they are read like a page, not like a program.
 */
const ts = require('typescript');
const { readdirSync, readFileSync, statSync } = require('node:fs');
const { join, relative } = require('node:path');

const ROOT = join(__dirname, '../..');
const MAX_FUNCTION_LINES = 80;
const MAX_FILE_LINES = 300;
const MAX_POSITIONAL = 4;

const walk = (folder) =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : /\.tsx?$/.test(path) ? [path] : [];
  });

const isFunction = (node) =>
  ts.isFunctionDeclaration(node) ||
  ts.isFunctionExpression(node) ||
  ts.isArrowFunction(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isConstructorDeclaration(node) ||
  ts.isGetAccessor(node) ||
  ts.isSetAccessor(node);

const holdsFunction = (node) => isFunction(node) || (ts.forEachChild(node, holdsFunction) ?? false);
const isMarkup = (node) =>
  ts.isJsxElement(node) ||
  ts.isJsxFragment(node) ||
  ts.isJsxSelfClosingElement(node) ||
  (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'html');
const isTable = (node) =>
  (ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node)) && !holdsFunction(node);

/** The name that people know a function by. */
const nameOf = (node) => {
  if (node.name) return node.name.getText();
  const { parent } = node;
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (parent && (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent))) return parent.name.getText();
  return '(anonymous)';
};

/** Lines of code of a function: without blank lines, comments, markup and tables. */
const linesOf = (source, node, codeLines) => {
  const line = (position) => source.getLineAndCharacterOfPosition(position).line;
  const counted = new Set();
  for (let at = line(node.getStart()); at <= line(node.end); at += 1) if (codeLines.has(at)) counted.add(at);
  const drop = (child) => {
    if (isMarkup(child) || isTable(child)) {
      for (let at = line(child.getStart()) + 1; at <= line(child.end); at += 1) counted.delete(at);
    } else ts.forEachChild(child, drop);
  };
  ts.forEachChild(node, drop);
  return counted.size;
};

/** Lines that hold at least one token. */
const codeLinesOf = (source) => {
  const lines = new Set();
  const visit = (node) => {
    if (node.getChildCount(source) === 0 && node.end > node.getStart(source)) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const last = source.getLineAndCharacterOfPosition(node.end).line;
      for (let at = first; at <= last; at += 1) lines.add(at);
    }
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return lines;
};

/** What is above the limits in `text`, a file named `path`. */
const measure = (path, text) => {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const longFunctions = [];
  const manyParameters = [];
  const codeLines = codeLinesOf(source);
  const visit = (node) => {
    if (isFunction(node) && node.body) {
      const at = `${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${nameOf(node)}`;
      const lines = linesOf(source, node, codeLines);
      if (lines > MAX_FUNCTION_LINES) longFunctions.push(`${at}: ${lines} lines`);
      const positional = node.parameters.filter(({ name }) => name.getText() !== 'this').length;
      if (positional > MAX_POSITIONAL) manyParameters.push(`${at}: ${positional} parameters`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const fileLines = text.split('\n').length - 1;
  return {
    longFunctions,
    manyParameters,
    longFiles: fileLines > MAX_FILE_LINES ? [`${path}: ${fileLines} lines`] : [],
  };
};

/** @returns what is above the limits in `src`: functions by length, files by length, functions by parameters. */
const houseFigures = () => {
  const found = { longFunctions: [], manyParameters: [], longFiles: [] };
  for (const file of walk(join(ROOT, 'src'))) {
    const one = measure(relative(ROOT, file), readFileSync(file, 'utf8'));
    for (const key of Object.keys(found)) found[key].push(...one[key]);
  }
  return found;
};

module.exports = { houseFigures, measure };

if (require.main === module) {
  const { longFunctions, longFiles, manyParameters } = houseFigures();
  const print = (title, rows) =>
    process.stdout.write(`${title}: ${rows.length}\n${rows.map((row) => `  ${row}\n`).join('')}`);
  print(`functions over ${MAX_FUNCTION_LINES} lines`, longFunctions);
  print(`files over ${MAX_FILE_LINES} lines`, longFiles);
  print(`functions with more than ${MAX_POSITIONAL} positional parameters`, manyParameters);
}
