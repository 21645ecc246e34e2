/** Checks the checksums of one stream, and finds with the first packet that fits whether they stand inside the packets or after them. */
import { CHECKSUM_BYTES, isChecksumAfter, isChecksumInside, type Checksum } from './checksum';

/**
 * Where each byte could begin a long packet, the search for a fitting checksum would take time by the square of the bytes. It stops when
 * this much has been tried; the packets themselves are always checked.
 */
const FIRST_CREDIT = 1 << 20;
const CREDIT_PER_BYTE = 64;

export class ChecksumPlace {
  #place: 'unknown' | 'inside' | 'after' = 'unknown';
  /** Bytes whose checksum may still be computed in search of packets; each byte of the stream adds some. */
  #credit = FIRST_CREDIT;

  constructor(readonly kind: Checksum) {}

  /** Bytes of the checksum that follow a packet. */
  get trailingBytes(): number {
    return this.#place === 'after' ? CHECKSUM_BYTES : 0;
  }

  addCredit(bytes: number): void {
    this.#credit += bytes * CREDIT_PER_BYTE;
  }

  /** Whether the packet's checksum fits; undefined when bytes after it are needed to tell. */
  verify(packet: Uint8Array, following: Uint8Array, isEnded: boolean): boolean | undefined {
    if (this.#place !== 'after' && isChecksumInside(this.kind, packet)) {
      this.#place = 'inside';
      return true;
    }
    if (this.#place === 'inside') return false;
    if (following.length < CHECKSUM_BYTES && !isEnded) return undefined;
    if (!isChecksumAfter(this.kind, packet, following)) return false;
    this.#place = 'after';
    return true;
  }

  /** Whether bytes that may be no packet at all have a checksum that fits; false once too many were tried. */
  fits(packet: Uint8Array, following: Uint8Array): boolean {
    this.#credit -= packet.length;
    if (this.#credit < 0) return false;
    return (
      (this.#place !== 'after' && isChecksumInside(this.kind, packet)) ||
      (this.#place !== 'inside' && isChecksumAfter(this.kind, packet, following))
    );
  }
}
