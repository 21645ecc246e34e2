/**
 * Recordings of seeds, read as `replay` and `fit` read them and by an independent reader. No value comes that was not in the file, and
 * none is lost without being counted.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPass } from '../../../adapters/passes/pass-reader';
import { countDrops } from '../../../core/telemetry/drop';
import { describeError } from '../../../domain/errors';
import { missionSchema, type Mission } from '../../../domain/mission';
import type { PartialFrame } from '../../../domain/telemetry';
import { readIndependently, type Expected } from './independent-reader';
import { PERIOD_MS, recordedFile } from './recorded-file';
import { PARAMETERS } from './written-text';

export interface FileVerdict {
  readonly seed: number;
  /** What is wrong; empty when all is well. */
  readonly found: readonly string[];
  readonly frames: number;
  readonly values: number;
  readonly dropped: Readonly<Record<string, number>>;
}

export interface FileCampaignResult {
  readonly firstSeed: number;
  readonly files: number;
  /** Seeds of the files that were read wrongly. */
  readonly failed: readonly number[];
  readonly frames: number;
  readonly values: number;
  readonly dropped: Readonly<Record<string, number>>;
}

const mission = (): Mission =>
  missionSchema.parse({
    spacecraft: 'T1',
    sampling: { period: `${String(PERIOD_MS)}ms`, window: 4, stride: 1 },
    parameters: PARAMETERS.map((id) => ({ id })),
  });

const textOf = ({ time, values }: PartialFrame): string =>
  [
    String(time),
    ...Object.entries(values)
      .map(([name, value]) => `${name}=${String(value)}`)
      .toSorted(),
  ].join(' ');

/** What the program read. */
export interface FileReading {
  readonly frames: readonly PartialFrame[];
  readonly dropped: Readonly<Record<string, number>>;
  readonly refusal?: string;
}

const readFile = async (file: string, judged: Mission): Promise<FileReading> => {
  const frames: PartialFrame[] = [];
  let dropped = {};
  try {
    for await (const chunk of readPass(file, judged)) {
      frames.push(...chunk.frames);
      dropped = countDrops(dropped, chunk.drops);
    }
    return { frames, dropped };
  } catch (error) {
    return { frames, dropped, refusal: describeError(error) };
  }
};

/** What the first list has and the second has not, each as often as it has it more often. */
const missingFrom = (from: readonly string[], items: readonly string[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return from.filter((item) => {
    const count = counts.get(item) ?? 0;
    counts.set(item, count - 1);
    return count <= 0;
  });
};

const countsText = (counts: Readonly<Record<string, number>>): string =>
  JSON.stringify(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const isInOrder = (frames: readonly PartialFrame[]): boolean => {
  let latest = -Infinity;
  return frames.every(({ time }) => {
    const isNear = time >= latest - PERIOD_MS;
    latest = Math.max(latest, time);
    return isNear;
  });
};

/** What is wrong with it; empty when all is well. */
export const differences = ({ frames, dropped, refusal }: FileReading, expected: Expected): readonly string[] => {
  // A file without one good line is an error, and says so.
  if (refusal !== undefined) return expected.frames.length === 0 && /no good line/.test(refusal) ? [] : [refusal];
  const read = frames.map(textOf);
  return [
    ...missingFrom(read, expected.frames).map((frame) => `not in the file: ${frame}`),
    ...missingFrom(expected.frames, read).map((frame) => `lost: ${frame}`),
    ...(countsText(dropped) === countsText(expected.dropped)
      ? []
      : [`dropped ${countsText(dropped)} where it should be ${countsText(expected.dropped)}`]),
    ...(isInOrder(frames) ? [] : ['the frames are not in the order of time']),
  ];
};

/** Files that are read at the same time: reading waits for the disk. */
const AT_ONCE = 16;

/** Reads the file of a seed in a folder. */
export const tryFile = async (seed: number, folder: string, judged = mission()): Promise<FileVerdict> => {
  const recorded = recordedFile(seed);
  const file = join(folder, `pass-${String(seed)}.txt`);
  writeFileSync(file, recorded.bytes);
  const reading = await readFile(file, judged);
  rmSync(file);
  const values = reading.frames.reduce((sum, frame) => sum + Object.keys(frame.values).length, 0);
  const found = differences(reading, readIndependently(recorded));
  return { seed, found, frames: reading.frames.length, values, dropped: reading.dropped };
};

/** With the commands that read the one file again. */
export const describeFileFailure = ({ seed, found }: FileVerdict): string =>
  [
    `file of seed ${String(seed)}:`,
    ...found.slice(0, 10).map((text) => `  ${text}`),
    `  again: npm run campaign -- --files --seed ${String(seed)}`,
  ].join('\n');

export const fileCampaign = async (
  firstSeed: number,
  files: number,
  onFile: (verdict: FileVerdict, done: number) => void = () => undefined,
): Promise<FileCampaignResult> => {
  const folder = mkdtempSync(join(tmpdir(), 'fdir-files-'));
  const judged = mission();
  const failed: number[] = [];
  let [frames, values] = [0, 0];
  const dropped: Record<string, number> = {};
  try {
    for (let done = 0; done < files; done += AT_ONCE) {
      const seeds = Array.from({ length: Math.min(AT_ONCE, files - done) }, (_, index) => firstSeed + done + index);
      const verdicts = await Promise.all(seeds.map((seed) => tryFile(seed, folder, judged)));
      for (const [index, verdict] of verdicts.entries()) {
        if (verdict.found.length > 0) failed.push(verdict.seed);
        frames += verdict.frames;
        values += verdict.values;
        for (const [reason, count] of Object.entries(verdict.dropped)) dropped[reason] = (dropped[reason] ?? 0) + count;
        onFile(verdict, done + index + 1);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { firstSeed, files, failed, frames, values, dropped };
};
