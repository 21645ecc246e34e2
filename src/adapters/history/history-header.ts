/** The head of the history file: what it is about and how it is laid out. */
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { layoutOf, type HistoryLayout, type HistoryShape } from '../../core/history/layout';

/** The version of the layout stands in it. */
const MAGIC = 'FDIRHIST1\n';
/** Magic, length and checksum of what follows. */
const FIXED = 32;
const PAGE = 4096;

const schema = z.object({
  spacecraft: z.string(),
  periodMs: z.number().positive(),
  parameters: z.array(z.string()),
  modes: z.array(z.string()),
  size: z.number().positive(),
});

export const checksum = (bytes: Uint8Array): number => crc32(bytes);

const textOf = (shape: HistoryShape, size: number): Buffer => {
  const { spacecraft, periodMs, parameters, modes } = shape;
  return Buffer.from(JSON.stringify({ spacecraft, periodMs, parameters, modes, size }));
};

const headerBytesOf = (text: Buffer): number => Math.ceil((FIXED + text.length) / PAGE) * PAGE;

/** Bytes at the start of a file of this shape and size. */
export const headerSize = (shape: HistoryShape, size: number): number => headerBytesOf(textOf(shape, size));

export const encodeHeader = (shape: HistoryShape, size: number): Buffer => {
  const text = textOf(shape, size);
  const header = Buffer.alloc(headerBytesOf(text));
  header.write(MAGIC, 0, 'latin1');
  header.writeUInt32LE(text.length, 16);
  header.writeUInt32LE(checksum(text), 20);
  text.copy(header, FIXED);
  return header;
};

/** Bytes that must be read to know the length of the rest. */
export const HEADER_START = FIXED;

/** Length of the whole header; undefined when these bytes begin no history file. */
export const headerLength = (start: Uint8Array): number | undefined => {
  const bytes = Buffer.from(start);
  if (bytes.length < FIXED || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  const length = bytes.readUInt32LE(16);
  return length > 16 * 1024 * 1024 ? undefined : FIXED + length;
};

/** The layout that a header tells; undefined when it is damaged. */
export const decodeHeader = (header: Uint8Array): HistoryLayout | undefined => {
  const bytes = Buffer.from(header);
  const length = headerLength(bytes);
  if (length === undefined || bytes.length < length) return undefined;
  const text = bytes.subarray(FIXED, length);
  if (checksum(text) !== bytes.readUInt32LE(20)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.toString());
  } catch {
    return undefined;
  }
  const found = schema.safeParse(value);
  if (!found.success) return undefined;
  const { size, ...shape } = found.data;
  return layoutOf(shape, size, headerBytesOf(text));
};
