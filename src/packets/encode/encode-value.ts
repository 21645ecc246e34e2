/** Raw values to bits, by their data encoding: the other way round of `decode/compile-raw.ts`. */
import { reverseByte } from '../decode/bits';
import type { BitLayout, DataEncoding, IntegerEncoding, ScalarType, Size, StringEncoding } from '../xtce/model';
import type { LeapSeconds } from '../time/leap-seconds';
import type { BitWriter } from './bit-writer';
import { EncodeError, rawOf, type GivenValue } from './raw-of';

const fail = (message: string): never => {
  throw new EncodeError(message);
};

/** Lowest and highest value of each encoding. */
const boundsOf = ({ encoding, bits }: IntegerEncoding): readonly [bigint, bigint] => {
  const half = 1n << BigInt(bits - 1);
  switch (encoding) {
    case 'unsigned':
      return [0n, 2n * half - 1n];
    case 'twosComplement':
      return [-half, half - 1n];
    case 'onesComplement':
    case 'signMagnitude':
      return [1n - half, half - 1n];
    case 'BCD':
      return [0n, 10n ** BigInt(bits / 8) - 1n];
    case 'packedBCD':
      return [0n, 10n ** BigInt(bits / 4) - 1n];
  }
};

const digits = (value: bigint, bits: number): bigint => {
  let rest = value;
  let result = 0n;
  for (let shift = 0n; rest > 0n; shift += BigInt(bits)) {
    result |= (rest % 10n) << shift;
    rest /= 10n;
  }
  return result;
};

const integerBits = (encoding: IntegerEncoding, value: bigint): bigint => {
  const [lowest, highest] = boundsOf(encoding);
  if (value < lowest || value > highest)
    return fail(`${String(value)} does not fit into ${String(encoding.bits)} bits`);
  const full = 1n << BigInt(encoding.bits);
  switch (encoding.encoding) {
    case 'unsigned':
      return value;
    case 'twosComplement':
      return value < 0n ? value + full : value;
    case 'onesComplement':
      return value < 0n ? value + full - 1n : value;
    case 'signMagnitude':
      return value < 0n ? (full >> 1n) - value : value;
    case 'BCD':
      return digits(value, 8);
    case 'packedBCD':
      return digits(value, 4);
  }
};

const toInteger = (raw: string | number | bigint): bigint => {
  if (typeof raw === 'bigint') return raw;
  const value = Number(raw);
  const rounded = Math.round(value);
  // What a calibrator gives back is whole but for rounding.
  if (!Number.isFinite(value) || Math.abs(value - rounded) > 1e-6 * Math.max(1, Math.abs(value))) {
    return fail(`the raw value ${String(raw)} is no whole number`);
  }
  return BigInt(rounded);
};

const floatBits = (value: number, bits: number): bigint => {
  const view = new DataView(new ArrayBuffer(8));
  if (bits === 64) {
    view.setFloat64(0, value);
    return view.getBigUint64(0);
  }
  if (bits !== 32) return fail(`a float of ${String(bits)} bits cannot be encoded`);
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
};

const reversed = (value: bigint, bits: number): bigint => {
  let result = 0n;
  for (let bit = 0; bit < bits; bit += 1) result = (result << 1n) | ((value >> BigInt(bit)) & 1n);
  return result;
};

/** The bits of a number in the order of the packet. */
const laidOut = (value: bigint, bits: number, { byteOrder, leastSignificantBitFirst }: BitLayout): bigint => {
  if (byteOrder === undefined) return leastSignificantBitFirst ? reversed(value, bits) : value;
  return byteOrder.reduce((result, significance) => {
    const byte = Number((value >> BigInt(8 * significance)) & 0xffn);
    return (result << 8n) | BigInt(leastSignificantBitFirst ? reverseByte(byte) : byte);
  }, 0n);
};

