/** The text of a recording, whatever it is wrapped in. Gzip and UTF-16 are read. What is no text is named with what to do. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { describeError, FdirError, toError } from '../../domain/errors';
import { formatOf, type FileFormat } from './file-format';
import { parquetText } from './parquet-pass';

/** Some four hundred frames: large enough that reading costs nothing, small enough that the first result comes at once. */
const CHUNK_BYTES = 64 * 1024;
/** A file that is wrapped twice is a mistake, and a hundred times an attack. */
const MAX_WRAPPINGS = 3;

async function* bytesOf(file: string): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) yield chunk as Buffer;
  } catch (error) {
    throw new FdirError('input', `cannot read ${file}: ${describeError(error)}`);
  }
}

async function* unzipped(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip();
  const feed = async (): Promise<void> => {
    for await (const chunk of chunks)
      if (!gunzip.write(chunk))
        await new Promise<void>((resolve) => gunzip.once('drain', resolve).once('close', resolve));
    gunzip.end();
  };
  // What cannot be read ends the stream with its reason.
  feed().catch((error: unknown) => gunzip.destroy(toError(error)));
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof FdirError) throw error;
    throw new FdirError('input', `cannot read ${file}: it is compressed with gzip, and damaged`, [
      { file, message: `${describeError(error)}: try gzip -t, and copy the file anew` },
    ]);
  }
}

/** The same chunks, with the first bytes seen. */
const withHead = async (chunks: AsyncGenerator<Buffer, void, undefined>) => {
  const first = await chunks.next();
  const head = first.done === true ? Buffer.alloc(0) : first.value;
  const all = async function* (): AsyncGenerator<Buffer, void, undefined> {
    yield head;
    yield* chunks;
  };
  return { head, chunks: all() };
};

async function* decoded(
  chunks: AsyncIterable<Buffer>,
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be',
): AsyncGenerator<string, void, undefined> {
  // A byte order mark at the beginning is left to those who read lines: what is written back keeps it.
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  let isCarriageReturn: boolean | undefined;
  const text = (chunk?: Buffer): string => {
    const piece = chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    // Before macOS a line of a Mac ended in a carriage return alone.
    isCarriageReturn ??= piece === '' ? undefined : !piece.includes('\n') && piece.includes('\r');
    return isCarriageReturn === true ? piece.replaceAll('\r', '\n') : piece;
  };
  for await (const chunk of chunks) yield text(chunk);
  yield text();
}

const refused = (file: string, format: Extract<FileFormat, { kind: 'refused' }>): FdirError =>
  new FdirError('input', `${file} is ${format.what}, no pass`, [{ file, message: format.advice }]);

/**
 * The text of a recording in chunks. Parquet becomes the lines of a CSV with the same values.
 * @throws FdirError `input` when it cannot be read, or is a format that is not read.
 */
export async function* readTextChunks(file: string): AsyncGenerator<string, void, undefined> {
  let source = await withHead(bytesOf(file));
  for (let wrappings = 0; wrappings <= MAX_WRAPPINGS; wrappings += 1) {
    const format = formatOf(source.head);
    switch (format.kind) {
      case 'text':
        yield* decoded(source.chunks, format.encoding);
        return;
      case 'parquet':
        await source.chunks.return(undefined);
        if (wrappings > 0)
          throw new FdirError('input', `${file} is a Parquet file inside gzip`, [
            { file, message: 'unpack it with gunzip first' },
          ]);
        yield* parquetText(file);
        return;
      case 'refused':
        await source.chunks.return(undefined);
        throw refused(file, format);
      case 'gzip':
        source = await withHead(unzipped(file, source.chunks));
    }
  }
  throw new FdirError('input', `${file} is compressed more than ${String(MAX_WRAPPINGS)} times`);
}

/** The whole text of a file beside a recording. @throws FdirError `input`. */
export const readWholeText = async (file: string): Promise<string> => {
  let text = '';
  for await (const chunk of readTextChunks(file)) text += chunk;
  return text;
};
