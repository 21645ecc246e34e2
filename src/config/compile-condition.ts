/**
 * Conditions are CEL (Common Expression Language): typed, without side effects and without loops that do not end. They are parsed
 * and type-checked once, at load. Sub-expressions without logic in them are evaluated by the package; `&&`, `||`, `!` and `?:` by
 * the tables of `core/truth.ts`, because CEL has no value for "too old to judge" and because the value of every sub-expression is
 * the explanation of what a rule did. The only file that knows the package.
 */
import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import type { Condition } from '../core/condition';
import { and, not, or } from '../core/truth';
import type { Comparator, Expression, Leaf, Literal } from '../domain/expression';
import type { Facts } from '../domain/facts';
import type { RuleEvent } from '../domain/rules';
import type { TraceItem, Truth } from '../domain/truth';
import { parseDuration } from '../domain/units';
import { EVENT_FIELDS, type Vocabulary } from './vocabulary';

/** What a condition came to: usable when there are no problems. */
export interface Compiled {
  readonly expression: Expression;
  readonly condition: Condition;
  /** Sentences, each with its place in the text. */
  readonly problems: readonly string[];
}

export interface Compiler {
  /** @param event what the condition is asked about; undefined when it sees the situation only. */
  compile(text: string, event?: RuleEvent): Compiled;
}

type Context = Readonly<Record<string, unknown>>;
type Program = (context: Context) => unknown;

/** A condition longer or deeper than this is a program, and belongs elsewhere. */
const LIMITS = { maxAstNodes: 2000, maxDepth: 64, maxListElements: 500, maxMapEntries: 10, maxCallArguments: 8 };

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names that are not a parameter's when they stand alone; such a parameter is written `tm["mode"]`. */
const RESERVED = new Set([
  'tm',
  'mode',
  'health',
  'monitors',
  'anomaly',
  'check',
  'monitor',
  'model',
  'time',
  'in',
  'true',
  'false',
  'null',
]);

const plainName = (id: string): boolean => IDENTIFIER.test(id) && !RESERVED.has(id);

const situationEnvironment = ({ parameters }: Vocabulary): Environment => {
  const environment = new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS })
    .registerVariable('mode', 'string')
    .registerVariable('tm', 'map<string, double>')
    .registerVariable('health', 'map<string, string>')
    .registerVariable('monitors', 'map<string, string>')
    .registerFunction('abs(double): double', (value: number) => Math.abs(value))
    // The specification compares numbers across types; the package asks for it to be said. Telemetry is double, people write 1.
    .registerOperator('double == int', (a: number, b: bigint) => a === Number(b));
  for (const id of parameters) if (plainName(id)) environment.registerVariable(id, 'double');
  return environment;
};

const toDuration = new Environment().registerVariable('text', 'string').parse('duration(text)') as Program;

const facets = ({ subject }: Facts): Context => {
  switch (subject?.event) {
    case undefined:
      return {};
    case 'anomaly': {
      const { durationMs, revision, ...anomaly } = subject.anomaly;
      const duration = toDuration({ text: `${String(durationMs)}ms` });
      return { anomaly: { ...anomaly, revision: BigInt(revision), duration } };
    }
    case 'check':
      return { check: subject.check };
    case 'monitor':
      return { monitor: subject.monitor };
    case 'model':
      return { model: subject.model };
  }
};

interface Node {
  readonly expression: Expression;
  judge(context: Context, facts: Facts): Truth;
  explain(context: Context, facts: Facts, trace: TraceItem[]): Truth;
}

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value;

/** Every node below, the node itself first. */
const nodesOf = (node: ASTNode): readonly ASTNode[] => {
  const below = (value: unknown): readonly ASTNode[] =>
    Array.isArray(value) ? value.flatMap(below) : isNode(value) ? nodesOf(value) : [];
  return [node, ...below(node.args)];
};

const textOf = ({ input, start, end }: ASTNode): string => input.slice(start, end);

/** `anomaly.fault`, `tm["x"]`: the parts of a path of names; undefined for anything else. */
const partsOf = (node: ASTNode): readonly string[] | undefined => {
  if (node.op === 'id') return [node.args];
  if (node.op === '.') {
    const [object, field] = node.args;
    const parts = partsOf(object);
    return parts && [...parts, field];
  }
  if (node.op === '[]') {
    const [object, index] = node.args;
    const parts = partsOf(object);
    return parts && index.op === 'value' && typeof index.args === 'string' ? [...parts, index.args] : undefined;
  }
  return undefined;
};

