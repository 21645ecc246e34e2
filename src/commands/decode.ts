/** `fdir decode`: packets by a definition, for people and machines; `--check` reads the definition only. */
import { once } from 'node:events';
import type { Command } from 'commander';
import { definitionProblem, readDefinitionFile } from '../adapters/packets/definition-file';
import { openPacketFile } from '../adapters/packets/packet-file';
import { csvLine } from '../core/csv';
import { FdirError, formatProblem } from '../domain/errors';
import { compileDecoder, type Decoder } from '../packets/decode/compile-decoder';
import { lookAlikes } from '../packets/decode/look-alikes';
import type { StreamProblem } from '../packets/stream/packet-problem';
import type { StreamCounts } from '../packets/stream/stream-counts';
import { formatTime } from '../packets/time/format-time';
import { createPacketClock, type PacketClock } from '../packets/time/packet-clock';
import type { DefinitionProblem } from '../packets/xtce/model';
import { readDecodeOptions, readLeadingSize, type DecodeFlags, type DecodePlan } from './decode-options';
import { DecodeTotals, packetCsv, packetJson, packetText, type ShownPacket } from './decode-output';
import { note, writeJson, writeLine } from './output';

/** Problems of one kind that are told one by one; the rest is counted. */
const MAX_TOLD = 10;

const byLine = (a: DefinitionProblem, b: DefinitionProblem): number => a.line - b.line;

/** Everything that is not honoured, of the definition and of the containers that packets begin with. */
const checkDefinition = (options: DecodeFlags, constants: DecodePlan['constants']): void => {
  const { xtce, container, leadingSize } = options;
  const { definition, problems } = readDefinitionFile(xtce, readLeadingSize(leadingSize));
  const hasContainers = (definition?.containers.size ?? 0) > 0;
  const more =
    definition === undefined || !hasContainers ? [] : compileDecoder(definition, { container, constants }).problems;
  const alike = definition === undefined ? [] : lookAlikes(definition);
  const all = [...problems, ...more, ...alike].sort(byLine);
  const honoured = all.every(({ effect }) => effect !== 'refused');
  writeJson({ honoured, problems: all });
  for (const problem of all) note(formatProblem(definitionProblem(xtce, problem)));
  if (definition !== undefined) {
    note(
      `${xtce}: ${String(definition.parameters.size)} parameters, ${String(definition.containers.size)} containers, ${String(definition.commands.size)} commands; ${honoured ? 'everything is honoured' : 'what is refused is left out'}`,
    );
  }
  if (!honoured) process.exitCode = 1;
};

/** @throws FdirError `config` when nothing can be decoded by the definition */
const openDefinition = (options: DecodeFlags, constants: DecodePlan['constants']): Decoder => {
  const { xtce, container, leadingSize } = options;
  const { definition, problems } = readDefinitionFile(xtce, readLeadingSize(leadingSize));
  const problemsOf = (list: readonly DefinitionProblem[]) => list.map((problem) => definitionProblem(xtce, problem));
  if (definition === undefined) throw new FdirError('config', `${xtce} is no definition`, problemsOf(problems));
  const compiled = compileDecoder(definition, { container, constants });
  if (compiled.decoder === undefined) {
    throw new FdirError(
      'config',
      'packets cannot be decoded; name the root container with --container',
      problemsOf(compiled.problems),
    );
  }
  const refused = [...problems, ...compiled.problems].filter(({ effect }) => effect === 'refused').sort(byLine);
  for (const problem of refused.slice(0, MAX_TOLD)) note(formatProblem(definitionProblem(xtce, problem)));
  if (refused.length > 0) {
    note(`${xtce}: ${String(refused.length)} elements are refused and left out; fdir decode --check lists them all`);
  }
  return compiled.decoder;
};

const timeOf = (clock: PacketClock, shown: Pick<ShownPacket, 'packet' | 'decoded'>): string | null => {
  const time = clock.timeOf(shown.packet, shown.decoded);
  return time.ok ? formatTime(time.timeMs) : null;
};

const tellStream = (item: StreamProblem, told: number): void => {
  if (told > MAX_TOLD) return;
  const about = item.apid === undefined ? '' : `, APID ${String(item.apid)}, sequence ${String(item.sequence)}`;
  note(`byte ${String(item.offset)}${about}: ${item.message}`);
};

interface WalkResult {
  readonly totals: DecodeTotals;
  /** Undefined when reading stopped at the limit. */
  readonly counts: StreamCounts | undefined;
}

