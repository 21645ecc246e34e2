/** Checksums of packets: two bytes at the end of the packet, or after it. */

export const CHECKSUMS = ['crc16-ccitt', 'iso', 'sum16'] as const;
export type Checksum = (typeof CHECKSUMS)[number];

export const CHECKSUM_BYTES = 2;

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
  return crc & 0xffff;
});

/** Polynomial 0x1021, beginning with 0xFFFF (ECSS-E-ST-70-41C, annex B.1). */
const crc16 = (bytes: Uint8Array): number => {
  let crc = 0xffff;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (CRC_TABLE[(crc >>> 8) ^ byte] ?? 0);
  return crc;
};

const ISO_MODULUS = 255;

/** ISO 8473 checksum (ECSS-E-ST-70-41C, annex B.2): neither byte is ever 0. */
const iso = (bytes: Uint8Array): number => {
  let c0 = 0;
  let c1 = 0;
  for (const byte of bytes) {
    c0 = (c0 + byte) % ISO_MODULUS;
    c1 = (c1 + c0) % ISO_MODULUS;
  }
  const first = (2 * ISO_MODULUS - c0 - c1) % ISO_MODULUS;
  return ((first === 0 ? ISO_MODULUS : first) << 8) | (c1 === 0 ? ISO_MODULUS : c1);
};

/** Sum of all bytes, 16 bits. */
const sum16 = (bytes: Uint8Array): number => {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) & 0xffff;
  return sum;
};

const COMPUTE: Readonly<Record<Checksum, (bytes: Uint8Array) => number>> = { 'crc16-ccitt': crc16, iso, sum16 };

/** The checksum of these bytes as a number of 16 bits. */
export const checksumOf = (kind: Checksum, bytes: Uint8Array): number => COMPUTE[kind](bytes);

/** True when the two bytes at `at` are the checksum of those before `end`. */
const matches = (kind: Checksum, covered: Uint8Array, given: Uint8Array): boolean =>
  given.length === CHECKSUM_BYTES && checksumOf(kind, covered) === (((given[0] ?? 0) << 8) | (given[1] ?? 0));

/** True when the last two bytes are the checksum of the others. */
export const isChecksumInside = (kind: Checksum, packet: Uint8Array): boolean =>
  matches(kind, packet.subarray(0, -CHECKSUM_BYTES), packet.subarray(-CHECKSUM_BYTES));

/** True when `following` begins with the checksum of the packet. */
export const isChecksumAfter = (kind: Checksum, packet: Uint8Array, following: Uint8Array): boolean =>
  matches(kind, packet, following.subarray(0, CHECKSUM_BYTES));