const MAPS = new Set(['tm', 'health', 'monitors']);

/** One spelling of a path: a parameter is `tm["id"]` however it was written, so is a health and a monitor. */
const pathOf = (node: ASTNode, { parameters }: Vocabulary): string => {
  const parts = partsOf(node);
  if (parts === undefined) return textOf(node).replaceAll(/\s+/g, '');
  const [root = '', field = ''] = parts;
  if (parts.length === 1) return parameters.has(root) && plainName(root) ? `tm["${root}"]` : root;
  return parts.length === 2 && MAPS.has(root) ? `${root}["${field}"]` : parts.join('.');
};

const literalOf = (node: ASTNode): Literal | undefined => {
  if (node.op === 'value') {
    const { args } = node;
    if (typeof args === 'bigint') return Number(args);
    return typeof args === 'string' || typeof args === 'number' || typeof args === 'boolean' ? args : undefined;
  }
  if (node.op === '-_') {
    const value = literalOf(node.args);
    return typeof value === 'number' ? -value : undefined;
  }
  if (node.op === 'call' && node.args[0] === 'duration') {
    const [text] = node.args[1];
    const value = text && literalOf(text);
    return typeof value === 'string' ? parseDuration(value) : undefined;
  }
  return undefined;
};

const literalsOf = (node: ASTNode): readonly Literal[] | undefined => {
  if (node.op !== 'list') {
    const only = literalOf(node);
    return only === undefined ? undefined : [only];
  }
  const all = node.args.map(literalOf);
  const known = all.filter((item) => item !== undefined);
  return known.length === all.length ? known : undefined;
};

const FLIPPED = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
const isComparator = (op: string): op is Comparator => op === 'in' || op in FLIPPED;

interface Sides {
  /** What is not literal. */
  readonly subject: ASTNode;
  readonly comparator: Comparator;
  readonly literals: readonly Literal[];
}

/** `0.8 <= anomaly.confidence` is read as `anomaly.confidence >= 0.8`. */
const sidesOf = (node: ASTNode): Sides | undefined => {
  if (!isComparator(node.op)) return undefined;
  const [left, right] = node.args as [ASTNode, ASTNode];
  const onRight = literalsOf(right);
  if (onRight !== undefined && (node.op === 'in') === (right.op === 'list') && literalOf(left) === undefined) {
    return { subject: left, comparator: node.op, literals: onRight };
  }
  const onLeft = literalOf(left);
  if (node.op === 'in' || onLeft === undefined) return undefined;
  return { subject: right, comparator: FLIPPED[node.op], literals: [onLeft] };
};

const leafOf = (node: ASTNode, vocabulary: Vocabulary): Leaf => {
  const text = textOf(node);
  if (node.op === 'value' && typeof node.args === 'boolean') return { kind: 'leaf', text, constant: node.args };
  const sides = sidesOf(node);
  if (sides !== undefined) {
    const { subject, comparator, literals } = sides;
    return { kind: 'leaf', text, comparison: { path: pathOf(subject, vocabulary), comparator, literals } };
  }
  const isPath = partsOf(node) !== undefined;
  return {
    kind: 'leaf',
    text,
    ...(isPath && { comparison: { path: pathOf(node, vocabulary), comparator: '==', literals: [true] } }),
  };
};

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

/** What of a sub-expression can be stale. */
const needsOf = (node: ASTNode, { parameters }: Vocabulary) => {
  const nodes = nodesOf(node);
  const named = nodes.flatMap((item) => {
    const parts = partsOf(item);
    if (parts === undefined) return [];
    const [root = '', field] = parts;
    if (root === 'tm' && field !== undefined) return [field];
    return parts.length === 1 && plainName(root) && parameters.has(root) ? [root] : [];
  });
  return { parameters: [...new Set(named)], mode: nodes.some((item) => item.op === 'id' && item.args === 'mode') };
};

const truthOf = (value: unknown): Truth => (value === true ? 'true' : value === false ? 'false' : 'error');

class NodeBuilder {
  constructor(
    private readonly vocabulary: Vocabulary,
    private readonly environment: Environment,
  ) {}

