/** What a condition may cost: it is evaluated with every frame, between telemetry and the answer to it. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { place } from './names';
import { nodesOf } from './syntax';

/** A page of text; longer ones are literals that have no place in a rule. */
export const MAX_CONDITION_CHARACTERS = 10_000;

/** Functions of CEL that go through a list. */
const MACROS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

const nameOf = ({ op, args }: ASTNode): string | undefined =>
  op === 'rcall' || op === 'call' ? String((args as readonly unknown[])[0]) : undefined;

const isMacro = (node: ASTNode): boolean => MACROS.has(nameOf(node) ?? '');

/** Sentences about what could take without end; empty for nearly every condition. */
export const costProblems = (ast: ASTNode): readonly string[] =>
  nodesOf(ast).flatMap((node) => {
    if (nameOf(node) === 'matches')
      return [`regular expressions can take for ever: compare with == or in${place(node.start)}`];
    if (isMacro(node) && nodesOf(node).filter(isMacro).length > 1)
      return [`a list inside a list is gone through too often: write the cases out${place(node.start)}`];
    return [];
  });
