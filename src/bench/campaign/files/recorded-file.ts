/** One recording as somebody may have written it: CSV or NDJSON in an encoding, with all the habits of exporters. One seed decides it. */
import { gzipSync } from 'node:zlib';
import { createRandom, type Random } from '../../../core/random';
import { writeCsv } from './csv-file';
import { writeNdjson } from './ndjson-file';
import { happens, oneOf } from './written-cells';
import type { WrittenText } from './written-text';

/** 2026-03-01, and a sample every four seconds. */
export const START = Date.UTC(2026, 2, 1);
export const PERIOD_MS = 4000;
export interface RecordedFile extends WrittenText {
  readonly seed: number;
  readonly bytes: Uint8Array;
}

const inOrder = (random: Random, times: readonly number[]): readonly number[] => {
  switch (random.int(8)) {
    case 0:
      return times.toReversed();
    case 1:
      return times
        .map((time) => ({ time, key: random.uniform() }))
        .sort((a, b) => a.key - b.key)
        .map(({ time }) => time);
    case 2: {
      const half = Math.floor(times.length / 2);
      return [...times.slice(half), ...times.slice(0, half)];
    }
    default:
      return times;
  }
};

const encode = (random: Random, text: string): Uint8Array => {
  switch (random.int(8)) {
    case 0:
      return Buffer.from(`\ufeff${text}`, 'utf8');
    case 1:
      return Buffer.from(`\ufeff${text}`, 'utf16le');
    case 2:
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    case 3:
      return Buffer.from(text, 'utf16le');
    default:
      return Buffer.from(text, 'utf8');
  }
};

const wrap = (random: Random, bytes: Uint8Array): Uint8Array => {
  if (!happens(random, 0.1)) return bytes;
  const cut = random.int(bytes.length);
  const members = happens(random, 0.5) ? [bytes] : [bytes.subarray(0, cut), bytes.subarray(cut)];
  return Buffer.concat(members.map((member) => gzipSync(member)));
};

export const recordedFile = (seed: number): RecordedFile => {
  const random = createRandom(seed);
  // A few are longer than one reading of the file.
  const records = happens(random, 0.001) ? 3000 : 1 + random.int(24);
  const times = inOrder(
    random,
    Array.from({ length: records }, (_, index) => START + index * PERIOD_MS),
  );
  const written = happens(random, 0.3) ? writeNdjson(random, times) : writeCsv(random, times);
  const ended = oneOf(random, ['\n', '\n', '\r\n']);
  const text = written.text.replaceAll('\n', ended) + (happens(random, 0.8) ? ended : '');
  return { ...written, seed, text, bytes: wrap(random, encode(random, text)) };
};
