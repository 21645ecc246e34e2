/** Sorts frames by time in bounded memory: what is more than fits goes to temporary files in sorted runs, which are merged. */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PartialFrame } from '../../domain/telemetry';
import { readLines } from './line-reader';

/** Values held at a time: some hundred megabytes. */
const MAX_VALUES = 2_000_000;
/** Frames handed out at a time. */
const CHUNK_FRAMES = 500;
const MAX_RUN_LINE = Infinity;

const byTime = (a: PartialFrame, b: PartialFrame): number => a.time - b.time;

async function* readRun(file: string): AsyncGenerator<PartialFrame, void, undefined> {
  for await (const lines of readLines(file, MAX_RUN_LINE))
    for (const { text } of lines) {
      if (text === '') continue;
      const [time, values] = JSON.parse(text) as [number, Record<string, number>];
      yield { time, values };
    }
}

async function* runLines(frames: readonly PartialFrame[]): AsyncGenerator<string, void, undefined> {
  for (let at = 0; at < frames.length; at += CHUNK_FRAMES) {
    const part = frames.slice(at, at + CHUNK_FRAMES);
    yield await Promise.resolve(part.map(({ time, values }) => `${JSON.stringify([time, values])}\n`).join(''));
  }
}

/** Frames of all runs in order; of equal times that of the earlier run comes first. */
async function* merged(runs: readonly AsyncIterator<PartialFrame>[]): AsyncGenerator<PartialFrame, void, undefined> {
  const heads = await Promise.all(runs.map((run) => run.next()));
  for (;;) {
    let least = -1;
    heads.forEach((head, index) => {
      if (head.done === true) return;
      const best = heads[least];
      if (best === undefined || best.done === true || head.value.time < best.value.time) least = index;
    });
    const [head, run] = [heads[least], runs[least]];
    if (head === undefined || head.done === true || run === undefined) return;
    yield head.value;
    heads[least] = await run.next();
  }
}

async function* inChunks(
  frames: AsyncIterable<PartialFrame>,
): AsyncGenerator<readonly PartialFrame[], void, undefined> {
  let chunk: PartialFrame[] = [];
  for await (const frame of frames) {
    chunk.push(frame);
    if (chunk.length < CHUNK_FRAMES) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

export class FrameSorter {
  private held: PartialFrame[] = [];
  private values = 0;
  private folder: string | undefined;
  private readonly runs: string[] = [];

  constructor(private readonly maxValues = MAX_VALUES) {}

  async add(frames: readonly PartialFrame[]): Promise<void> {
    for (const frame of frames) {
      this.held.push(frame);
      this.values += 1 + Object.keys(frame.values).length;
      if (this.values >= this.maxValues) await this.putAway();
    }
  }

  /** Everything that was added, in order of time, in chunks. The sorter is empty afterwards. */
  async *sorted(): AsyncGenerator<readonly PartialFrame[], void, undefined> {
    // Sorting is stable: of equal times the earlier record stays first.
    this.held.sort(byTime);
    const held = this.held;
    this.held = [];
    if (this.runs.length === 0) {
      for (let at = 0; at < held.length; at += CHUNK_FRAMES) yield held.slice(at, at + CHUNK_FRAMES);
      return;
    }
    const runs = this.runs.map((file) => readRun(file)[Symbol.asyncIterator]());
    const last = (async function* (): AsyncGenerator<PartialFrame, void, undefined> {
      for (const frame of held) yield await Promise.resolve(frame);
    })();
    yield* inChunks(merged([...runs, last]));
  }

  /** Removes the temporary files. */
  close(): void {
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
    this.folder = undefined;
  }

  private async putAway(): Promise<void> {
    this.folder ??= mkdtempSync(join(tmpdir(), 'fdir-sort-'));
    const file = join(this.folder, `run-${String(this.runs.length)}`);
    this.held.sort(byTime);
    await pipeline(Readable.from(runLines(this.held)), createWriteStream(file));
    this.runs.push(file);
    this.held = [];
    this.values = 0;
  }
}
