/** Data encodings to closures that read a raw value. */
import type {
  BinaryEncoding,
  BitLayout,
  DataEncoding,
  FloatEncoding,
  IntegerEncoding,
  StringEncoding,
} from '../xtce/model';
import {
  floatOf16,
  floatOf1750A,
  floatOf32,
  floatOf64,
  readBig,
  readBytes,
  readUnsigned,
  reverseBits,
  reverseByte,
  SAFE_BITS,
} from './bits';
import type { CompileContext } from './compile-context';
import { compileSize } from './compile-size';
import { readText } from './text';
import { halt, type RawValue, type Run } from './values';

const BITS_PER_BYTE = 8;

/** A raw value and how many bits it took; `value` undefined when its bits are no value of the encoding (BCD). */
export interface RawReader {
  /** Reads at `run.position`. Undefined after `stop`: the packet cannot be read further. */
  readonly read: (run: Run) => RawValue | null | undefined;
  /** Bits of the value that was read last. */
  readonly bitsOf: () => number;
  /** Bits when they are always the same. */
  readonly fixedBits: number | undefined;
}

type Bits = (bytes: Uint8Array, start: number) => RawValue | null;

const safe = (value: bigint): number | bigint =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;

const decimal = (bytes: Uint8Array, start: number, size: number, digitBits: number): number | bigint | null => {
  let value = 0n;
  for (let position = start; position < start + size; position += digitBits) {
    const digit = readUnsigned(bytes, position, digitBits);
    if (digit > 9) return null;
    value = value * 10n + BigInt(digit);
  }
  return safe(value);
};

const wideInteger = (encoding: IntegerEncoding['encoding'], size: number): Bits => {
  const half = 1n << BigInt(size - 1);
  const full = 1n << BigInt(size);
  return (bytes, start) => {
    const value = readBig(bytes, start, size);
    if (value < half || encoding === 'unsigned') return safe(value);
    return safe(
      encoding === 'twosComplement' ? value - full : encoding === 'onesComplement' ? value - full + 1n : half - value,
    );
  };
};

/** Integers by their encoding. Sign-magnitude and one's complement have two zeros; both read as 0. */
const compileInteger = ({ encoding, bits }: IntegerEncoding): Bits => {
  if (encoding === 'BCD') return (bytes, start) => decimal(bytes, start, bits, BITS_PER_BYTE);
  if (encoding === 'packedBCD') return (bytes, start) => decimal(bytes, start, bits, BITS_PER_BYTE / 2);
  if (bits > SAFE_BITS) return wideInteger(encoding, bits);
  const half = 2 ** (bits - 1);
  const full = 2 ** bits;
  switch (encoding) {
    case 'unsigned':
      return (bytes, start) => readUnsigned(bytes, start, bits);
    case 'twosComplement':
      return (bytes, start) => {
        const value = readUnsigned(bytes, start, bits);
        return value >= half ? value - full : value;
      };
    case 'onesComplement':
      return (bytes, start) => {
        const value = readUnsigned(bytes, start, bits);
        return value >= half ? value - full + 1 : value;
      };
    case 'signMagnitude':
      return (bytes, start) => {
        const value = readUnsigned(bytes, start, bits);
        return value >= half ? half - value : value;
      };
  }
};

const compileFloat = ({ encoding, bits }: FloatEncoding): Bits => {
  if (encoding === 'MILSTD_1750A') return (bytes, start) => floatOf1750A(bytes, start, bits);
  if (bits === 16) return (bytes, start) => floatOf16(readUnsigned(bytes, start, 16));
  if (bits === 32) return (bytes, start) => floatOf32(readUnsigned(bytes, start, 32));
  return (bytes, start) => floatOf64(readUnsigned(bytes, start, 32), readUnsigned(bytes, start + 32, 32));
};

/** Puts the bits of the field into the order that the readers expect, in a buffer of its own. */
const withLayout = (read: Bits, layout: BitLayout, bits: number): Bits => {
  const { byteOrder, leastSignificantBitFirst } = layout;
  if (byteOrder === undefined && !leastSignificantBitFirst) return read;
  const buffer = new Uint8Array(Math.ceil(bits / BITS_PER_BYTE));
  if (byteOrder === undefined) {
    return (bytes, start) => {
      reverseBits(bytes, start, bits, buffer);
      return read(buffer, 0);
    };
  }
  return (bytes, start) => {
    for (let index = 0; index < byteOrder.length; index += 1) {
      const byte = readUnsigned(bytes, start + index * BITS_PER_BYTE, BITS_PER_BYTE);
      buffer[byteOrder.length - 1 - (byteOrder[index] ?? 0)] = leastSignificantBitFirst ? reverseByte(byte) : byte;
    }
    return read(buffer, 0);
  };
};

const compileNumber = (encoding: IntegerEncoding | FloatEncoding, at: string): RawReader => {
  const { bits, layout } = encoding;
  const plain = encoding.kind === 'integer' ? compileInteger(encoding) : compileFloat(encoding);
  const read = withLayout(plain, layout, bits);
  const needed = `${String(bits)} bits are needed`;
  return {
    read: (run) => {
      const start = run.position;
      if (start + bits > run.endBits) return halt(run, 'truncated', at, needed);
      return read(run.bytes, start);
    },
    bitsOf: () => bits,
    fixedBits: bits,
  };
};

