/** Data encodings: how bits become a raw value (XTCE 1.2 DataEncodingType and what extends it). */
import type { Reading, Scope } from './context';
import type { ElementReader } from './element-reader';
import type { BitLayout, DataEncoding, FloatEncoding, IntegerEncoding, Size, StringEncoding } from './model';
import { asSize, readCount } from './read-size';

const ENCODINGS = ['IntegerDataEncoding', 'FloatDataEncoding', 'StringDataEncoding', 'BinaryDataEncoding'] as const;

/** Wider integers exist in no definition that we know; values of more bits are binary. */
const MAX_INTEGER_BITS = 1024;
const BITS_PER_BYTE = 8;

/** XTCE 1.1 spells the complements so. */
const SPELLINGS: Readonly<Record<string, IntegerEncoding['encoding']>> = {
  unsigned: 'unsigned',
  twosComplement: 'twosComplement',
  twosCompliment: 'twosComplement',
  onesComplement: 'onesComplement',
  onesCompliment: 'onesComplement',
  signMagnitude: 'signMagnitude',
  BCD: 'BCD',
  packedBCD: 'packedBCD',
};

/** Labels of `TextDecoder`, and what it does not know; `utf-16` and `utf-32` begin with a byte order mark or are big-endian. */
const CHARSETS: Readonly<Record<string, string>> = {
  'US-ASCII': 'us-ascii',
  'ISO-8859-1': 'iso-8859-1',
  'Windows-1252': 'windows-1252',
  'UTF-8': 'utf-8',
  'UTF-16': 'utf-16',
  'UTF-16LE': 'utf-16le',
  'UTF-16BE': 'utf-16be',
  'UTF-32': 'utf-32',
  'UTF-32LE': 'utf-32le',
  'UTF-32BE': 'utf-32be',
};

/** Significance of each byte as it comes; undefined for the most significant first. */
const readByteOrder = (at: ElementReader, bytes: number): readonly number[] | undefined => {
  const attribute = at.attribute('byteOrder')?.trim();
  const list = at.child('ByteOrderList');
  const order = list?.children('Byte').map((byte) => {
    const significance = byte.integer('byteSignificance', -1);
    byte.finish();
    return significance;
  });
  list?.finish();
  if (order === undefined && attribute === undefined) return undefined;
  if (attribute === 'mostSignificantByteFirst') return Array.from({ length: bytes }, (_, index) => bytes - 1 - index);
  if (attribute === 'leastSignificantByteFirst') return Array.from({ length: bytes }, (_, index) => index);
  const significances = order ?? (attribute ?? '').split(/[\s,]+/).map(Number);
  const isWhole = [...significances].sort((a, b) => a - b).every((significance, index) => significance === index);
  if (!isWhole || significances.length !== bytes) {
    at.refuse(`its byte order must give each of the ${String(bytes)} bytes its significance, from 0`);
    return undefined;
  }
  return significances;
};

/** `bits` is undefined where only single bytes can be ordered. */
const readLayout = (at: ElementReader, bits: number): BitLayout => {
  const bitOrder = at.oneOf(
    'bitOrder',
    ['mostSignificantBitFirst', 'leastSignificantBitFirst'],
    'mostSignificantBitFirst',
  );
  const hasOrder =
    at.element.attributes.has('byteOrder') || at.element.children.some(({ name }) => name === 'ByteOrderList');
  const leastSignificantBitFirst = bitOrder === 'leastSignificantBitFirst';
  if (!hasOrder) return { leastSignificantBitFirst };
  // A field of no whole bytes has one order only; the default is no order at all.
  if (bits % BITS_PER_BYTE !== 0 && at.element.attributes.get('byteOrder') === 'mostSignificantByteFirst') {
    at.ignore('byteOrder');
    return { leastSignificantBitFirst };
  }
  if (bits % BITS_PER_BYTE !== 0) at.refuse(`a field of ${String(bits)} bits has no whole bytes to order`);
  const byteOrder = readByteOrder(at, Math.ceil(bits / BITS_PER_BYTE));
  return byteOrder === undefined ? { leastSignificantBitFirst } : { byteOrder, leastSignificantBitFirst };
};

