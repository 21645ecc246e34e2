/** Whether a value rolled over on its way to the next one: an angle from 359 to 0, a counter that begins anew. */

/** @param modulus null or undefined: it never does. A step of more than half of it was the other way round. */
export const rollsOver = (from: number, to: number, modulus: number | null | undefined): boolean =>
  modulus !== null && modulus !== undefined && Math.abs(to - from) > modulus / 2;
