/** Names that types do not tell: keys of maps, and texts that a path can never have. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Vocabulary } from '../vocabulary';
import { isNode, literalOf, MAPS, nodesOf, partsOf, pathOf, sidesOf, textOf } from './syntax';

/** Where in a condition something is, counted from 1 as people count. */
export const place = (start: number | undefined): string =>
  start === undefined ? '' : ` at character ${String(start + 1)}`;

const listed = (names: readonly string[]): string =>
  names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;

/** What the values of a path are called. */
const WHAT: Readonly<Record<string, string>> = {
  'anomaly.equipment': 'equipment',
  'check.equipment': 'equipment',
  'monitor.equipment': 'equipment',
  'anomaly.fault': 'fault class',
  'check.monitor': 'monitor',
  'monitor.failing': 'monitor',
  'monitor.id': 'functional monitor',
  'check.parameter': 'parameter',
  'anomaly.sufficient': 'parameter',
  'anomaly.parameters': 'parameter',
  'anomaly.suspects': 'equipment',
  'anomaly.set': 'equipment/fault',
  mode: 'mode',
};

/** Every problem once, in the order of the text. */
export const nameProblems = (node: ASTNode, vocabulary: Vocabulary): readonly string[] => {
  const problems: string[] = [];
  const expect = (name: string, known: readonly string[], what: string, start: number): void => {
    if (!known.includes(name)) problems.push(`no ${what} is called "${name}"${place(start)} (${listed(known)})`);
  };
  const checkKey = (item: ASTNode): void => {
    const [object, key] = item.args as [ASTNode, unknown];
    const root = object.op === 'id' ? object.args : '';
    if (!MAPS.has(root)) return;
    const name = partsOf(item)?.[1];
    if (name === undefined) {
      const text = isNode(key) ? textOf(key) : String(key);
      problems.push(`${root}[...]${place(item.start)} must name its key as a text: ${text}`);
    } else if (root === 'tm') expect(name, [...vocabulary.parameters], 'parameter', item.start);
    else if (root === 'commands') {
      if (vocabulary.commands.length > 0) expect(name, vocabulary.commands, 'command', item.start);
    } else if (root === 'health') expect(name, vocabulary.equipments, 'equipment', item.start);
    else expect(name, [...vocabulary.monitors], 'monitor', item.start);
  };
  const checkTexts = (subject: ASTNode, texts: readonly unknown[], start: number): void => {
    const path = pathOf(subject, vocabulary.parameters);
    const known = vocabulary.texts.get(path);
    if (known === undefined) return;
    for (const text of texts)
      if (typeof text === 'string') expect(text, known, WHAT[path] ?? `value of ${path}`, start);
  };
  for (const item of nodesOf(node)) {
    if (item.op === '.' || item.op === '[]') checkKey(item);
    const sides = sidesOf(item);
    if (sides !== undefined) checkTexts(sides.subject, sides.literals, item.start);
    else if (item.op === 'in') checkTexts(item.args[1], [literalOf(item.args[0])], item.start);
  }
  return [...new Set(problems)];
};
