/** Reads a file of packets in chunks, however large it is. */
import { closeSync, openSync, readSync } from 'node:fs';
import { describeError, FdirError } from '../../domain/errors';
import {
  createPacketReader,
  type PacketReader,
  type PacketReaderOptions,
  type StreamItem,
} from '../../packets/stream/packet-reader';

const CHUNK_BYTES = 1 << 20;

const reading = <T>(file: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new FdirError('input', `cannot read ${file}: ${describeError(error)}`);
  }
};

function* itemsOf(file: string, reader: PacketReader): Generator<StreamItem, void> {
  const handle = reading(file, () => openSync(file, 'r'));
  try {
    for (;;) {
      // A new buffer each time: packets are views of it.
      const chunk = new Uint8Array(CHUNK_BYTES);
      const count = reading(file, () => readSync(handle, chunk, 0, CHUNK_BYTES, null));
      if (count === 0) break;
      yield* reader.push(chunk.subarray(0, count));
    }
  } finally {
    closeSync(handle);
  }
  yield* reader.end();
}

/** The packets of a file and what is wrong with it, as they are read. @throws FdirError `input` when it cannot be read */
export const openPacketFile = (
  file: string,
  options: PacketReaderOptions,
): { readonly items: Iterable<StreamItem>; readonly reader: PacketReader } => {
  const reader = createPacketReader(options);
  return { items: itemsOf(file, reader), reader };
};
