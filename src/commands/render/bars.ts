/** Shares as bars and cells. */

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of at most `width` columns for a share of 0..1, to an eighth of a column; a share above zero is always seen. */
export const bar = (share: number, width: number): string => {
  const clipped = Math.min(1, Math.max(0, share));
  const eighths = clipped === 0 ? 0 : Math.max(1, Math.round(clipped * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
};

/** Upper ends of the shades; finer steps cannot be told apart on a terminal. */
const SHADES: readonly (readonly [number, string])[] = [
  [0.01, ' '],
  [0.1, '·'],
  [0.3, '░'],
  [0.6, '▒'],
  [0.85, '▓'],
];

/** One cell for a probability: darker is more. */
export const shade = (probability: number): string => SHADES.find(([below]) => probability < below)?.[1] ?? '█';