/** Goes through the file; `show` gives the text of each packet that was asked for, none to write nothing. */
const walk = async (
  file: string,
  plan: DecodePlan,
  decoder: Decoder,
  show: (shown: ShownPacket) => string | undefined,
): Promise<WalkResult> => {
  const clock = createPacketClock(plan.time ?? {});
  const { items, reader } = openPacketFile(file, plan.stream);
  const totals = new DecodeTotals();
  let shownCount = 0;
  let told = 0;
  for (const item of items) {
    if (item.type === 'problem') {
      totals.problem(item);
      told += 1;
      tellStream(item, told);
      continue;
    }
    if (item.type === 'idle') continue;
    const { packet } = item;
    totals.packet(packet);
    if (plan.apids?.has(packet.apid) === false) continue;
    const decoded = decoder.decode(packet.bytes);
    totals.decoded(decoded);
    const text = show({ number: totals.packets, packet, decoded, time: timeOf(clock, { packet, decoded }) });
    // A slow reader of the output is waited for: a recording may be larger than the memory.
    if (text !== undefined && !process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
    shownCount += 1;
    if (shownCount >= plan.limit) return { totals, counts: undefined };
  }
  if (told > MAX_TOLD) note(`${String(told - MAX_TOLD)} more problems of the stream are counted, not told`);
  return { totals, counts: reader.counts };
};

/** Columns are known once all packets were seen: the file is read twice. */
const decodeCsv = async (file: string, plan: DecodePlan, decoder: Decoder): Promise<WalkResult> => {
  const columns = new Set<string>();
  await walk(file, plan, decoder, ({ decoded }) => {
    for (const { field } of decoded.values) columns.add(field.id);
    return undefined;
  });
  const ordered = [...columns];
  writeLine(csvLine(['time', ...ordered]).trimEnd());
  return walk(file, plan, decoder, (shown) => packetCsv(shown, ordered));
};

const decode = async (file: string | undefined, options: DecodeFlags): Promise<void> => {
  const plan = readDecodeOptions(options);
  if (options.check === true) {
    checkDefinition(options, plan.constants);
    return;
  }
  if (file === undefined) throw new FdirError('usage', 'fdir decode needs a FILE of packets, or --check');
  const decoder = openDefinition(options, plan.constants);
  const { totals, counts } =
    plan.format === 'csv'
      ? await decodeCsv(file, plan, decoder)
      : await walk(file, plan, decoder, plan.format === 'json' ? packetJson : packetText);
  if (totals.packets === 0 && counts?.idle === 0) {
    const why = counts.bytes === 0 ? ': it is empty' : '; --skip N passes over bytes before each packet';
    throw new FdirError('input', `${file} holds no packet${why}`);
  }
  const summary = totals.summary(counts);
  if (plan.format === 'json') writeJson(summary);
  else note(JSON.stringify(summary));
};

const HELP = `
Examples:
  fdir decode pass.bin --xtce bus.xml --limit 1              the first packet, for people
  fdir decode pass.bin --xtce bus.xml --time cds --csv       a pass: time and one column a parameter
  fdir decode pass.tlm --xtce bus.xml --skip 4 --checksum sum16 --json
  fdir decode --xtce bus.xml --check                         what of the definition is not honoured

The time of a packet is its first absolute time, or what --time says. CUC takes 4 bytes of seconds and 2 of their fraction,
CDS 2 bytes of days, 4 of milliseconds and 2 of microseconds; --epoch gives another epoch than 1958-01-01.`;

/** Adds the verb `decode` to the program. */
export const register = (program: Command): void => {
  program
    .command('decode')
    .description('show packets decoded by their XTCE definition')
    .argument('[file]', 'recorded packets (.bin, .tlm, .ccsds)')
    .requiredOption('--xtce <file>', 'the definition')
    .option('--container <name>', 'container that packets begin with, when the definition has several')
    .option('--skip <bytes>', 'bytes before each packet that belong to none', '0')
    .option('--checksum <kind>', 'checksum of each packet: crc16-ccitt, iso or sum16')
    .option('--leading-size <unit>', 'what leading sizes of strings count: bits (default) or bytes')
    .option('--separate', 'show segments as they are instead of joining them')
    .option('--apid <numbers>', 'show these APIDs only, joined by commas')
    .option('--limit <count>', 'stop after so many packets')
    .option('--time <source>', 'cuc, cds, unix or gps in the secondary header, or the name of a parameter')
    .option('--epoch <time>', 'what times are counted from')
    .option(
      '--set <parameter=value>',
      'value of a parameter that no packet holds; can be given several times',
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option('--json', 'one packet a line (NDJSON), each value [raw, engineering], and a last line with counts')
    .option('--csv', 'a pass: time and engineering values')
    .option('--check', 'read the definition only; print what is not honoured, exit 1 if something is refused')
    .addHelpText('after', HELP)
    .action(decode);
};
