/**
 * Series as promtool writes them, one sample a step. `3` is one sample, `3x4` is five equal ones, `3+2x4` is 3, 5, 7, 9, 11, and
 * `3-2x4` goes downwards. `_` is a missing sample, and `_x4` is four of them. `x*` instead of a number repeats until the test
 * ends.
 */

const NUMBER = '-?\\d+(?:\\.\\d+)?(?:e-?\\d+)?';
const ITEM = new RegExp(`^(_|${NUMBER})(?:([+-])(\\d+(?:\\.\\d+)?))?(?:x(\\d+|\\*))?$`);

/** `length` samples, NaN where one is missing; or what is wrong with the text. */
export const expandSeries = (text: string, length: number): readonly number[] | { readonly problem: string } => {
  const samples: number[] = [];
  for (const item of text.trim().split(/\s+/)) {
    const [, first, sign, step = '0', times] = ITEM.exec(item) ?? [];
    if (first === undefined) return { problem: `"${item}" is no sample, such as 3, 3x4, 3+2x4, _ or _x4` };
    const repeats = times === '*' ? Math.max(0, length - samples.length) : Number(times ?? 0);
    if (repeats > 1_000_000) return { problem: `"${item}" has too many samples` };
    const start = first === '_' ? NaN : Number(first);
    const change = sign === '-' ? -Number(step) : Number(step);
    // Missing samples are counted as such: `_x4` is four, while `3x4` is one and four more.
    const count = first === '_' && times !== undefined ? repeats : repeats + 1;
    for (let index = 0; index < count; index += 1) samples.push(start + index * change);
  }
  return samples.slice(0, length).concat(Array.from({ length: Math.max(0, length - samples.length) }, () => NaN));
};
