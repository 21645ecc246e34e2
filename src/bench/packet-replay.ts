/**
 * A replay of packets against one of the same telemetry as CSV, from the file to the log, with model and rules. It shows what reading
 * packets costs in the end. The bundled mission as packets, one frame each, 64-bit floats, so that both replays judge the same values.
 */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { lastValueFrom } from 'rxjs';
import { writePass } from '../adapters/passes/pass-writer';
import { composeReplay } from '../compose/replay';
import type { LoadedConfig } from '../config/load-config';
import { FdirError } from '../domain/errors';
import type { Mission } from '../domain/mission';
import { SEQUENCE_MODULUS } from '../packets/stream/space-packet';
import { ofRuns } from './statistics';
import { BENCH_START, type Workshop } from './workshop';

const FRAMES = 21_600;
const WARM_UP_FRAMES = 2700;
const RUNS = 3;
const HEADER_BYTES = 6;
/** CUC: four bytes of seconds, three of their fraction. */
const TIME_BYTES = 7;
const APID = 42;

const definitionOf = ({ parameters }: Mission): string => `<?xml version="1.0"?>
<SpaceSystem name="BENCH" xmlns="http://www.omg.org/spec/XTCE/20180204"><TelemetryMetaData><ParameterTypeSet>
<BinaryParameterType name="HEAD"><BinaryDataEncoding><SizeInBits><FixedValue>${String((HEADER_BYTES + TIME_BYTES) * 8)}</FixedValue></SizeInBits></BinaryDataEncoding></BinaryParameterType>
<FloatParameterType name="F64" sizeInBits="64"><FloatDataEncoding sizeInBits="64"/></FloatParameterType>
</ParameterTypeSet><ParameterSet><Parameter name="HEADER" parameterTypeRef="HEAD"/>
${parameters.map(({ id }) => `<Parameter name="${id}" parameterTypeRef="F64"/>`).join('\n')}
</ParameterSet><ContainerSet><SequenceContainer name="FRAME"><EntryList><ParameterRefEntry parameterRef="HEADER"/>
${parameters.map(({ id }) => `<ParameterRefEntry parameterRef="${id}"/>`).join('\n')}
</EntryList></SequenceContainer></ContainerSet></TelemetryMetaData></SpaceSystem>
`;

/** A frame with a value that is missing has none in its packet: NaN, which is dropped as it is in CSV. */
const writePackets = (file: string, count: number, { frames, loaded }: Workshop): void => {
  const width = loaded.mission.parameters.length;
  const packet = Buffer.alloc(HEADER_BYTES + TIME_BYTES + width * 8);
  packet.writeUInt16BE(0x0800 | APID, 0);
  packet.writeUInt16BE(packet.length - HEADER_BYTES - 1, 4);
  const handle = openSync(file, 'w');
  let sequence = 0;
  for (const { time, values } of frames(count, [])) {
    packet.writeUInt16BE(0xc000 | sequence, 2);
    packet.writeUInt32BE((time - BENCH_START) / 1000, HEADER_BYTES);
    values.forEach((value, row) => packet.writeDoubleBE(value, HEADER_BYTES + TIME_BYTES + row * 8));
    writeSync(handle, packet);
    sequence = (sequence + 1) % SEQUENCE_MODULUS;
  }
  closeSync(handle);
};

/** @throws FdirError `runtime` when both replays do not judge the same. */
export const benchPacketReplay = async (workshop: Workshop) => {
  const { loaded, path, frames, report } = workshop;
  writeFileSync(path('bench.xml'), definitionOf(loaded.mission));
  const time = { secondaryHeader: 'cuc' as const, coarse: 4, fine: 3, epoch: new Date(BENCH_START).toISOString() };
  const mission: Mission = { ...loaded.mission, packets: { xtce: path('bench.xml'), skip: 0, names: {}, time } };
  const withPackets: LoadedConfig = { ...loaded, mission };
  const ends = { csv: loaded, bin: withPackets } as const;
  const make = (name: string, count: number): void => {
    writePass(path(`${name}.csv`), loaded.mission, frames(count, []));
    writePackets(path(`${name}.bin`), count, workshop);
  };
  const replay = async (name: string, kind: keyof typeof ends, run: number) => {
    const started = performance.now();
    const cpu = process.cpuUsage();
    const steps$ = await composeReplay(ends[kind], {
      files: [path(`${name}.${kind}`)],
      logPath: path(`${name}-${kind}-${String(run)}.db`),
      startedAt: Date.now(),
      diagnostics: { dropped: () => undefined, vital: () => undefined },
      onProblems: () => undefined,
    });
    const { tally } = await lastValueFrom(steps$);
    const { user, system } = process.cpuUsage(cpu);
    return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6, tally };
  };
  report(`packets: simulating ${String(FRAMES)} frames`);
  make('packet-warm-up', WARM_UP_FRAMES);
  make('packet-replay', FRAMES);
  for (const kind of ['csv', 'bin'] as const) await replay('packet-warm-up', kind, 0);
  const speeds = { csv: [] as number[], bin: [] as number[] };
  const ratios: number[] = [];
  const cpuRatios: number[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    // One after the other: what else the machine does meanwhile does not make the ratio.
    const csv = await replay('packet-replay', 'csv', run);
    const bin = await replay('packet-replay', 'bin', run);
    const counted = [csv, bin].map(({ tally: { frames: all, windows, anomalies } }) =>
      [all, windows, anomalies].join(),
    );
    if (counted[0] !== counted[1])
      throw new FdirError('runtime', `both replays must judge the same: ${counted.join(' and ')}`);
    speeds.csv.push(FRAMES / csv.seconds);
    speeds.bin.push(FRAMES / bin.seconds);
    ratios.push(csv.seconds / bin.seconds);
    cpuRatios.push(csv.cpuSeconds / bin.cpuSeconds);
    report(`packets: run ${String(run)} of ${String(RUNS)}, ${String(Math.round(FRAMES / bin.seconds))} frames/s`);
  }
  return {
    frames: FRAMES,
    csvFramesPerSecond: ofRuns(speeds.csv),
    packetFramesPerSecond: ofRuns(speeds.bin),
    /** Packets against CSV; above 1 packets are faster. */
    ratio: ofRuns(ratios),
    /** The same of processor time, all threads: where others are at work, it says more. */
    cpuRatio: ofRuns(cpuRatios),
  };
};
