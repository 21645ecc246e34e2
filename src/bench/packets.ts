/**
 * How fast packets are read and decoded. The recording is of JPSS-1 (7,200 packets of 71 bytes, 27 parameters each), in a folder
 * of recordings that is not part of the project. Both figures are of one thread; processor time tells them apart from others at
 * work.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileDecoder } from '../packets/decode/compile-decoder';
import { readPackets } from '../packets/stream/packet-reader';
import type { SpacePacket } from '../packets/stream/space-packet';
import { readDefinition } from '../packets/xtce/read-definition';
import { FdirError } from '../domain/errors';

const FOLDER = process.env['FDIR_DATA'] ?? join('..', 'shared', 'data');
const RECORDING = 'jpss1/J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1';
const DEFINITION = 'jpss1/jpss1_geolocation_xtce_v1.xml';

/** The code is compiled by then. */
const WARM_UP = 5;
const ROUNDS = 30;
const MEGA = 1e6;

interface Speed {
  readonly packetsPerSecond: number;
  /** Of processor time: what one core does that has nothing else to do. */
  readonly packetsPerCpuSecond: number;
}

const measure = (packetsPerRound: number, round: () => void): Speed => {
  for (let index = 0; index < WARM_UP; index += 1) round();
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  for (let index = 0; index < ROUNDS; index += 1) round();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const used = process.cpuUsage(cpu);
  const packets = packetsPerRound * ROUNDS;
  return {
    packetsPerSecond: Math.round(packets / seconds),
    packetsPerCpuSecond: Math.round((packets * MEGA) / (used.user + used.system)),
  };
};

const packetsOf = (recording: Uint8Array): readonly SpacePacket[] =>
  readPackets(recording).items.flatMap((item) => (item.type === 'packet' ? [item.packet] : []));

/** @throws FdirError `input` when the recording is there and is not what it should be */
export const benchPackets = (): object => {
  const recordingFile = join(FOLDER, RECORDING);
  if (!existsSync(recordingFile))
    return { skipped: `${recordingFile} is not there; set FDIR_DATA to the folder of recordings` };
  const recording = readFileSync(recordingFile);
  const text = readFileSync(join(FOLDER, DEFINITION), 'utf8');
  const { definition } = readDefinition(text);
  const { decoder } = definition === undefined ? { decoder: undefined } : compileDecoder(definition);
  if (decoder === undefined) throw new FdirError('input', `${DEFINITION} cannot be compiled`);
  const packets = packetsOf(recording);
  let values = 0;
  const decodeAll = (list: readonly SpacePacket[]): void => {
    for (const { bytes } of list) values += decoder.decode(bytes).values.length;
  };
  const read = measure(packets.length, () => void packetsOf(recording));
  const decode = measure(packets.length, () => {
    decodeAll(packets);
  });
  const both = measure(packets.length, () => {
    decodeAll(packetsOf(recording));
  });
  const rounds = 2 * (WARM_UP + ROUNDS);
  return {
    recording: RECORDING,
    packets: packets.length,
    valuesPerPacket: values / (rounds * packets.length),
    read,
    decode,
    readAndDecode: both,
  };
};