const readBits = (at: ElementReader, otherwise: number): number => {
  const bits = at.integer('sizeInBits', otherwise);
  if (bits >= 1 && bits <= MAX_INTEGER_BITS) return bits;
  at.refuse(`sizeInBits="${String(bits)}" must be from 1 to ${String(MAX_INTEGER_BITS)}`);
  return otherwise;
};

const readInteger = (at: ElementReader): IntegerEncoding => {
  const bits = readBits(at, 8);
  const name = at.attribute('encoding')?.trim() ?? 'unsigned';
  const encoding = SPELLINGS[name];
  if (encoding === undefined)
    at.refuse(
      `encoding="${name}" is not supported; it can be unsigned, twosComplement, onesComplement, signMagnitude, BCD, packedBCD`,
    );
  const digit = encoding === 'BCD' ? BITS_PER_BYTE : encoding === 'packedBCD' ? BITS_PER_BYTE / 2 : 1;
  if (bits % digit !== 0)
    at.refuse(`${name} takes ${String(digit)} bits a digit; ${String(bits)} bits are no whole digits`);
  return { kind: 'integer', encoding: encoding ?? 'unsigned', bits, layout: readLayout(at, bits) };
};

const readFloat = (at: ElementReader): FloatEncoding => {
  const bits = readBits(at, 32);
  const name = at.oneOf('encoding', ['IEEE754_1985', 'IEEE754', 'MILSTD_1750A'], 'IEEE754_1985');
  const encoding = name === 'MILSTD_1750A' ? 'MILSTD_1750A' : 'IEEE754';
  const sizes = encoding === 'MILSTD_1750A' ? [16, 32, 48] : [16, 32, 64];
  if (!sizes.includes(bits))
    at.refuse(`${name} of ${String(bits)} bits is not supported; it can be ${sizes.join(', ')} bits`);
  return { kind: 'float', encoding, bits, layout: readLayout(at, bits) };
};

const readTerminator = (at: ElementReader | undefined): Uint8Array | undefined => {
  if (at === undefined) return undefined;
  at.finish();
  const digits = at.text === '' ? '00' : at.text.replace(/^0x/i, '');
  if (!/^([0-9a-fA-F]{2})+$/.test(digits)) at.refuse(`"${at.text}" is no hexadecimal bytes, such as 00`);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
};

const readLeadingSize = (
  { leadingSize }: Reading,
  at: ElementReader | undefined,
): Pick<StringEncoding, 'leadingSizeBits' | 'leadingSizeUnit'> => {
  if (at === undefined) return {};
  if (leadingSize === undefined) at.warn('is taken to count bits; if it counts bytes, say so (leading size: bytes)');
  const bits = at.integer('sizeInBitsOfSizeTag', 16);
  at.finish();
  if (bits < 1 || bits > 32) at.refuse(`sizeInBitsOfSizeTag="${String(bits)}" must be from 1 to 32`);
  return { leadingSizeBits: bits, leadingSizeUnit: leadingSize === 'bytes' ? 8 : 1 };
};

type StringSize = Pick<StringEncoding, 'size' | 'terminator' | 'leadingSizeBits' | 'leadingSizeUnit'>;

/** Size, end and leading size stand in SizeInBits, in Variable or beside Fixed, as versions differ. */
const readStringSize = (reading: Reading, at: ElementReader, scope: Scope): StringSize | undefined => {
  const fixed = at.child('SizeInBits');
  const variable = at.child('Variable');
  const holder = fixed ?? variable;
  if (holder === undefined || (fixed !== undefined && variable !== undefined)) {
    at.refuse('needs SizeInBits or Variable');
    return undefined;
  }
  const maxBits = variable?.integer('maxSizeInBits', 0) ?? 0;
  if (variable !== undefined && maxBits <= 0) variable.refuse('needs a positive maxSizeInBits');
  const terminator = readTerminator(holder.child('TerminationChar'));
  const leading = readLeadingSize(reading, holder.child('LeadingSize'));
  const inner = holder.child('Fixed');
  const isSized = holder.element.children.some(({ name }) =>
    ['DynamicValue', 'DiscreteLookupList', 'FixedValue'].includes(name),
  );
  let size: StringEncoding['size'] | undefined;
  if (inner !== undefined) size = asSize(inner, readCount(reading, inner, scope));
  else if (isSized) size = asSize(holder, readSizeOf(reading, holder, scope));
  else if (terminator !== undefined || leading.leadingSizeBits !== undefined) size = { kind: 'terminated', maxBits };
  else holder.refuse('gives no size, end or leading size');
  holder.finish();
  if (size === undefined) return undefined;
  return {
    size,
    ...(terminator === undefined ? {} : { terminator }),
    ...leading,
  };
};

