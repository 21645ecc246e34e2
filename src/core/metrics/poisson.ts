/** How sure a counted rate is: exact limits of a Poisson mean (Garwood, Biometrika 1936). */

export interface RateInterval {
  readonly low: number;
  readonly high: number;
}

/** Limits of a two-sided 95 % interval leave this share on either side. */
const TAIL = 0.025;
/** Halvings: the limits are then exact to twelve digits. */
const HALVINGS = 60;

/** P(at most `count` events | mean). */
const atMost = (count: number, mean: number): number => {
  let term = Math.exp(-mean);
  let sum = term;
  for (let k = 1; k <= count; k += 1) {
    term *= mean / k;
    sum += term;
  }
  return sum;
};

/** The mean at which a falling share meets `share`. */
const meanWhere = (share: number, high: number, falling: (mean: number) => number): number => {
  let [from, to] = [0, high];
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (from + to) / 2;
    if (falling(middle) > share) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
};

/** 95 % interval of the mean after `count` events were seen; none seen means below 3.7 (two-sided). */
export const poissonInterval = (count: number): RateInterval => {
  // Beyond a few hundred events the exact sum underflows, and the normal approximation is as good.
  if (count > 500) return { low: count - 1.96 * Math.sqrt(count), high: count + 1.96 * Math.sqrt(count) };
  const high = count + 10 + 6 * Math.sqrt(count + 1);
  return {
    low: count === 0 ? 0 : meanWhere(1 - TAIL, high, (mean) => atMost(count - 1, mean)),
    high: meanWhere(TAIL, high, (mean) => atMost(count, mean)),
  };
};
