/** From CEL's syntax tree to something that is judged with four values and leaves a trace. */
import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { toError } from '../../domain/errors';
import { and, not, or } from '../../core/conditions/truth';
import type { Expression } from '../../domain/expression';
import type { Facts } from '../../domain/facts';
import type { TraceItem, Truth } from '../../domain/truth';
import { comparer, readerOf } from './direct';
import { asWritten } from './spelling';
import { isComparator, leafOf, needsOf, normalParts, sidesOf, textOf } from './syntax';

/** The variables of a condition, as the package takes them. */
export type Context = Readonly<Record<string, unknown>>;
type Program = (context: Context) => unknown;

export interface Node {
  readonly expression: Expression;
  judge(facts: Facts): Truth;
  explain(facts: Facts, trace: TraceItem[]): Truth;
}

export interface NodeOptions {
  readonly environment: Environment;
  readonly parameters: ReadonlySet<string>;
  /** Made once for all conditions that are asked about the same facts. */
  readonly contextOf: (facts: Facts) => Context;
  /** False in a test that holds direct comparisons against the package. */
  readonly isDirect: boolean;
}

/** A value as people read it in a trace. */
const shown = (value: unknown): TraceItem['actual'] => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map((item) => String(shown(item))).join(', ');
  if (typeof value === 'object' && value !== null && 'seconds' in value && 'nanos' in value) {
    return `${String(Number(value.seconds) + Number(value.nanos) / 1e9)} s`;
  }
  return String(value);
};

const truthOf = (value: unknown): Truth => (value === true ? 'true' : value === false ? 'false' : 'error');

const binary = (kind: 'and' | 'or', left: Node, right: Node): Node => {
  const combine = kind === 'and' ? and : or;
  const decides: Truth = kind === 'and' ? 'false' : 'true';
  return {
    expression: { kind, left: left.expression, right: right.expression },
    judge: (facts) => {
      const first = left.judge(facts);
      return first === decides ? first : combine(first, right.judge(facts));
    },
    explain: (facts, trace) => combine(left.explain(facts, trace), right.explain(facts, trace)),
  };
};

const negation = (operand: Node): Node => ({
  expression: { kind: 'not', operand: operand.expression },
  judge: (facts) => not(operand.judge(facts)),
  explain: (facts, trace) => not(operand.explain(facts, trace)),
});

const choice = (test: Node, then: Node, otherwise: Node): Node => {
  const taken = (truth: Truth): Node | undefined =>
    truth === 'true' ? then : truth === 'false' ? otherwise : undefined;
  return {
    expression: { kind: 'if', test: test.expression, then: then.expression, otherwise: otherwise.expression },
    judge: (facts) => {
      const truth = test.judge(facts);
      return taken(truth)?.judge(facts) ?? truth;
    },
    explain: (facts, trace) => {
      const truth = test.explain(facts, trace);
      return taken(truth)?.explain(facts, trace) ?? truth;
    },
  };
};

/** Whether a comparison holds, when it is one that needs no package. */
const directTest = (node: ASTNode, { parameters, isDirect }: NodeOptions) => {
  const sides = sidesOf(node) ?? { subject: node, comparator: '==' as const, literals: [true] };
  const parts = normalParts(sides.subject, parameters);
  const reader = !isDirect || parts === undefined ? undefined : readerOf(parts);
  if (reader === undefined) return undefined;
  const compare = comparer(sides);
  return (facts: Facts): Truth => {
    const value = reader(facts);
    return value === undefined ? 'error' : truthOf(compare(value));
  };
};

const leaf = (node: ASTNode, options: NodeOptions): Node => {
  const { environment, parameters, contextOf } = options;
  const program = (text: string): Program => environment.parse(text) as Program;
  const expression = leafOf(node, parameters);
  const { text } = expression;
  const needs = needsOf(node, parameters);
  const whole = program(text);
  const evaluate =
    directTest(node, options) ??
    ((facts: Facts): Truth => {
      try {
        return truthOf(whole(contextOf(facts)));
      } catch {
        return 'error';
      }
    });
  const judge = (facts: Facts): Truth => {
    if (needs.mode && facts.mode === undefined) return 'stale';
    for (const id of needs.parameters) if (!Number.isFinite(facts.parameters[id] ?? NaN)) return 'stale';
    return evaluate(facts);
  };
  // The value that was met is what is compared, not whether it compared well; of anything else, the outcome.
  const sides = sidesOf(node);
  const operands =
    sides !== undefined ? [sides.subject] : isComparator(node.op) ? (node.args as readonly ASTNode[]) : [node];
  const observers = operands.map((operand) => program(textOf(operand)));
  const observe = (facts: Facts): TraceItem['actual'] => {
    try {
      const values = observers.map((observer) => shown(observer(contextOf(facts))));
      return values.length === 1 ? (values[0] ?? '') : values.join(' and ');
    } catch (error) {
      return toError(error).message.split('\n')[0] ?? '';
    }
  };
  return {
    expression,
    judge,
    explain: (facts, trace) => {
      const truth = judge(facts);
      const actual = truth === 'stale' ? 'stale' : observe(facts);
      const isPlain = truth === 'true' || truth === 'false';
      trace.push({ condition: asWritten(text), actual, holds: truth === 'true', ...(!isPlain && { truth }) });
      return truth;
    },
  };
};

export const buildNode = (node: ASTNode, options: NodeOptions): Node => {
  const build = (part: ASTNode): Node => buildNode(part, options);
  if (node.op === '&&') return binary('and', build(node.args[0]), build(node.args[1]));
  if (node.op === '||') return binary('or', build(node.args[0]), build(node.args[1]));
  if (node.op === '!_') return negation(build(node.args));
  if (node.op === '?:') return choice(build(node.args[0]), build(node.args[1]), build(node.args[2]));
  return leaf(node, options);
};