  build(node: ASTNode): Node {
    switch (node.op) {
      case '&&':
      case '||':
        return this.binary(node.op === '&&' ? 'and' : 'or', this.build(node.args[0]), this.build(node.args[1]));
      case '!_':
        return this.negation(this.build(node.args));
      case '?:':
        return this.choice(this.build(node.args[0]), this.build(node.args[1]), this.build(node.args[2]));
      default:
        return this.leaf(node);
    }
  }

  private binary(kind: 'and' | 'or', left: Node, right: Node): Node {
    const combine = kind === 'and' ? and : or;
    const decides: Truth = kind === 'and' ? 'false' : 'true';
    return {
      expression: { kind, left: left.expression, right: right.expression },
      judge: (context, facts) => {
        const first = left.judge(context, facts);
        return first === decides ? first : combine(first, right.judge(context, facts));
      },
      explain: (context, facts, trace) =>
        combine(left.explain(context, facts, trace), right.explain(context, facts, trace)),
    };
  }

  private negation(operand: Node): Node {
    return {
      expression: { kind: 'not', operand: operand.expression },
      judge: (context, facts) => not(operand.judge(context, facts)),
      explain: (context, facts, trace) => not(operand.explain(context, facts, trace)),
    };
  }

  private choice(test: Node, then: Node, otherwise: Node): Node {
    const taken = (truth: Truth): Node | undefined =>
      truth === 'true' ? then : truth === 'false' ? otherwise : undefined;
    return {
      expression: { kind: 'if', test: test.expression, then: then.expression, otherwise: otherwise.expression },
      judge: (context, facts) => {
        const truth = test.judge(context, facts);
        return taken(truth)?.judge(context, facts) ?? truth;
      },
      explain: (context, facts, trace) => {
        const truth = test.explain(context, facts, trace);
        return taken(truth)?.explain(context, facts, trace) ?? truth;
      },
    };
  }

  private leaf(node: ASTNode): Node {
    const expression = leafOf(node, this.vocabulary);
    const { text } = expression;
    const needs = needsOf(node, this.vocabulary);
    const program = this.program(text);
    // The value that was met is what is compared, not whether it compared well; of anything else, the outcome.
    const sides = sidesOf(node);
    const operands =
      sides !== undefined ? [sides.subject] : isComparator(node.op) ? (node.args as readonly ASTNode[]) : [node];
    const observers = operands.map((operand) => this.program(textOf(operand)));
    const judge = (context: Context, facts: Facts): Truth => {
      if (needs.mode && facts.mode === undefined) return 'stale';
      for (const id of needs.parameters) if (!Number.isFinite(facts.parameters[id] ?? NaN)) return 'stale';
      try {
        return truthOf(program(context));
      } catch {
        return 'error';
      }
    };
    const observe = (context: Context): TraceItem['actual'] => {
      try {
        const values = observers.map((observer) => shown(observer(context)));
        return values.length === 1 ? (values[0] ?? '') : values.join(' and ');
      } catch (error) {
        return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      }
    };
    return {
      expression,
      judge,
      explain: (context, facts, trace) => {
        const truth = judge(context, facts);
        const actual = truth === 'stale' ? 'stale' : observe(context);
        const isPlain = truth === 'true' || truth === 'false';
        trace.push({ condition: text, actual, holds: truth === 'true', ...(!isPlain && { truth }) });
        return truth;
      },
    };
  }

  private program(text: string): Program {
    return this.environment.parse(text) as Program;
  }
}

const place = (start: number | undefined): string => (start === undefined ? '' : ` at character ${String(start + 1)}`);

const listed = (names: readonly string[]): string =>
  names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;

const article = (path: string): string => {
  const what: Readonly<Record<string, string>> = {
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
    mode: 'mode',
  };
  return what[path] ?? `value of ${path}`;
};