const utf16 = (text: string, isLittle: boolean): Uint8Array => {
  const bytes = Buffer.from(text, 'utf16le');
  return isLittle ? bytes : bytes.swap16();
};

const charactersOf = (text: string, charset: string): Uint8Array => {
  switch (charset) {
    case 'utf-8':
      return Buffer.from(text, 'utf8');
    case 'us-ascii':
      return /^[\0-\x7f]*$/.test(text) ? Buffer.from(text, 'latin1') : fail(`"${text}" is not all ASCII`);
    case 'iso-8859-1':
      return /^[\0-\xff]*$/.test(text) ? Buffer.from(text, 'latin1') : fail(`"${text}" is not all ISO-8859-1`);
    case 'utf-16':
    case 'utf-16be':
      return utf16(text, false);
    case 'utf-16le':
      return utf16(text, true);
    default:
      return fail(`text in ${charset} cannot be encoded`);
  }
};

const fixedBits = (size: Size | { readonly kind: 'terminated' }): number | undefined => {
  if (size.kind === 'fixed') return size.bits;
  return size.kind === 'terminated' ? undefined : fail('a value whose size another one gives cannot be encoded');
};

const writeString = (writer: BitWriter, encoding: StringEncoding, text: string): void => {
  const { size, terminator, leadingSizeBits, leadingSizeUnit = 1, layout, charset } = encoding;
  const characters = charactersOf(text, charset).map((byte) =>
    layout.leastSignificantBitFirst ? reverseByte(byte) : byte,
  );
  const start = writer.bits;
  if (leadingSizeBits !== undefined) {
    const counted = (characters.length * 8) / leadingSizeUnit;
    if (counted >= 2 ** leadingSizeBits) fail(`"${text}" is too long for its leading size`);
    writer.write(BigInt(counted), leadingSizeBits);
  }
  writer.writeBytes(characters);
  const bits = fixedBits(size);
  const needsEnd = terminator !== undefined && (bits === undefined || writer.bits - start < bits);
  if (needsEnd) writer.writeBytes(terminator);
  if (bits === undefined) return;
  if (writer.bits - start > bits) fail(`"${text}" does not fit into ${String(bits)} bits`);
  writer.padTo(start + bits);
};

const writeBinary = (writer: BitWriter, size: Size, hex: string): void => {
  const bits = fixedBits(size) ?? 0;
  const text = hex.replace(/^0x/i, '');
  if (!/^[0-9a-fA-F]*$/.test(text)) fail(`"${hex}" is no hexadecimal digits`);
  const value = text === '' ? 0n : BigInt(`0x${text}`);
  if (value >> BigInt(bits) !== 0n || text.length > Math.ceil(bits / 4))
    fail(`${hex} does not fit into ${String(bits)} bits`);
  writer.write(value, bits);
};

const writeRaw = (writer: BitWriter, encoding: DataEncoding, raw: string | number | bigint): void => {
  switch (encoding.kind) {
    case 'integer':
      writer.write(laidOut(integerBits(encoding, toInteger(raw)), encoding.bits, encoding.layout), encoding.bits);
      return;
    case 'float':
      if (encoding.encoding !== 'IEEE754') fail(`${encoding.encoding} cannot be encoded`);
      writer.write(laidOut(floatBits(Number(raw), encoding.bits), encoding.bits, encoding.layout), encoding.bits);
      return;
    case 'string':
      writeString(writer, encoding, String(raw));
      return;
    case 'binary':
      writeBinary(writer, encoding.size, String(raw));
  }
};

/** Appends a value given in engineering form. @returns its raw value @throws EncodeError when it cannot be */
export const writeValue = (
  writer: BitWriter,
  type: ScalarType,
  given: GivenValue,
  table: LeapSeconds,
): string | number | bigint => {
  if (type.encoding === undefined) return fail(`the type ${type.path} has no data encoding`);
  const raw = rawOf(type, given, table);
  writeRaw(writer, type.encoding, raw);
  return raw;
};
