/**
 * Conditions are CEL (Common Expression Language): typed, without side effects and without loops that do not end. They are parsed
 * and type-checked once, at load, by the package. `&&`, `||`, `!` and `?:` are then judged by the tables of
 * `core/conditions/truth.ts`, because CEL has no value for "too old to judge". The value of every sub-expression also explains
 * what a rule did.
 *
 * Why `@marcbachmann/cel-js`: on Node 20, a condition of four comparisons takes 0.6 us, against 4.8 us with `@bufbuild/cel`
 * and 10 us with `cel-js`. It alone checks types at load and gives the syntax tree with positions.
 */
import { Environment } from '@marcbachmann/cel-js';
import type { Condition } from '../core/conditions/condition';
import type { Expression } from '../domain/expression';
import type { Facts } from '../domain/facts';
import type { RuleEvent } from '../domain/rules';
import type { TraceItem } from '../domain/truth';
import { costProblems, MAX_CONDITION_CHARACTERS } from './cel/cost';
import { nameProblems, place } from './cel/names';
import { buildNode, type Context } from './cel/nodes';
import { ageOf } from './cel/direct';
import { spell } from './cel/spelling';
import { commandsIn, isPlainName } from './cel/syntax';
import { EVENT_FIELDS, type Vocabulary } from './vocabulary';

/** What a condition came to: usable when there are no problems. */
export interface CompiledCondition {
  readonly expression: Expression;
  readonly condition: Condition;
  /** Sentences, each with its place in the text. */
  readonly problems: readonly string[];
}

export interface Compiler {
  /** @param event what the condition is asked about; undefined when it sees the situation only. */
  compile(text: string, event?: RuleEvent): CompiledCondition;
}

/** A condition longer or deeper than this is a program, and belongs elsewhere. */
const LIMITS = { maxAstNodes: 2000, maxDepth: 64, maxListElements: 500, maxMapEntries: 10, maxCallArguments: 8 };

const situationEnvironment = ({ parameters }: Vocabulary): Environment => {
  const environment = new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS })
    .registerVariable('mode', 'string')
    .registerVariable('tm', 'map<string, double>')
    .registerVariable('health', 'map<string, string>')
    .registerVariable('monitors', 'map<string, string>')
    .registerVariable('commands', 'map<string, map<string, google.protobuf.Duration>>')
    .registerFunction('abs(double): double', (value: number) => Math.abs(value))
    // The specification compares numbers across types; the package asks for it to be said. Telemetry is double, people write 1.
    .registerOperator('double == int', (a: number, b: bigint) => a === Number(b));
  for (const id of parameters) if (isPlainName(id)) environment.registerVariable(id, 'double');
  return environment;
};

const toDuration = new Environment().registerVariable('text', 'string').parse('duration(text)') as (
  context: Context,
) => unknown;

/** The variable of the event, in CEL's types. */
const eventVariable = ({ subject }: Facts): Context => {
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
    case 'report':
      return { report: subject.report };
  }
};

/** Ages of the telecommands that some condition names. */
const commandVariable = ({ commands, time }: Facts, names: ReadonlySet<string>): Context =>
  Object.fromEntries(
    [...names].map((name) => [name, { age: toDuration({ text: `${String(ageOf(commands, name, time))}ms` }) }]),
  );

/** Every rule of an evaluation is asked about the same facts: the context is made once for all of them, when one needs it. */
const contextMaker = (
  { equipments, monitors }: Vocabulary,
  commandNames: ReadonlySet<string>,
): ((facts: Facts) => Context) => {
  const healthy = Object.fromEntries(equipments.map((id) => [id, 'healthy']));
  const unchecked = Object.fromEntries([...monitors].map((id) => [id, 'unchecked']));
  const known = new WeakMap<Facts, Context>();
  return (facts) => {
    const found = known.get(facts);
    if (found !== undefined) return found;
    const made: Context = {
      ...facts.parameters,
      tm: facts.parameters,
      mode: facts.mode ?? '',
      health: { ...healthy, ...facts.health },
      monitors: { ...unchecked, ...facts.monitors },
      commands: commandVariable(facts, commandNames),
      ...eventVariable(facts),
    };
    known.set(facts, made);
    return made;
  };
};

const NEVER: Condition = { text: 'false', judge: () => 'false', explain: () => ({ truth: 'false', trace: [] }) };

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
export const conditionCompiler = (vocabulary: Vocabulary, isDirect = true): Compiler => {
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
  const commandNames = new Set<string>();
  const contextOf = contextMaker(vocabulary, commandNames);
  const { parameters } = vocabulary;
  return {
    compile: (text, event) => {
      const { text: spelled, placeOf } = spell(text);
      const placed = (problem: string): string =>
        problem.replace(/ at character (\d+)/g, (_match, at: string) => place(placeOf(Number(at) - 1)));
      const environment = environmentOf(event);
      try {
        if (text.length > MAX_CONDITION_CHARACTERS)
          throw new Error(`is longer than ${String(MAX_CONDITION_CHARACTERS)} characters`);
        const { ast, check } = environment.parse(spelled);
        for (const name of commandsIn(ast)) commandNames.add(name);
        const cost = costProblems(ast);
        if (cost.length > 0) throw new Error(cost.join('; '));
        const names = nameProblems(ast, vocabulary).map(placed);
        const { error, type } = check();
        // Its logic is known even when its types are wrong: whom it is about can still be told.
        const node = buildNode(ast, { environment, parameters, contextOf, isDirect });
        const refusal = error === undefined ? typeProblem(type) : messageOf(error);
        if (refusal !== undefined) {
          return { expression: node.expression, condition: NEVER, problems: [placed(refusal), ...names] };
        }
        const condition: Condition = {
          text,
          judge: (facts) => node.judge(facts),
          explain: (facts) => {
            const trace: TraceItem[] = [];
            return { truth: node.explain(facts, trace), trace };
          },
        };
        return { expression: node.expression, condition, problems: names };
      } catch (error) {
        const expression: Expression = { kind: 'leaf', text: 'false', constant: false };
        return { expression, condition: NEVER, problems: [placed(messageOf(error))] };
      }
    },
  };
};