/** The count of a holder that has other children beside it. */
const readSizeOf = (reading: Reading, holder: ElementReader, scope: Scope): ReturnType<typeof readCount> => {
  const [form] = holder.children('DynamicValue', 'DiscreteLookupList', 'FixedValue');
  if (form === undefined) return undefined;
  const alone = { ...holder.element, children: [form.element], attributes: new Map<string, string>() };
  return readCount(reading, holder.sibling(alone), scope);
};

const readString = (reading: Reading, at: ElementReader, scope: Scope): StringEncoding | undefined => {
  const name = at.attribute('encoding')?.trim() ?? 'UTF-8';
  let charset = CHARSETS[name];
  if (charset === undefined)
    at.refuse(`encoding="${name}" is not supported; it can be ${Object.keys(CHARSETS).join(', ')}`);
  const unit = charset?.startsWith('utf-16') ? 2 : charset?.startsWith('utf-32') ? 4 : 1;
  const layout = readLayout(at, unit * BITS_PER_BYTE);
  if (unit > 1 && layout.byteOrder !== undefined) {
    const isLittle = layout.byteOrder.every((significance, index) => significance === index);
    const isBig = layout.byteOrder.every((significance, index) => significance === unit - 1 - index);
    if (!isLittle && !isBig) at.refuse('the bytes of a character can come least or most significant first only');
    if (charset === 'utf-16' || charset === 'utf-32') charset = `${charset}${isLittle ? 'le' : 'be'}`;
    else at.refuse(`${name} has its byte order in its name`);
  }
  const sized = readStringSize(reading, at, scope);
  if (sized === undefined || charset === undefined) return undefined;
  return { kind: 'string', charset, ...sized, layout: { leastSignificantBitFirst: layout.leastSignificantBitFirst } };
};

const readBinary = (reading: Reading, at: ElementReader, scope: Scope): DataEncoding | undefined => {
  const sizeAt = at.child('SizeInBits');
  if (sizeAt === undefined) at.refuse('has no SizeInBits');
  const size: Size | undefined = sizeAt === undefined ? undefined : asSize(sizeAt, readCount(reading, sizeAt, scope));
  const layout = readLayout(at, BITS_PER_BYTE);
  if (layout.byteOrder !== undefined && at.element.attributes.get('byteOrder') !== 'mostSignificantByteFirst') {
    at.refuse('a byte order is not honoured in binary values');
  }
  at.warnAbout(['ToBinaryTransformAlgorithm'], 'is not applied: nothing is written with it');
  return size === undefined
    ? undefined
    : { kind: 'binary', size, layout: { leastSignificantBitFirst: layout.leastSignificantBitFirst } };
};

export interface ReadEncoding {
  readonly encoding: DataEncoding;
  /** The element, whose calibrators are not read yet. */
  readonly at: ElementReader;
}

/** Reads the encoding inside `holder`, all but its calibrators. The caller calls `at.finish()`. */
export const readEncoding = (reading: Reading, holder: ElementReader, scope: Scope): ReadEncoding | undefined => {
  const [at, more] = holder.children(...ENCODINGS);
  more?.refuse(`stands beside ${at?.name ?? ''}; one encoding is allowed`);
  if (at === undefined) return undefined;
  at.ignore('changeThreshold', 'name');
  at.warnAbout(['ErrorDetectCorrect'], 'is not checked; give the checksum of packets beside the definition');
  const encoding =
    at.name === 'IntegerDataEncoding'
      ? readInteger(at)
      : at.name === 'FloatDataEncoding'
        ? readFloat(at)
        : at.name === 'StringDataEncoding'
          ? readString(reading, at, scope)
          : readBinary(reading, at, scope);
  return encoding === undefined ? undefined : { encoding, at };
};
