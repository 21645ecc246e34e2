/** A recording of packets as a pass: the mission's definition says what they hold. */
import { extname } from 'node:path';
import type { Drop } from '../../core/telemetry/drop';
import { FdirError, type Problem } from '../../domain/errors';
import type { Mission } from '../../domain/mission';
import type { OnboardEvent } from '../../domain/onboard-event';
import type { PartialFrame } from '../../domain/telemetry';
import type { StreamItem } from '../../packets/stream/packet-reader';
import { openPacketFile } from '../packets/packet-file';
import { PacketTelemetry, RECORDED } from '../packets/packet-telemetry';

/** Names of files that hold packets, whatever the mission says. */
const PACKETS: ReadonlySet<string> = new Set(['.bin', '.tlm', '.ccsds']);
/** Names of files that hold text or tables, also where the mission has packets. */
const OTHERS = /\.(csv|tsv|txt|ndjson|jsonl|json|parquet|gz|xlsx?)$/i;
/** Packets that are judged together, as lines of a text are. */
const CHUNK = 500;

/** Whether a recording is one of packets: by its name, or because the mission has packets and it is nothing else. */
export const isPacketFile = (file: string, { packets }: Mission): boolean =>
  PACKETS.has(extname(file).toLowerCase()) || (packets !== undefined && !OTHERS.test(file));

interface PacketChunk {
  readonly frames: readonly PartialFrame[];
  readonly drops: readonly Drop[];
  readonly reports?: readonly OnboardEvent[];
  readonly problems: readonly Problem[];
  readonly notes: readonly Problem[];
}

/** @throws FdirError `input` when the file cannot be read or holds no good packet, `config` without a definition. */
export function* readPacketPass(file: string, mission: Mission): Generator<PacketChunk, void, undefined> {
  const telemetry = PacketTelemetry.of(mission);
  if (telemetry === undefined || mission.packets === undefined)
    throw new FdirError('config', `${file} holds packets, and the mission has no "packets" to read them with`);
  const { skip, checksum } = mission.packets;
  let good = 0;
  let last: Problem | undefined;
  const chunkOf = (items: readonly StreamItem[]): PacketChunk => {
    const { frames, drops, reports = [] } = telemetry.take(items, RECORDED);
    const problems = drops
      .filter(({ reason }) => reason !== 'idle')
      .map(({ reason, message }) => ({ file, message: `${reason}: ${message}` }));
    good += frames.length + reports.length;
    last = problems.at(-1) ?? last;
    return { frames, drops, reports, problems, notes: [] };
  };
  let items: StreamItem[] = [];
  for (const item of openPacketFile(file, { skip, checksum }).items) {
    items.push(item);
    if (items.length < CHUNK) continue;
    yield chunkOf(items);
    items = [];
  }
  yield chunkOf(items);
  if (good === 0) throw new FdirError('input', `${file} holds no good packet`, last === undefined ? [] : [last]);
}
