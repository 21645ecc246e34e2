/** `fdir init --xtce`: what a definition and recordings of packets say, for the draft of a mission. */
import { relative, dirname, resolve } from 'node:path';
import { commandLines, factsOf, numericFields } from '../adapters/packets/definition-facts';
import { definitionProblem, readDefinitionFile } from '../adapters/packets/definition-file';
import { draftMonitors, type DraftedMission, type MonitorDraft } from '../adapters/packets/definition-monitors';
import { openPacketFile } from '../adapters/packets/packet-file';
import { packetClock } from '../adapters/packets/mission-clock';
import { PacketTelemetry, RECORDED } from '../adapters/packets/packet-telemetry';
import type { SurveyedFile } from '../adapters/passes/survey-reader';
import type { KnownFacts } from '../core/onboarding/known-facts';
import type { SurveyCounter } from '../core/onboarding/survey';
import { EARLIEST_TIME } from '../core/telemetry/packet-time';
import { FdirError, formatProblem } from '../domain/errors';
import type { PacketSource } from '../domain/packet-source';
import { compileDecoder, type Decoder } from '../packets/decode/compile-decoder';
import type { SpacePacket } from '../packets/stream/space-packet';
import { readLeadingSize } from './decode-options';
import { note } from './output';

export interface XtceOptions {
  readonly xtce: string;
  readonly container?: string;
  readonly skip?: string;
  readonly checksum?: string;
  readonly leadingSize?: string;
  readonly out: string;
}

export interface XtceSurvey {
  /** The period that most containers with a rate have, milliseconds; undefined when the definition gives no rate. */
  readonly definedPeriodMs: number | undefined;
  readonly files: readonly SurveyedFile[];
  readonly facts: ReadonlyMap<string, KnownFacts>;
  /** Sections of the mission besides its parameters. */
  readonly lines: readonly string[];
  /** Alarms that plain limits cannot say, once it is known what the mission watches. */
  monitors(mission: Omit<DraftedMission, 'fields'>): MonitorDraft;
}

const TOLD = 5;
const PROBED_PACKETS = 200;
const CHECKSUMS = ['crc16-ccitt', 'iso', 'sum16'] as const;

/** Where packets may keep their time, the likeliest first. */
const CLOCKS: readonly { readonly time: PacketSource['time'] }[] = [
  { time: undefined },
  { time: { secondaryHeader: 'cds' } },
  { time: { secondaryHeader: 'cuc', pField: true } },
  { time: { secondaryHeader: 'cuc' } },
];

const open = ({ xtce, container, leadingSize }: XtceOptions) => {
  const { definition, problems } = readDefinitionFile(xtce, readLeadingSize(leadingSize));
  const compiled = definition && compileDecoder(definition, { container });
  const all = [...problems, ...(compiled?.problems ?? [])];
  const decoder = compiled?.decoder;
  if (definition === undefined || decoder === undefined)
    throw new FdirError(
      'input',
      `the definition ${xtce} cannot be used`,
      all.filter(({ effect }) => effect === 'refused').map((problem) => definitionProblem(xtce, problem)),
    );
  for (const problem of all.slice(0, TOLD)) note(formatProblem(definitionProblem(xtce, problem)));
  if (all.length > TOLD) note(`${xtce}: ${String(all.length - TOLD)} more; "fdir decode --check" lists them`);
  return { definition, decoder };
};

/** Of the shorter period where two are as frequent. */
const definedPeriod = ({ containers }: Decoder): number | undefined => {
  const votes = new Map<number, number>();
  for (const { periodSeconds } of containers) {
    if (periodSeconds === undefined) continue;
    const ms = Math.max(1, Math.round(1000 * periodSeconds));
    votes.set(ms, (votes.get(ms) ?? 0) + 1);
  }
  return [...votes].sort(([a, m], [b, n]) => n - m || a - b)[0]?.[0];
};

/** What an abstract root container reads stands in every packet. */
const headerOf = ({ root }: Decoder): ReadonlySet<string> =>
  new Set(root.abstract ? root.entries.flatMap((one) => (one.kind === 'parameter' ? [one.parameter.id] : [])) : []);

/** Why the draft says no time; undefined: it does, or need not. */
const timeCheck = (files: readonly string[], isFound: boolean): string | undefined => {
  if (isFound) return undefined;
  return files.length === 0
    ? '  # CHECK time: no recording shows it. The first absolute time of a packet is taken, else the time of reception.'
    : '  # CHECK time: the packets hold none that can be believed; the time of reception is taken.';
};

const probe = (file: string, source: Pick<PacketSource, 'skip' | 'checksum'>): readonly SpacePacket[] => {
  const packets: SpacePacket[] = [];
  for (const item of openPacketFile(file, source).items) {
    if (item.type === 'packet') packets.push(item.packet);
    if (packets.length >= PROBED_PACKETS) break;
  }
  return packets;
};

