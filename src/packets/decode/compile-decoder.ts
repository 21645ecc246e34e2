/** A definition to a decoder: one closure per container, made once, run for every packet. */
import { LEAP_SECONDS, type LeapSeconds } from '../time/leap-seconds';
import { recognised } from './look-alikes';
import type { Definition, MetaCommand } from '../xtce/definition';
import type { Container, DefinitionProblem } from '../xtce/model';
import { chainOf } from '../xtce/check-overlaps';
import { ContainerCompiler, readNode, type Children, type ContainerNode } from './compile-container';
import { compileCondition, type Holds } from './compile-condition';
import { CompileContext, DECODE_LIMITS, type DecodeLimits } from './compile-context';
import { chooseRoot } from './root-container';
import { stop, type DecodedPacket, type DecodedValue, type Field, type Run } from './values';

export interface DecoderOptions {
  /** Id, path or name of the root container; needed when the definition has several. */
  readonly container?: string | undefined;
  /** Which packets: those of telemetry containers (default), or telecommands by their command containers. */
  readonly kind?: 'telemetry' | 'command';
  /** Engineering values of parameters that no packet holds (constants, local settings), by id. */
  readonly constants?: Readonly<Record<string, string>>;
  readonly limits?: DecodeLimits;
  readonly leapSeconds?: LeapSeconds;
}

export interface Decoder {
  readonly root: Container;
  /** Every value that packets can give; of arrays without fixed dimensions, the first element. */
  readonly fields: readonly Field[];
  /** Containers that extend the root, and it, that packets can be. */
  readonly containers: readonly Container[];
  /** Decodes one packet from its first bit. Never throws on bytes. */
  readonly decode: (bytes: Uint8Array) => DecodedPacket;
}

export interface CompiledDecoder {
  /** Undefined when there is no root container to begin with. */
  readonly decoder: Decoder | undefined;
  /** What keeps packets from being decoded, besides the problems of the definition. */
  readonly problems: readonly DefinitionProblem[];
}

const childrenOf = (containers: readonly Container[]): Children => {
  const children = new Map<Container, Container[]>();
  for (const container of containers) {
    const base = container.base?.container;
    if (base !== undefined) children.set(base, [...(children.get(base) ?? []), container]);
  }
  return children;
};

const reachable = (root: Container, children: Children): readonly Container[] => [
  root,
  ...(children.get(root) ?? []).flatMap((child) => reachable(child, children)),
];

/** Conditions under which parameters are valid, by the index of the field. */
const compileValidity = (context: CompileContext): readonly (Holds | undefined)[] =>
  context
    .fields()
    .map(({ parameter }) =>
      parameter?.validWhen === undefined ? undefined : compileCondition(context, parameter.validWhen),
    );

/** Marks values whose validity condition does not hold at the end of the packet. */
const judgeValidity = (run: Run, validity: readonly (Holds | undefined)[]): readonly DecodedValue[] =>
  run.values.map((decoded) => {
    const holds = validity[decoded.field.index];
    if (holds === undefined || !decoded.valid || holds(run)) return decoded;
    return { ...decoded, valid: false, reason: 'condition' };
  });

const createDecode = (
  context: CompileContext,
  root: ContainerNode,
  limits: DecodeLimits,
  commands: ReadonlyMap<string, MetaCommand> | undefined,
) => {
  const validity = compileValidity(context);
  const isConditional = validity.some((holds) => holds !== undefined);
  const slots = Array.from({ length: context.slots }, () => undefined);
  return (bytes: Uint8Array): DecodedPacket => {
    const run: Run = {
      bytes,
      endBits: bytes.length * 8,
      position: 0,
      containerStart: 0,
      containerEnd: undefined,
      bitsUsed: 0,
      values: [],
      latest: slots.slice(),
      budget: limits.maxValues,
      problems: [],
      mismatch: false,
      others: commands && [],
    };
    const leaf = readNode(run, root, true);
    const container = leaf?.container ?? root.container;
    const command = commands?.get(container.path);
    // The container of an abstract command need not be abstract itself.
    if (run.problems.length === 0 && command?.abstract === true) {
      stop(run, 'unknown-packet', container.id, `no command that extends ${command.id} fits`);
    }
    if (run.problems.length === 0 && run.bitsUsed < run.endBits) {
      const left = run.endBits - run.bitsUsed;
      run.problems.push({
        code: 'unread-bits',
        bit: run.bitsUsed,
        at: container.id,
        message: `no entry reads the last ${String(left)} bits`,
      });
    }
    return {
      container,
      command: command?.abstract === true ? undefined : command,
      others: (run.others ?? []).flatMap(({ container: other, values }) => {
        const found = commands?.get(other.path);
        return found === undefined || found.abstract ? [] : [{ command: found, values }];
      }),
      values: isConditional ? judgeValidity(run, validity) : run.values,
      bitsUsed: run.bitsUsed,
      problems: run.problems,
    };
  };
};

const danglingProblems = (context: CompileContext): readonly DefinitionProblem[] =>
  context.dangling().map(({ id, line }) => ({
    line,
    element: `reference to ${id}`,
    effect: 'refused',
    message: 'can never be answered: no container of these packets holds it, and it has no initial value',
  }));

/** Compiles the containers that can follow from the root. */
export const compileDecoder = (definition: Definition, options: DecoderOptions = {}): CompiledDecoder => {
  const { kind = 'telemetry', constants = {}, limits = DECODE_LIMITS, leapSeconds = LEAP_SECONDS } = options;
  const own = [...(kind === 'command' ? definition.commandContainers : definition.containers).values()];
  // Command containers may extend containers of telemetry, which then are the outer part of both.
  const all = [...new Set(own.flatMap(chainOf))];
  const children = childrenOf(all);
  const chosen = chooseRoot(all, children, options.container);
  if (!chosen.ok) return { decoder: undefined, problems: [chosen.problem] };
  const context = new CompileContext(constants, leapSeconds);
  const root = new ContainerCompiler(context, children).node(chosen.root);
  const commands =
    kind === 'command'
      ? new Map(recognised(definition).map((command) => [command.container.path, command]))
      : undefined;
  const decode = createDecode(context, root, limits, commands);
  return {
    decoder: { root: chosen.root, fields: context.fields(), containers: reachable(chosen.root, children), decode },
    problems: danglingProblems(context),
  };
};