/** Names that types do not tell: keys of maps, texts that a path can never have. */
const nameProblems = (node: ASTNode, vocabulary: Vocabulary): readonly string[] => {
  const problems: string[] = [];
  const expect = (name: string, known: readonly string[], what: string, start: number): void => {
    if (!known.includes(name)) problems.push(`no ${what} is called "${name}"${place(start)} (${listed(known)})`);
  };
  for (const item of nodesOf(node)) {
    if (item.op === '.' || item.op === '[]') {
      const [object, key] = item.args as [ASTNode, unknown];
      const root = object.op === 'id' ? object.args : '';
      if (MAPS.has(root)) {
        const name = partsOf(item)?.[1];
        if (name === undefined)
          problems.push(
            `${root}[...]${place(item.start)} must name its key as a text: ${String(isNode(key) ? textOf(key) : key)}`,
          );
        else if (root === 'tm') expect(name, [...vocabulary.parameters], 'parameter', item.start);
        else if (root === 'health') expect(name, vocabulary.equipments, 'equipment', item.start);
        else expect(name, [...vocabulary.monitors], 'monitor', item.start);
      }
    }
    const sides = sidesOf(item);
    if (sides !== undefined) {
      const path = pathOf(sides.subject, vocabulary);
      const known = vocabulary.texts.get(path);
      for (const literal of known === undefined ? [] : sides.literals) {
        if (typeof literal === 'string' && known !== undefined) expect(literal, known, article(path), item.start);
      }
    } else if (item.op === 'in') {
      const [left, right] = item.args;
      const path = pathOf(right, vocabulary);
      const known = vocabulary.texts.get(path);
      const literal = literalOf(left);
      if (known !== undefined && typeof literal === 'string') expect(literal, known, article(path), item.start);
    }
  }
  return [...new Set(problems)];
};

const NEVER: Condition = { text: 'false', judge: () => 'false', explain: () => ({ truth: 'false', trace: [] }) };

const refused = (problem: string): Compiled => ({
  expression: { kind: 'leaf', text: 'false', constant: false },
  condition: NEVER,
  problems: [problem],
});

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { summary = error.message.split('\n')[0] ?? '', range } = error as Error & {
    summary?: string;
    range?: { readonly start: number };
  };
  return `${summary}${place(range?.start)}`;
};

const typeProblem = (type: string | undefined): string | undefined =>
  type === 'bool' ? undefined : `must be true or false, and is ${String(type)}`;

/** A compiler for everything that names what this vocabulary names. */
export const conditionCompiler = (vocabulary: Vocabulary): Compiler => {
  const situation = situationEnvironment(vocabulary);
  const environments = new Map<RuleEvent | undefined, Environment>([[undefined, situation]]);
  const environmentOf = (event: RuleEvent | undefined): Environment => {
    const known = environments.get(event);
    if (known !== undefined) return known;
    const made = situation.clone();
    if (event !== undefined) made.registerVariable({ name: event, schema: { ...EVENT_FIELDS[event] } });
    environments.set(event, made);
    return made;
  };
  const healthy = Object.fromEntries(vocabulary.equipments.map((id) => [id, 'healthy']));
  const unchecked = Object.fromEntries([...vocabulary.monitors].map((id) => [id, 'unchecked']));
  // Every rule of an evaluation is asked about the same facts: the context is made once for all of them.
  const contexts = new WeakMap<Facts, Context>();
  const contextOf = (facts: Facts): Context => {
    const known = contexts.get(facts);
    if (known !== undefined) return known;
    const made: Context = {
      ...facts.parameters,
      tm: facts.parameters,
      mode: facts.mode ?? '',
      health: { ...healthy, ...facts.health },
      monitors: { ...unchecked, ...facts.monitors },
      ...facets(facts),
    };
    contexts.set(facts, made);
    return made;
  };

  return {
    compile: (text, event) => {
      const environment = environmentOf(event);
      try {
        const parsed = environment.parse(text);
        const names = nameProblems(parsed.ast, vocabulary);
        const { error, type } = parsed.check();
        // Its logic is known even when its types are wrong: whom it is about can still be told.
        const node = new NodeBuilder(vocabulary, environment).build(parsed.ast);
        const refusal = error === undefined ? typeProblem(type) : messageOf(error);
        if (refusal !== undefined) {
          return { expression: node.expression, condition: NEVER, problems: [refusal, ...names] };
        }
        const condition: Condition = {
          text,
          judge: (facts) => node.judge(contextOf(facts), facts),
          explain: (facts) => {
            const trace: TraceItem[] = [];
            return { truth: node.explain(contextOf(facts), facts, trace), trace };
          },
        };
        return { expression: node.expression, condition, problems: names };
      } catch (error) {
        return refused(messageOf(error));
      }
    },
  };
};
