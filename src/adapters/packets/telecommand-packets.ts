/** Telecommand packets on the topic `command`: which command each is, by the command containers of the definition. */
import type { DecodedTelecommands } from '../../core/telemetry/decode-telecommands';
import type { Drop } from '../../core/telemetry/drop';
import { missionArgumentName, missionCommandName } from '../../core/onboarding/command-names';
import type { PacketSource } from '../../domain/packet-source';
import type { Telecommand } from '../../domain/telecommand';
import { compileDecoder, type Decoder } from '../../packets/decode/compile-decoder';
import type { DecodedValue } from '../../packets/decode/values';
import { readPackets } from '../../packets/stream/packet-reader';
import { readDefinitionFile } from './definition-file';
import { shownValue } from './pus-reports';

/** Labels, words and numbers, by the names that a mission gives arguments. */
const argumentsOf = (values: readonly DecodedValue[]): Telecommand['arguments'] =>
  Object.fromEntries(
    values.flatMap((item) =>
      item.field.argument === undefined ? [] : [[missionArgumentName(item.field.argument.name), shownValue(item)]],
    ),
  );

export class TelecommandPackets {
  private readonly decoder: Decoder | undefined;

  /** A definition that has no command containers is no mistake: then no packet is a command that it knows. */
  constructor(private readonly source: PacketSource) {
    const { definition } = readDefinitionFile(source.xtce);
    const compile = (container: string | undefined) =>
      definition && compileDecoder(definition, { kind: 'command', container }).decoder;
    // The root that packets of both kinds begin with, or else that of telecommands alone.
    this.decoder = compile(source.container) ?? compile(undefined);
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
      const { packet } = item;
      const decoded = this.decoder?.decode(packet.bytes);
      const place = `telecommand packet of APID ${String(packet.apid)}, sequence count ${String(packet.sequence)}, at byte ${String(packet.offset)}`;
      if (decoded?.command === undefined) refuse(`${place}: the definition knows no command that it is`);
      else {
        const name = missionCommandName(decoded.command.name);
        telecommands.push({ time: receivedAt, name, arguments: argumentsOf(decoded.values) });
      }
    }
    return { telecommands, drops };
  }
}
