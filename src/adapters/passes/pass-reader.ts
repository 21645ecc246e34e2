/** Reads recorded passes (CONTRACTS section 2), CSV or NDJSON, in chunks of lines. */
import { planAssembly } from '../../core/telemetry/assembly-plan';
import { MAX_LINE_CHARACTERS, readPassHeader, type LineDecoder } from '../../core/telemetry/decode-pass';
import type { Drop } from '../../core/telemetry/drop';
import { assembleFrames, flushFrames, initialAssembler, type AssemblyItem } from '../../core/telemetry/frame-assembler';
import { FdirError, type Problem } from '../../domain/errors';
import type { Mission } from '../../domain/mission';
import type { Frame, PartialFrame } from '../../domain/telemetry';
import { readLines } from './line-reader';

/** Some lines of a pass. */
export interface PassChunk {
  readonly frames: readonly PartialFrame[];
  readonly drops: readonly Drop[];
  /** The same drops for people, with file and line. */
  readonly problems: readonly Problem[];
}

/**
 * Streams a pass; a malformed line is a drop and a problem, and the reading goes on.
 * @throws FdirError `input` when the file cannot be read, is no pass of the mission, or holds no good line.
 */
export async function* readPass(file: string, mission: Mission): AsyncGenerator<PassChunk, void, undefined> {
  const parameters = new Set(mission.parameters.map(({ id }) => id));
  let decode: LineDecoder | undefined;
  let good = 0;
  let lastProblem: Problem | undefined;
  for await (const lines of readLines(file, MAX_LINE_CHARACTERS)) {
    const frames: PartialFrame[] = [];
    const drops: Drop[] = [];
    const problems: Problem[] = [];
    const report = (dropped: readonly Drop[], line: number): void => {
      for (const drop of dropped) {
        drops.push(drop);
        problems.push({ file, line, message: `${drop.reason}: ${drop.message}` });
      }
    };
    for (const { text, number, isCut } of lines) {
      if (isCut) {
        report([{ reason: 'oversized', message: `longer than ${String(MAX_LINE_CHARACTERS)} characters` }], number);
        continue;
      }
      if (text === '' || text.trim() === '') continue;
      if (decode === undefined) {
        const header = readPassHeader(text, parameters);
        if (header.problem !== undefined) {
          throw new FdirError('input', `${file} is not a pass of the mission`, [
            { file, line: number, message: header.problem },
          ]);
        }
        decode = header.decode;
        report(header.drops, number);
        if (header.consumed) continue;
      }
      const decoded = decode(text);
      frames.push(...decoded.frames);
      report(decoded.drops, number);
    }
    good += frames.length;
    lastProblem = problems.at(-1) ?? lastProblem;
    if (frames.length > 0 || drops.length > 0) yield { frames, drops, problems };
  }
  if (good === 0) {
    throw new FdirError('input', `${file} holds no good line`, lastProblem === undefined ? [] : [lastProblem]);
  }
}

/** A whole pass on the sampling grid, for those that need it at once: fitting and evaluating. */
export interface LoadedPass {
  /** Frames and gaps in order. */
  readonly assembled: readonly AssemblyItem[];
  /** The frames alone. */
  readonly frames: readonly Frame[];
  readonly drops: readonly Drop[];
  readonly problems: readonly Problem[];
}

/** Assembles a pass as the daemon would. @throws FdirError `input`. */
export const loadPass = async (file: string, mission: Mission): Promise<LoadedPass> => {
  const plan = planAssembly(mission);
  const assembled: AssemblyItem[] = [];
  const drops: Drop[] = [];
  const problems: Problem[] = [];
  let state = initialAssembler;
  const take = (step: ReturnType<typeof flushFrames>): void => {
    state = step.state;
    assembled.push(...step.items);
    drops.push(...step.drops);
  };
  for await (const chunk of readPass(file, mission)) {
    drops.push(...chunk.drops);
    problems.push(...chunk.problems);
    for (const partial of chunk.frames) take(assembleFrames(plan, state, partial));
  }
  take(flushFrames(plan, state));
  const frames = assembled.flatMap((item) => (item.kind === 'frame' ? [item.frame] : []));
  return { assembled, frames, drops, problems };
};
