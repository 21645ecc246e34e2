/** Bytes to text by the character sets of XTCE. Bytes that are no characters become U+FFFD, as `TextDecoder` does it. */

const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

const decoderFor = (label: string): InstanceType<typeof TextDecoder> => {
  const known = decoders.get(label) ?? new TextDecoder(label, { ignoreBOM: false });
  decoders.set(label, known);
  return known;
};

/** Characters of the bytes 0x80 to 0x9F in Windows-1252. `TextDecoder` of Node 20 reads that label as ISO-8859-1. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** Characters of one byte each; `map` gives the character of a byte from 0x80 on. */
const readSingleBytes = (bytes: Uint8Array, map: (byte: number) => string): string => {
  let text = '';
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : map(byte);
  return text;
};

const REPLACEMENT = 0xfffd;
const LAST_CODE_POINT = 0x10ffff;

const readUtf32 = (bytes: Uint8Array, isLittle: boolean): string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let index = 0; index + 4 <= bytes.length; index += 4) {
    const point = view.getUint32(index, isLittle);
    const isCharacter = point <= LAST_CODE_POINT && (point < 0xd800 || point > 0xdfff);
    text += String.fromCodePoint(isCharacter ? point : REPLACEMENT);
  }
  return text;
};

/** Without a byte order mark UTF-16 and UTF-32 are big-endian (RFC 2781, section 4.3). */
const byMark = (bytes: Uint8Array, charset: 'utf-16' | 'utf-32'): readonly [string, Uint8Array] => {
  const unit = charset === 'utf-16' ? 2 : 4;
  const first = [...bytes.subarray(0, unit)];
  const isLittle = first[0] === 0xff && first[1] === 0xfe && first.slice(2).every((byte) => byte === 0);
  const isBig = first.slice(0, -2).every((byte) => byte === 0) && first.at(-2) === 0xfe && first.at(-1) === 0xff;
  return [`${charset}${isLittle ? 'le' : 'be'}`, isLittle || isBig ? bytes.subarray(unit) : bytes];
};

export const readText = (bytes: Uint8Array, charset: string): string => {
  if (charset === 'utf-16' || charset === 'utf-32') {
    const [found, rest] = byMark(bytes, charset);
    return readText(rest, found);
  }
  if (charset.startsWith('utf-32')) return readUtf32(bytes, charset === 'utf-32le');
  if (charset === 'iso-8859-1') return readSingleBytes(bytes, (byte) => String.fromCharCode(byte));
  if (charset === 'us-ascii') return readSingleBytes(bytes, () => '\ufffd');
  if (charset === 'windows-1252') {
    return readSingleBytes(bytes, (byte) => WINDOWS_1252[byte - 0x80] ?? String.fromCharCode(byte));
  }
  return decoderFor(charset).decode(bytes);
};
