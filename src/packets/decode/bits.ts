/** Bits of a packet as numbers. Bit 0 is the most significant bit of byte 0. */

const BITS_PER_BYTE = 8;
/** Bitwise operators of JavaScript work on so many. */
const WORD = 32;

/** Unsigned value of `size` bits, at most 32, from bit `start`. */
const readWord = (bytes: Uint8Array, start: number, size: number): number => {
  const first = start >>> 3;
  const offset = start & 7;
  if (offset === 0) {
    if (size === BITS_PER_BYTE) return bytes[first] ?? 0;
    if (size === 16) return ((bytes[first] ?? 0) << 8) | (bytes[first + 1] ?? 0);
    if (size === WORD) {
      return (
        (((bytes[first] ?? 0) << 24) |
          ((bytes[first + 1] ?? 0) << 16) |
          ((bytes[first + 2] ?? 0) << 8) |
          (bytes[first + 3] ?? 0)) >>>
        0
      );
    }
  }
  const end = offset + size;
  if (end <= BITS_PER_BYTE) return ((bytes[first] ?? 0) >>> (BITS_PER_BYTE - end)) & ((1 << size) - 1);
  const last = (start + size - 1) >>> 3;
  let value = (bytes[first] ?? 0) & (0xff >>> offset);
  for (let index = first + 1; index < last; index += 1) value = value * 256 + (bytes[index] ?? 0);
  const rest = (start + size) & 7;
  const lastBits = rest === 0 ? BITS_PER_BYTE : rest;
  return value * 2 ** lastBits + ((bytes[last] ?? 0) >>> (BITS_PER_BYTE - lastBits));
};

/** Doubles hold integers of so many bits. */
export const SAFE_BITS = 53;

/** Unsigned value of `size` bits, at most 53. */
export const readUnsigned = (bytes: Uint8Array, start: number, size: number): number =>
  size <= WORD
    ? readWord(bytes, start, size)
    : readWord(bytes, start, size - WORD) * 2 ** WORD + readWord(bytes, start + size - WORD, WORD);

/** Unsigned value of any size. */
export const readBig = (bytes: Uint8Array, start: number, size: number): bigint => {
  let value = 0n;
  let position = start;
  for (let left = size; left > 0;) {
    const chunk = left % WORD === 0 ? WORD : left % WORD;
    value = (value << BigInt(chunk)) | BigInt(readWord(bytes, position, chunk));
    position += chunk;
    left -= chunk;
  }
  return value;
};

/** The bits as bytes; without whole bytes, zero bits are put before them. */
export const readBytes = (bytes: Uint8Array, start: number, size: number): Uint8Array => {
  const length = Math.ceil(size / BITS_PER_BYTE);
  if ((start & 7) === 0 && size % BITS_PER_BYTE === 0) return bytes.slice(start >>> 3, (start >>> 3) + length);
  const result = new Uint8Array(length);
  const head = size % BITS_PER_BYTE;
  let position = start;
  for (let index = 0; index < length; index += 1) {
    const take = index === 0 && head !== 0 ? head : BITS_PER_BYTE;
    result[index] = readWord(bytes, position, take);
    position += take;
  }
  return result;
};

const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < BITS_PER_BYTE; bit += 1) reversed |= ((byte >> bit) & 1) << (BITS_PER_BYTE - 1 - bit);
  return reversed;
});
export const reverseByte = (byte: number): number => REVERSED[byte] ?? 0;

/** Writes `size` bits in reverse order to the beginning of `target`. */
export const reverseBits = (bytes: Uint8Array, start: number, size: number, target: Uint8Array): void => {
  target.fill(0);
  for (let bit = 0; bit < size; bit += 1) {
    const from = start + size - 1 - bit;
    const isSet = ((bytes[from >>> 3] ?? 0) >>> (7 - (from & 7))) & 1;
    target[bit >>> 3] = (target[bit >>> 3] ?? 0) | (isSet << (7 - (bit & 7)));
  }
};

const scratch = new DataView(new ArrayBuffer(BITS_PER_BYTE));

export const floatOf32 = (bits: number): number => {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
};
export const floatOf64 = (high: number, low: number): number => {
  scratch.setUint32(0, high);
  scratch.setUint32(4, low);
  return scratch.getFloat64(0);
};

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
export const floatOf16 = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
};

const signed = (value: number, size: number): number => (value >= 2 ** (size - 1) ? value - 2 ** size : value);

/** MIL-STD-1750A: a two's complement mantissa as a fraction and a two's complement exponent; 48 bits have the low mantissa last. */
export const floatOf1750A = (bytes: Uint8Array, start: number, size: number): number => {
  if (size === 16) return signed(readWord(bytes, start, 10), 10) * 2 ** (signed(readWord(bytes, start + 10, 6), 6) - 9);
  const exponent = signed(readWord(bytes, start + 24, 8), 8);
  const high = signed(readWord(bytes, start, 24), 24);
  if (size === WORD) return high * 2 ** (exponent - 23);
  return (high * 65_536 + readWord(bytes, start + WORD, 16)) * 2 ** (exponent - 39);
};