const ordered = (bytes: Uint8Array, layout: BitLayout): Uint8Array =>
  layout.leastSignificantBitFirst ? bytes.map(reverseByte) : bytes;

const compileBinary = (context: CompileContext, encoding: BinaryEncoding, at: string): RawReader => {
  const size = compileSize(context, encoding.size, at);
  let bits = 0;
  return {
    read: (run) => {
      const wanted = size(run);
      if (wanted === undefined) return undefined;
      bits = wanted;
      if (run.position + bits > run.endBits) return halt(run, 'truncated', at, `${String(bits)} bits are needed`);
      return ordered(readBytes(run.bytes, run.position, bits), encoding.layout);
    },
    bitsOf: () => bits,
    fixedBits: encoding.size.kind === 'fixed' ? encoding.size.bits : undefined,
  };
};

/** Where `terminator` begins, at a whole character; undefined without one. */
const findEnd = (bytes: Uint8Array, terminator: Uint8Array): number | undefined => {
  const step = Math.max(1, terminator.length);
  for (let index = 0; index + terminator.length <= bytes.length; index += step) {
    if (terminator.every((byte, offset) => bytes[index + offset] === byte)) return index;
  }
  return undefined;
};

interface Characters {
  readonly bytes: Uint8Array;
  /** Bits that the string takes in the packet. */
  readonly bits: number;
}

/** A string that its terminator or its leading size ends. */
const readOpenEnded = (encoding: StringEncoding, run: Run, at: string, maxBits: number): Characters | undefined => {
  const { terminator, leadingSizeBits, leadingSizeUnit = 1 } = encoding;
  const left = run.endBits - run.position;
  if (leadingSizeBits !== undefined) {
    if (leadingSizeBits > left) return halt(run, 'truncated', at, 'the size of the string is needed');
    const size = readUnsigned(run.bytes, run.position, leadingSizeBits) * leadingSizeUnit;
    if (size % BITS_PER_BYTE !== 0)
      return halt(run, 'bad-size', at, `its leading size is ${String(size)} bits, no whole bytes; it may count bytes`);
    if (leadingSizeBits + size > Math.min(left, maxBits)) {
      return halt(
        run,
        'bad-size',
        at,
        `its leading size is ${String(size)} bits; ${String(left - leadingSizeBits)} are left`,
      );
    }
    return { bytes: readBytes(run.bytes, run.position + leadingSizeBits, size), bits: leadingSizeBits + size };
  }
  const limit = Math.min(left, maxBits);
  const whole = limit - (limit % BITS_PER_BYTE);
  // Many strings in one packet must not copy the rest of it each.
  const isAligned = run.position % BITS_PER_BYTE === 0;
  const first = run.position / BITS_PER_BYTE;
  const available = isAligned
    ? run.bytes.subarray(first, first + whole / BITS_PER_BYTE)
    : readBytes(run.bytes, run.position, whole);
  const ordinary = ordered(available, encoding.layout);
  const end = terminator === undefined ? undefined : findEnd(ordinary, terminator);
  if (end === undefined) {
    if (maxBits <= left) return { bytes: available, bits: available.length * BITS_PER_BYTE };
    return halt(run, 'truncated', at, 'the end of the string is missing');
  }
  return { bytes: available.subarray(0, end), bits: (end + (terminator?.length ?? 0)) * BITS_PER_BYTE };
};

const compileString = (context: CompileContext, encoding: StringEncoding, at: string): RawReader => {
  const { size, terminator, leadingSizeBits, layout, charset } = encoding;
  const sizeOf = size.kind === 'terminated' ? undefined : compileSize(context, size, at);
  const maxBits = size.kind === 'terminated' && size.maxBits > 0 ? size.maxBits : Infinity;
  let bits = 0;
  return {
    read: (run) => {
      const wanted = sizeOf?.(run);
      if (sizeOf !== undefined && wanted === undefined) return undefined;
      if (wanted !== undefined && run.position + wanted > run.endBits) {
        return halt(run, 'truncated', at, `${String(wanted)} bits are needed`);
      }
      const isWhole = wanted !== undefined && leadingSizeBits === undefined;
      const found = isWhole
        ? { bytes: readBytes(run.bytes, run.position, wanted), bits: wanted }
        : readOpenEnded(encoding, run, at, wanted ?? maxBits);
      if (found === undefined) return undefined;
      bits = wanted ?? found.bits;
      const characters = ordered(found.bytes, layout);
      const end = isWhole && terminator !== undefined ? findEnd(characters, terminator) : undefined;
      return readText(end === undefined ? characters : characters.subarray(0, end), charset);
    },
    bitsOf: () => bits,
    fixedBits: size.kind === 'fixed' ? size.bits : undefined,
  };
};

/** @param at the field, for problems */
export const compileRaw = (context: CompileContext, encoding: DataEncoding, at: string): RawReader => {
  switch (encoding.kind) {
    case 'integer':
    case 'float':
      return compileNumber(encoding, at);
    case 'string':
      return compileString(context, encoding, at);
    case 'binary':
      return compileBinary(context, encoding, at);
  }
};
