/** Records that wait to be written: the newest of each slot, in a memory of fixed size. */
import type { OpenBucket } from './bucket';
import { RECORD_HEAD } from './layout';

export interface StagedRun {
  /** In the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export class Staging {
  private readonly memory: ArrayBuffer;
  private readonly bytes: Uint8Array;
  private readonly floats: Float32Array;
  private readonly doubles: Float64Array;
  private readonly words: Uint32Array;
  /** Where in the memory the record of an offset of the file lies. */
  private readonly places = new Map<number, number>();

  constructor(
    private readonly recordBytes: number,
    mostBytes: number,
  ) {
    this.memory = new ArrayBuffer(Math.max(1, Math.floor(mostBytes / recordBytes)) * recordBytes);
    this.bytes = new Uint8Array(this.memory);
    this.floats = new Float32Array(this.memory);
    this.doubles = new Float64Array(this.memory);
    this.words = new Uint32Array(this.memory);
  }

  get size(): number {
    return this.places.size;
  }

  /** @returns whether there was room. */
  put(offset: number, bucket: OpenBucket): boolean {
    const place = this.places.get(offset) ?? this.places.size * this.recordBytes;
    if (place >= this.memory.byteLength) return false;
    this.places.set(offset, place);
    this.doubles[place / 8] = bucket.bucket;
    this.words[place / 4 + 2] = bucket.frames;
    bucket.write(this.floats, (place + RECORD_HEAD) / 4);
    return true;
  }

  /** A copy of what waits for an offset, without its checksum. */
  at(offset: number, checksum: (bytes: Uint8Array) => number): Uint8Array | undefined {
    const place = this.places.get(offset);
    return place === undefined ? undefined : this.sealed(place, checksum).slice();
  }

  /** Copies of what waits, neighbours of the file together. */
  runs(checksum: (bytes: Uint8Array) => number): StagedRun[] {
    const copy = new Uint8Array(this.places.size * this.recordBytes);
    const runs: { offset: number; from: number; to: number }[] = [];
    let end = 0;
    for (const [offset, place] of [...this.places].sort(([a], [b]) => a - b)) {
      copy.set(this.sealed(place, checksum), end);
      const from = end;
      end += this.recordBytes;
      const last = runs.at(-1);
      if (last !== undefined && last.offset + last.to - last.from === offset) last.to = end;
      else runs.push({ offset, from, to: end });
    }
    return runs.map(({ offset, from, to }) => ({ offset, bytes: copy.subarray(from, to) }));
  }

  clear(): void {
    this.places.clear();
  }

  private sealed(place: number, checksum: (bytes: Uint8Array) => number): Uint8Array {
    const record = this.bytes.subarray(place, place + this.recordBytes);
    this.words[place / 4 + 3] = 0;
    this.words[place / 4 + 3] = checksum(record);
    return record;
  }
}
