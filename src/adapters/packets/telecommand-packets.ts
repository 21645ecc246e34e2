/** Telecommand packets on the topic `command`: which command each is, by the command containers of the definition. */
import type { ReadFile } from '../../config/read-bounded';
import type { DecodedTelecommands } from '../../core/telemetry/decode-telecommands';
import type { Drop } from '../../core/telemetry/drop';
import { formatProblem } from '../../domain/errors';
import { missionArgumentName, missionCommandName } from '../../core/onboarding/command-names';
import type { PacketSource } from '../../domain/packet-source';
import type { Telecommand } from '../../domain/telecommand';
import { compileDecoder, type Decoder } from '../../packets/decode/compile-decoder';
import { lookAlikes } from '../../packets/decode/look-alikes';
import type { DecodedPacket, DecodedValue } from '../../packets/decode/values';
import { readPackets } from '../../packets/stream/packet-reader';
import { definitionProblem, readDefinitionFile, refusedNote, type PacketParts } from './definition-file';
import { shownValue } from './pus-reports';

/** Labels, words and numbers, by the names that a mission gives arguments. */
const argumentsOf = (values: readonly DecodedValue[]): Telecommand['arguments'] =>
  Object.fromEntries(
    values.flatMap((item) =>
      item.field.argument === undefined ? [] : [[missionArgumentName(item.field.argument.name), shownValue(item)]],
    ),
  );

/** Names that one packet is shown with; it is no use to read more of them. */
const MAX_NAMES = 4;

/**
 * What a packet is shown as: its command. If the definition does not tell it from others, it has the names of all: `A or B`. That is
 * the name of neither, so no condition on A and no effect of A takes it for A. Of the arguments it has those that all read alike.
 */
const shownCommand = ({ command, values, others }: DecodedPacket): Omit<Telecommand, 'time'> | undefined => {
  if (command === undefined) return undefined;
  const names = [
    ...new Set([command, ...others.map((other) => other.command)].map(({ name }) => missionCommandName(name))),
  ];
  const more = names.length - MAX_NAMES;
  const shown = more > 0 ? [...names.slice(0, MAX_NAMES), `${String(more)} more`] : names;
  const readings = others.map((other) => argumentsOf(other.values));
  const same = Object.entries(argumentsOf(values)).filter(([name, value]) =>
    readings.every((reading) => reading[name] === value),
  );
  return { name: shown.join(' or '), arguments: Object.fromEntries(same) };
};

/** Problems told in one sentence; `fdir decode --check` lists all. */
const MAX_TOLD = 3;

export class TelecommandPackets {
  private readonly decoder: Decoder | undefined;
  /** Commands that packets do not tell apart, in one sentence; undefined: none. */
  readonly ambiguity: string | undefined;

  /** A definition that has no command containers is no mistake: then no packet is a command that it knows. */
  constructor(
    private readonly source: PacketSource,
    readFile?: ReadFile,
  ) {
    const { definition } = readDefinitionFile(source.xtce, source.leadingSize, readFile);
    const compile = (container: string | undefined) =>
      definition && compileDecoder(definition, { kind: 'command', container }).decoder;
    // The root that packets of both kinds begin with, or else that of telecommands alone.
    this.decoder = compile(source.container) ?? compile(undefined);
    const alike = definition === undefined ? [] : lookAlikes(definition);
    const told = alike.slice(0, MAX_TOLD).map((problem) => formatProblem(definitionProblem(source.xtce, problem)));
    const more = alike.length - told.length;
    if (more > 0) told.push(`${String(more)} more, which "fdir decode --check" lists`);
    this.ambiguity = told.length === 0 ? undefined : told.join('; ');
  }

  /** Never throws on bytes. @param receivedAt when they came, milliseconds: a telecommand packet holds no time. */
  read(bytes: Uint8Array, receivedAt: number): DecodedTelecommands {
    const telecommands: Telecommand[] = [];
    const drops: Drop[] = [];
    const refuse = (message: string): void => void drops.push({ reason: 'malformed', message });
    const { skip, checksum } = this.source;
    for (const item of readPackets(bytes, { skip, checksum }).items) {
      if (item.type === 'problem') {
        if (item.code !== 'gap') refuse(`telecommand: ${item.message} (at byte ${String(item.offset)})`);
        continue;
      }
      if (item.type === 'idle') {
        drops.push({ reason: 'idle', message: 'an idle packet among telecommands' });
        continue;
      }
      const { packet } = item;
      const decoded = this.decoder?.decode(packet.bytes);
      const place = `telecommand packet of APID ${String(packet.apid)}, sequence count ${String(packet.sequence)}, at byte ${String(packet.offset)}`;
      const shown = decoded && shownCommand(decoded);
      if (shown === undefined) refuse(`${place}: the definition knows no command that it is`);
      else telecommands.push({ time: receivedAt, ...shown });
    }
    return { telecommands, drops };
  }
}

/** What of a definition is left out, and what of it is ambiguous: a sentence for each. */
export const definitionNotes = (parts: PacketParts, { ambiguity }: TelecommandPackets): readonly string[] =>
  [refusedNote(parts), ambiguity].filter((note) => note !== undefined);
