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

/**
 * Compressed files, by their first bytes. None of them begins a packet: the version of a packet is 0, and what gzip begins with would be
 * the middle of a segmented telecommand.
 */
const COMPRESSED: readonly { readonly mark: readonly number[]; readonly by: string; readonly tool: string }[] = [
  { mark: [0x1f, 0x8b, 0x08], by: 'gzip', tool: 'gunzip' },
  { mark: [0x42, 0x5a, 0x68], by: 'bzip2', tool: 'bunzip2' },
  { mark: [0x28, 0xb5, 0x2f, 0xfd], by: 'zstd', tool: 'unzstd' },
  { mark: [0xfd, 0x37, 0x7a, 0x58, 0x5a], by: 'xz', tool: 'unxz' },
  { mark: [0x50, 0x4b, 0x03, 0x04], by: 'zip', tool: 'unzip' },
];

/** @throws FdirError `input` for a file that is compressed: its bytes would be read as packets. */
const checkHead = (file: string, head: Uint8Array): void => {
  const found = COMPRESSED.find(({ mark }) => mark.every((byte, index) => head[index] === byte));
  if (found === undefined) return;
  const message = `packets are read as they were recorded: unpack it with ${found.tool}`;
  throw new FdirError('input', `${file} is compressed with ${found.by}, no packets`, [{ file, message }]);
};

function* itemsOf(file: string, reader: PacketReader): Generator<StreamItem, void> {
  const handle = reading(file, () => openSync(file, 'r'));
  let isFirst = true;
  try {
    for (;;) {
      // A new buffer each time: packets are views of it.
      const chunk = new Uint8Array(CHUNK_BYTES);
      const count = reading(file, () => readSync(handle, chunk, 0, CHUNK_BYTES, null));
      if (count === 0) break;
      if (isFirst) checkHead(file, chunk);
      isFirst = false;
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