/** The first clock that gives most of the packets a time that can be believed and rises; undefined: none does. */
const clockOf = (decoder: Decoder, packets: readonly SpacePacket[], now: number) =>
  CLOCKS.find(({ time }) => {
    const clock = packetClock({ time }, decoder.fields);
    const times = packets.flatMap((packet) => {
      const read = clock.timeOf(packet, decoder.decode(packet.bytes));
      return read.ok && read.timeMs >= EARLIEST_TIME && read.timeMs <= now ? [read.timeMs] : [];
    });
    const rising = times.filter((value, index) => value >= (times[index - 1] ?? value)).length;
    return packets.length > 0 && times.length > packets.length / 2 && rising > 0.9 * times.length;
  });

const sourceOf = ({ xtce, container, skip = '0', checksum, leadingSize }: XtceOptions): PacketSource => {
  const bytes = Number(skip);
  if (!Number.isInteger(bytes) || bytes < 0) throw new FdirError('usage', `--skip "${skip}" is not a number of bytes`);
  const known = CHECKSUMS.find((name) => name === checksum);
  if (checksum !== undefined && known === undefined)
    throw new FdirError('usage', `--checksum "${checksum}" is none of ${CHECKSUMS.join(', ')}`);
  return { xtce, container, skip: bytes, checksum: known, names: {}, leadingSize: readLeadingSize(leadingSize) };
};

const timeText = (time: NonNullable<PacketSource['time']>): string =>
  `{ ${Object.entries(time)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(', ')} }`;

/** Feeds recordings of packets to the survey; without one, the names that the definition has. @param now wall clock, milliseconds: no packet is of later. */
export const surveyPackets = (
  files: readonly string[],
  options: XtceOptions,
  counter: SurveyCounter,
  now: number,
): XtceSurvey => {
  const { definition, decoder } = open(options);
  const source = sourceOf(options);
  const clock = clockOf(
    decoder,
    files.slice(0, 1).flatMap((file) => probe(file, source)),
    now,
  );
  const time = clock?.time;
  const fields = numericFields(decoder);
  const names = Object.fromEntries(
    [...fields].filter(([id, field]) => !field.id.endsWith(id)).map(([id, field]) => [id, field.id]),
  );
  const whole: PacketSource = { ...source, names, ...(time !== undefined && { time }) };
  const surveyed = files.map((file): SurveyedFile => {
    const telemetry = PacketTelemetry.from(whole, decoder, new Set(fields.keys()));
    counter.startRecording(file);
    const { frames, drops: all } = telemetry.take(openPacketFile(file, source).items, RECORDED);
    const drops = all.filter(({ reason }) => reason !== 'idle');
    for (const frame of frames) counter.take(frame);
    if (frames.length === 0)
      throw new FdirError('input', `${file} holds no good packet`, [
        { file, message: drops[0]?.message ?? 'it is empty' },
      ]);
    const problems = drops.slice(0, TOLD).map(({ reason, message }) => ({ file, message: `${reason}: ${message}` }));
    return {
      file,
      format: 'ndjson',
      columns: [...fields.keys()],
      renames: [],
      header: undefined,
      problems,
      notes: [],
      skipped: drops.length,
    };
  });
  if (fields.size === 0)
    throw new FdirError('input', `the definition ${options.xtce} has no parameter that is a number`);
  for (const id of fields.keys()) counter.declare(id);
  const header = headerOf(decoder);
  const check = timeCheck(files, clock !== undefined);
  const path = relative(dirname(resolve(options.out)), resolve(options.xtce));
  return {
    files: surveyed,
    monitors: (mission) => draftMonitors({ ...mission, fields }),
    definedPeriodMs: definedPeriod(decoder),
    facts: new Map([...fields].map(([id, field]) => [id, { ...factsOf(field), isHeader: header.has(field.id) }])),
    lines: [
      '# How packets are read. They come on the topic packet, and from files (fdir replay FILE).',
      'packets:',
      `  xtce: ${JSON.stringify(path)}`,
      ...(source.container === undefined ? [] : [`  container: ${JSON.stringify(source.container)}`]),
      ...(source.leadingSize === undefined ? [] : [`  leadingSize: ${source.leadingSize}`]),
      ...(source.skip === 0 ? [] : [`  skip: ${String(source.skip)}`]),
      ...(source.checksum === undefined ? [] : [`  checksum: ${source.checksum}`]),
      ...(time === undefined ? [] : [`  time: ${timeText(time)}`]),
      ...(check === undefined ? [] : [check]),
      ...(Object.keys(names).length === 0 ? [] : [`  names: ${JSON.stringify(names)}`]),
      '',
      ...commandLines([...definition.commands.values()]),
    ],
  };
};
