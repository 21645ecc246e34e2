/**
 * Seeded randomness: the same seed gives the same numbers on every machine.
 *
 * The generator is sfc32 (Chris Doty-Humphrey's Small Fast Counting generator of PractRand, 128 bits of state), seeded through
 * splitmix32. `fork` derives an independent stream from the seed and a name, never from how much was drawn before. So a part of
 * the program that draws more numbers does not disturb the others.
 */

export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number;
  /** Uniform integer in 0 .. n - 1. */
  int(n: number): number;
  /** An independent stream, decided by this stream's seed and the name alone. */
  fork(name: string): Random;
}

const TWO_POW_32 = 4294967296;

/** splitmix32: spreads a small seed over all bits, so that seeds 1 and 2 have nothing in common. */
const splitmix32 = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
};

/** FNV-1a, 32 bits, over UTF-16 code units. */
const hashName = (name: string, basis: number): number => {
  let hash = basis | 0;
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return hash >>> 0;
};

const fromWords = (low: number, high: number): Random => {
  const seedLow = splitmix32(low);
  const seedHigh = splitmix32(high ^ 0x6a09e667);
  let a = seedLow();
  let b = seedHigh();
  let c = seedLow() ^ seedHigh();
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  // The reference implementation discards the first outputs, which still resemble the seed.
  for (let round = 0; round < 12; round += 1) next();

  let spare: number | undefined;
  const uniform = (): number => next() / TWO_POW_32;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    // Marsaglia's polar method: no trigonometric function, whose last bit may differ between engines.
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) {
        const scale = Math.sqrt((-2 * Math.log(square)) / square);
        spare = y * scale;
        return x * scale;
      }
    }
  };
  return {
    uniform,
    normal,
    int: (n) => Math.floor(uniform() * n),
    fork: (name) => fromWords(hashName(name, low ^ 0x811c9dc5), hashName(name, high ^ 0x3c6ef372)),
  };
};

/** A stream for an integer seed (up to 2^53 in size; other numbers are cut to an integer). */
export const createRandom = (seed: number): Random => {
  const whole = Math.trunc(seed);
  return fromWords(whole >>> 0, Math.floor(whole / TWO_POW_32) >>> 0);
};
