/** Bits to bytes, most significant bit first. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #bits = 0;

  get bits(): number {
    return this.#bits;
  }

  /** Appends the lowest `size` bits of a value that is not negative. */
  write(value: bigint, size: number): void {
    for (let bit = size - 1; bit >= 0; bit -= 1) this.#bit(Number((value >> BigInt(bit)) & 1n));
  }

  writeBytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.write(BigInt(byte), 8);
  }

  /** Zero bits up to a place that is not before the end. */
  padTo(bits: number): void {
    while (this.#bits < bits) this.#bit(0);
  }

  #bit(bit: number): void {
    const index = this.#bits >>> 3;
    this.#bytes[index] = (this.#bytes[index] ?? 0) | (bit << (7 - (this.#bits & 7)));
    this.#bits += 1;
  }

  /** Everything, the last byte filled with zero bits. */
  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
