/**
 * Requests as telecommand packets, made of the MetaCommands of a definition. A verification (PUS service 1) names a packet by APID and
 * sequence count, and may come after a restart. So it is kept which packet was which request.
 */
import { z } from 'zod';
import type { ReadFile } from '../../config/read-bounded';
import { missionArgumentName, missionCommandName } from '../../core/onboarding/command-names';
import type { ArgumentValue } from '../../domain/commands';
import { describeError, FdirError, type Problem } from '../../domain/errors';
import type { PacketSource } from '../../domain/packet-source';
import type { RecoveryRequest } from '../../domain/events';
import { encodeCommand, type EncodedCommand } from '../../packets/encode/encode-command';
import type { Checksum } from '../../packets/stream/checksum';
import { apidAt, SEQUENCE_MODULUS } from '../../packets/stream/space-packet';
import type { Definition, MetaCommand } from '../../packets/xtce/definition';
import type { Argument } from '../../packets/xtce/model';
import { definitionProblem, readDefinitionFile } from './definition-file';

/** Packets that left, newest last: more than recoveries are under way at once. */
const MAX_SENT = 1000;

const stateSchema = z.object({
  /** The next sequence count of each APID. */
  next: z.record(
    z.string(),
    z
      .int()
      .min(0)
      .max(SEQUENCE_MODULUS - 1),
  ),
  sent: z.array(z.tuple([z.int(), z.int(), z.string()])),
});
/** What is kept in the log under the name `pus`. */
export type PusState = z.infer<typeof stateSchema>;
const nothingSent: PusState = { next: {}, sent: [] };

export interface PusTelecommandsOptions {
  readonly checksum?: Checksum | undefined;
  /** What leading sizes of strings count. */
  readonly leadingSize?: PacketSource['leadingSize'];
  /** Reads the definition; left out: whatever lies there. */
  readonly readFile?: ReadFile | undefined;
  /** By the name of the parameter, with its SpaceSystems or without. */
  readonly parameters: Readonly<Record<string, ArgumentValue>>;
  /** What was kept last; anything else is none. */
  readonly kept: unknown;
  /** Keeps it; durable when it returns. */
  keep(state: PusState): void;
}

export type EncodedRequest = { readonly payload: Uint8Array } | { readonly problem: string };

/** What rules request, and where they say it. */
export interface RequestedCommand {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly rule: string;
}

/** A label is found whatever its case: a mission's equipment `rw2` is the definition's `RW2`. */
const givenOf = ({ type }: Argument, value: ArgumentValue): ArgumentValue => {
  if (type.kind !== 'enumerated' || typeof value !== 'string') return value;
  const labels = type.enumerations.map(({ label }) => label);
  if (labels.includes(value)) return value;
  return labels.find((label) => label.toLowerCase() === value.toLowerCase()) ?? value;
};

export class PusTelecommands {
  private state: PusState;
  private readonly parameters: Readonly<Record<string, ArgumentValue>>;

  constructor(
    private readonly definition: Definition,
    private readonly options: PusTelecommandsOptions,
  ) {
    this.state = stateSchema.safeParse(options.kept).data ?? nothingSent;
    const ids = [...definition.parameters.keys()];
    const idOf = (name: string): string =>
      ids.find((id) => id === name) ?? ids.find((id) => id.endsWith(`.${name}`)) ?? name;
    this.parameters = Object.fromEntries(
      Object.entries(options.parameters).map(([name, value]) => [idOf(name), value]),
    );
  }

  /** @throws FdirError `config` when the definition cannot be read. */
  static open(xtce: string, options: PusTelecommandsOptions): PusTelecommands {
    const { definition, problems } = readDefinitionFile(xtce, options.leadingSize, options.readFile);
    if (definition !== undefined) return new PusTelecommands(definition, options);
    throw new FdirError(
      'config',
      `the definition ${xtce} cannot be used`,
      problems.map((problem) => definitionProblem(xtce, problem)),
    );
  }

  /** What of the rules no telecommand of the definition can be made for. */
  problemsOf(requested: readonly RequestedCommand[]): readonly Problem[] {
    return requested.flatMap(({ command, arguments: names, rule }): Problem[] => {
      const found = this.find(command);
      if (found === undefined)
        return [
          {
            message: `rule ${rule} requests ${command}, and the definition has no command of that name that can be sent`,
          },
        ];
      return names
        .filter((name) => argumentOf(found, name) === undefined)
        .map((name) => ({
          message: `rule ${rule} gives ${command} the argument "${name}", which ${found.name} of the definition has not`,
        }));
    });
  }

  /** The packet of a request; the same one for the same request. Never throws. */
  encode(request: RecoveryRequest): EncodedRequest {
    const command = this.find(request.command);
    if (command === undefined) return { problem: `the definition has no command ${request.command}` };
    const probe = this.packetOf(command, request, 0);
    if (!probe.ok) return { problem: probe.problems.join('; ') };
    const apid = apidAt(probe.bytes, 0);
    const known = this.state.sent.find(([sentApid, , id]) => id === request.id && sentApid === apid);
    const sequence = known?.[1] ?? this.state.next[String(apid)] ?? 0;
    if (known === undefined) {
      const state: PusState = {
        next: { ...this.state.next, [String(apid)]: (sequence + 1) % SEQUENCE_MODULUS },
        sent: [...this.state.sent, [apid, sequence, request.id] as [number, number, string]].slice(-MAX_SENT),
      };
      try {
        this.options.keep(state);
      } catch (error) {
        return { problem: `the log cannot keep which packet it is: ${describeError(error)}` };
      }
      this.state = state;
    }
    const packet = this.packetOf(command, request, sequence);
    return packet.ok ? { payload: packet.bytes } : { problem: packet.problems.join('; ') };
  }

  /** The request that left as this packet, the newest where the count began again; undefined: it is not ours. */
  readonly requestOf = (apid: number, sequence: number): string | undefined =>
    this.state.sent.findLast(([sentApid, sentSequence]) => sentApid === apid && sentSequence === sequence)?.[2];

  private find(name: string): MetaCommand | undefined {
    const usable = [...this.definition.commands.values()].filter(
      ({ abstract, container }) => !abstract && container !== undefined,
    );
    return (
      usable.find((command) => command.name === name) ??
      usable.find((command) => missionCommandName(command.name) === name)
    );
  }

  private packetOf(command: MetaCommand, request: RecoveryRequest, sequence: number): EncodedCommand {
    const { checksum } = this.options;
    return encodeCommand(command, {
      arguments: Object.fromEntries(
        Object.entries(request.arguments).map(([name, value]) => {
          const argument = argumentOf(command, name);
          return argument === undefined ? [name, value] : [argument.name, givenOf(argument, value)];
        }),
      ),
      parameters: this.parameters,
      header: { sequence },
      ...(checksum !== undefined && { checksum }),
    });
  }
}

const argumentOf = (command: MetaCommand, name: string): Argument | undefined =>
  command.arguments.find((argument) => argument.name === name) ??
  command.arguments.find((argument) => missionArgumentName(argument.name) === name);
