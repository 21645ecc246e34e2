/** Reads recorded passes (CONTRACTS section 2) in chunks: CSV or NDJSON in whatever form people write them, in the order of time. */
import { planAssembly } from '../../core/telemetry/assembly-plan';
import { planFlags, withFlags } from '../../core/telemetry/command-flags';
import { planEffects, withExcused } from '../../core/telemetry/effects';
import { initialTelecommands, telecommandsAt, tellTelecommands } from '../../core/telemetry/telecommands';
import { missingValues } from '../../core/telemetry/cell';
import { MAX_LINE_CHARACTERS } from '../../core/telemetry/decode-pass';
import type { Drop } from '../../core/telemetry/drop';
import { FillValueWatch } from '../../core/telemetry/fill-values';
import { initialAssembler, type AssemblyItem } from '../../core/telemetry/assembler-state';
import { assembleFrames, flushFrames } from '../../core/telemetry/frame-assembler';
import { PassStream, type PassStep } from '../../core/telemetry/pass-stream';
import { FdirError, type Problem } from '../../domain/errors';
import type { OnboardEvent } from '../../domain/onboard-event';
import type { Mission } from '../../domain/mission';
import type { Telecommand } from '../../domain/telecommand';
import type { Frame, PartialFrame } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';
import { FrameSorter } from './frame-sorter';
import { readLines } from './line-reader';
import { isPacketFile, readPacketPass } from './packet-pass';
import {
  isDisordered,
  readOrder,
  readPacketOrder,
  sortedNote,
  stepsOf,
  type Steps,
  type TimeOrder,
} from './pass-order';

/** Some lines of a pass. */
export interface PassChunk {
  readonly frames: readonly PartialFrame[];
  readonly drops: readonly Drop[];
  /** What the spacecraft itself reported; left out: nothing. */
  readonly reports?: readonly OnboardEvent[];
  /** The same drops for people, with file and line; those of one column are told together at the end. */
  readonly problems: readonly Problem[];
  /** How the file is read where that is not as usual; nothing was dropped. */
  readonly notes: readonly Problem[];
}

export interface PassReading {
  /** The spacecraft's clock may have been set back within the recording; otherwise it is one time base. */
  readonly isStream?: boolean;
}

/** The pass as it is written. */
async function* readAsWritten(file: string, mission: Mission): AsyncGenerator<PassChunk, void, undefined> {
  if (isPacketFile(file, mission)) {
    yield* readPacketPass(file, mission);
    return;
  }
  const stream = new PassStream(new Set(mission.parameters.map(({ id }) => id)), missingValues(mission.missing));
  let good = 0;
  let lastProblem: Problem | undefined;
  const chunkOf = ({ frames, drops, told, notes }: PassStep): PassChunk => {
    if (stream.refusal !== undefined)
      throw new FdirError('input', `${file} is not a pass of the mission`, [{ file, ...stream.refusal }]);
    const problems = told.map(({ line, drop }) => ({ file, line, message: `${drop.reason}: ${drop.message}` }));
    good += frames.length;
    lastProblem = problems.at(-1) ?? lastProblem;
    return { frames, drops, problems, notes: notes.map((message) => ({ file, message })) };
  };
  for await (const lines of readLines(file, MAX_LINE_CHARACTERS)) {
    const chunk = chunkOf(stream.take(lines));
    if (chunk.frames.length + chunk.drops.length + chunk.notes.length > 0) yield chunk;
  }
  const rest = chunkOf(stream.finish());
  if (good === 0)
    throw new FdirError('input', `${file} holds no good line`, [
      lastProblem ?? { file, message: 'there is a header and nothing below it' },
    ]);
  yield rest;
}

/**
 * Takes out the records that were written ahead of the telemetry that followed and that have no neighbour in time. Sorted, such a
 * record would be the end of a gap of years.
 */
async function* withoutAhead(
  chunks: AsyncIterable<readonly PartialFrame[]>,
  { ahead, earliest }: TimeOrder,
  { farMs }: Steps,
): AsyncGenerator<PassChunk, void, undefined> {
  let before: PartialFrame | undefined;
  let held: PartialFrame | undefined;
  /** Further ahead than the recording before it is long: a shorter gap may be one of records that were lost. */
  const isAlone = ({ time }: PartialFrame, next: number): boolean => {
    const last = before?.time ?? -Infinity;
    return ahead.has(time) && time - last > Math.max(farMs, last - earliest) && next - time > farMs;
  };
  const release = (next: number): Pick<PassChunk, 'frames' | 'drops'> => {
    const frame = held;
    if (frame === undefined) return { frames: [], drops: [] };
    const drops: readonly Drop[] = isAlone(frame, next)
      ? [{ reason: 'future', message: `${isoTime(frame.time)} was ahead of the telemetry that followed` }]
      : [];
    before = frame;
    return drops.length > 0 ? { frames: [], drops } : { frames: [frame], drops };
  };
  for await (const chunk of chunks) {
    const frames: PartialFrame[] = [];
    const drops: Drop[] = [];
    for (const frame of chunk) {
      const released = release(frame.time);
      frames.push(...released.frames);
      drops.push(...released.drops);
      held = frame;
    }
    yield { frames, drops, problems: [], notes: [] };
  }
  yield { ...release(Infinity), problems: [], notes: [] };
}

