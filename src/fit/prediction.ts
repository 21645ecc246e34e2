/** What a budget of false alarms is worth: thresholds are chosen on some pieces of the nominal recordings and counted on the others. */
import { poissonInterval } from './threshold';

/** Pieces that thresholds are chosen on and counted on in turns. */
const PIECES = 8;

/** Long stretches are cut, so that what one piece promises can be counted on the next. */
export const piecesOf = (stretches: readonly ArrayLike<number>[]): readonly ArrayLike<number>[] => {
  const total = stretches.reduce((sum, { length }) => sum + length, 0);
  const size = Math.max(1, Math.ceil(total / PIECES));
  return stretches.flatMap((stretch) => {
    const count = Math.max(1, Math.round(stretch.length / size));
    const all = Array.from(stretch);
    return Array.from({ length: count }, (_, index) =>
      all.slice(Math.floor((index * all.length) / count), Math.floor(((index + 1) * all.length) / count)),
    );
  });
};

/** False alarms a day as counted, with the 95 % interval of the count. */
export const predictionOf = ({ openings, days }: { readonly openings: number; readonly days: number }) => {
  const { low, high } = poissonInterval(openings);
  const perDay = (count: number): number => Number((count / days).toFixed(3));
  return { perDay: perDay(openings), low: perDay(low), high: perDay(high), nominalDays: days };
};
