/** Bytes to text by the character sets of XTCE. Bytes that are no characters become U+FFFD, as `TextDecoder` does it. */

const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

const decoderFor = (label: string): InstanceType<typeof TextDecoder> => {
  const known = decoders.get(label) ?? new TextDecoder(label, { ignoreBOM: false });
  decoders.set(label, known);
  return known;
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
  // `TextDecoder` reads these two labels as Windows-1252, which differs from 0x80 on.
  if (charset === 'iso-8859-1') return String.fromCharCode(...bytes);
  if (charset === 'us-ascii')
    return String.fromCharCode(...bytes.map((byte) => byte)).replace(/[\x80-\xff]/g, '\ufffd');
  return decoderFor(charset).decode(bytes);
};