/** The same in the order of time. */
async function* readSorted(
  file: string,
  mission: Mission,
  order: TimeOrder,
): AsyncGenerator<PassChunk, void, undefined> {
  const sorter = new FrameSorter();
  try {
    for await (const chunk of readAsWritten(file, mission)) {
      await sorter.add(chunk.frames);
      yield { ...chunk, frames: [] };
    }
    yield* withoutAhead(sorter.sorted(), order, stepsOf(mission));
  } finally {
    sorter.close();
  }
}

async function* readInOrder(
  file: string,
  mission: Mission,
  { isStream = false }: PassReading,
): AsyncGenerator<PassChunk, void, undefined> {
  const order = isPacketFile(file, mission) ? readPacketOrder(file, mission) : await readOrder(file, stepsOf(mission));
  if (order === undefined || !isDisordered(order, isStream)) {
    yield* readAsWritten(file, mission);
    return;
  }
  yield { frames: [], drops: [], problems: [], notes: [{ file, message: sortedNote(order) }] };
  yield* readSorted(file, mission, order);
}

/**
 * Streams a pass; a malformed line is a drop and a problem, and the reading goes on. Records that are not in the order of time are
 * sorted, which is told. Numbers that may stand for missing samples are told at the end.
 * @throws FdirError `input` when the file cannot be read, is no pass of the mission, or holds no good line.
 */
export async function* readPass(
  file: string,
  mission: Mission,
  reading: PassReading = {},
): AsyncGenerator<PassChunk, void, undefined> {
  const measured = mission.parameters.filter(({ kind }) => kind === 'periodic');
  const watch = new FillValueWatch(measured.map(({ id }) => id));
  for await (const chunk of readInOrder(file, mission, reading)) {
    watch.take(chunk.frames);
    yield chunk;
  }
  const notes = watch.told().map((message) => ({ file, message }));
  if (notes.length > 0) yield { frames: [], drops: [], problems: [], notes };
}

/** A whole pass on the sampling grid, for those that need it at once: fitting and evaluating. */
export interface LoadedPass {
  /** Frames and gaps in order. */
  readonly assembled: readonly AssemblyItem[];
  /** The frames alone. */
  readonly frames: readonly Frame[];
  readonly drops: readonly Drop[];
  /** Drops of the reading; those of the assembly are among `drops` only. */
  readonly problems: readonly Problem[];
  readonly notes: readonly Problem[];
}

/**
 * Assembles a pass as the daemon would. @throws FdirError `input`.
 * @param telecommands of that time, ascending: they set the parameters that stand for one. What a declared effect explains counts as
 * not measured. So it teaches nothing to what is fitted, and is not judged by what is evaluated.
 */
export const loadPass = async (
  file: string,
  mission: Mission,
  telecommands: readonly Telecommand[] = [],
): Promise<LoadedPass> => {
  const plan = planAssembly(mission);
  const flags = planFlags(mission);
  const effects = planEffects(mission);
  let commanded = tellTelecommands(initialTelecommands, telecommands, -Infinity);
  const told = (item: AssemblyItem): AssemblyItem => {
    if (item.kind !== 'frame' || flags.length + effects.length === 0) return item;
    commanded = telecommandsAt(commanded, item.frame.time);
    return withExcused(effects, commanded, withFlags(flags, commanded, item));
  };
  const assembled: AssemblyItem[] = [];
  const drops: Drop[] = [];
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  let state = initialAssembler;
  const take = (step: ReturnType<typeof flushFrames>): void => {
    state = step.state;
    for (const item of step.items) assembled.push(told(item));
    drops.push(...step.drops);
  };
  for await (const chunk of readPass(file, mission)) {
    drops.push(...chunk.drops);
    problems.push(...chunk.problems);
    notes.push(...chunk.notes);
    for (const partial of chunk.frames) take(assembleFrames(plan, state, partial));
  }
  take(flushFrames(plan, state));
  const frames = assembled.flatMap((item) => (item.kind === 'frame' ? [item.frame] : []));
  return { assembled, frames, drops, problems, notes };
};
