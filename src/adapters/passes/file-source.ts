/** A recorded pass, or several after another, as a telemetry source. The next lines are read when the last are dealt with. */
import { from, type Observable } from 'rxjs';
import type { Problem } from '../../domain/errors';
import type { Mission } from '../../domain/mission';
import type { Telecommand } from '../../domain/telecommand';
import type { ModeChange, PartialFrame } from '../../domain/telemetry';
import type { Arrival, TelemetrySource } from '../../pipeline/ports';
import { inTimeOrder } from './pass-order';
import { readPass } from './pass-reader';

/** Waits until a frame of packet time `time` is due; undefined when it is due at once. */
export type Pace = (time: number) => Promise<void> | undefined;

export interface FileSourceOptions {
  readonly files: readonly string[];
  readonly mission: Mission;
  readonly pace?: Pace | undefined;
  /** Operating modes of the time of the recording, all told before its first frame. */
  readonly modes?: readonly ModeChange[] | undefined;
  /** Telecommands of that time, ascending: each is told with the first lines that reach it. */
  readonly telecommands?: readonly Telecommand[] | undefined;
  /** Told of every malformed line, and of how a file is read where that is not as usual. */
  readonly onProblems: (problems: readonly Problem[]) => void;
}

/** An arrival, and a promise that it has been acknowledged. */
const track = (parts: Omit<Arrival, 'acknowledge'>): { arrival: Arrival; acknowledged: Promise<void> } => {
  let acknowledge = (): void => undefined;
  const acknowledged = new Promise<void>((resolve) => (acknowledge = resolve));
  return { arrival: { ...parts, acknowledge }, acknowledged };
};

/** Several recordings are read in the order of their times, whatever order they are named in. */
const orderedFiles = async ({
  files,
  mission,
  onProblems,
}: Pick<FileSourceOptions, 'files' | 'mission' | 'onProblems'>): Promise<readonly string[]> => {
  const ordered = await inTimeOrder(files, mission);
  if (ordered.isChanged)
    onProblems([{ message: `the recordings are read in the order of their times: ${ordered.files.join(', ')}` }]);
  return ordered.files;
};

async function* arrivals({
  files,
  mission,
  pace,
  modes = [],
  telecommands = [],
  onProblems,
}: FileSourceOptions): AsyncGenerator<Arrival, void, undefined> {
  const offer = async function* (parts: Omit<Arrival, 'acknowledge'>): AsyncGenerator<Arrival, void, undefined> {
    const { arrival, acknowledged } = track(parts);
    yield arrival;
    await acknowledged;
  };
  let told = 0;
  const sentUntil = (time: number): readonly Telecommand[] => {
    const from = told;
    while (told < telecommands.length && (telecommands[told]?.time ?? Infinity) <= time) told += 1;
    return told === from ? [] : telecommands.slice(from, told);
  };
  if (modes.length > 0) yield* offer({ frames: [], drops: [], modes, isLast: false });
  for (const file of await orderedFiles({ files, mission, onProblems })) {
    for await (const { frames, drops, reports = [], problems, notes } of readPass(file, mission, { isStream: true })) {
      onProblems([...notes, ...problems]);
      if (pace === undefined) {
        const newest = frames.reduce((time, frame) => Math.max(time, frame.time), -Infinity);
        yield* offer({ frames, drops, reports, telecommands: sentUntil(newest), isLast: false });
        continue;
      }
      if (drops.length + reports.length > 0) yield* offer({ frames: [], drops, reports, isLast: false });
      for (const frame of frames) {
        await pace(frame.time);
        yield* offer({ frames: [frame], drops: [], telecommands: sentUntil(frame.time), isLast: false });
      }
    }
  }
  yield* offer({ frames: [], drops: [], telecommands: sentUntil(Infinity), isLast: true });
}

export const fileSource = (options: FileSourceOptions): TelemetrySource => ({
  // `from` asks the generator for more before it has to: the generator itself waits for the acknowledgement.
  arrivals$: from(arrivals(options)) as Observable<Arrival>,
});

/** Every frame of every file in order, for publishing a recording. */
export async function* recordedFrames(options: FileSourceOptions): AsyncGenerator<PartialFrame, void, undefined> {
  for (const file of await orderedFiles(options)) {
    for await (const { frames, problems, notes } of readPass(file, options.mission, { isStream: true })) {
      options.onProblems([...notes, ...problems]);
      for (const frame of frames) {
        await options.pace?.(frame.time);
        yield frame;
      }
    }
  }
}
