/**
 * Conditional logit (McFadden, 1974): which of several options is right, by weights of their features that all options share. Concave, so
 * that Newton's method finds the one best set of weights.
 */
import { dense, inverse, multiply } from './dense';

export interface LogitCase {
  /** [options, features]. */
  readonly features: ArrayLike<number>;
  /** The right option. */
  readonly truth: number;
  /** How much the case counts. */
  readonly weight: number;
}

export interface LogitPrior {
  /** What the weights are without any case, one a feature. */
  readonly mean: readonly number[];
  /** Strength of the pull towards that, against a mean over cases. */
  readonly ridge: number;
  /** What sign each weight may have; left out: any. A feature whose weight would have the other one counts nothing. */
  readonly signs?: readonly (1 | -1)[];
}

const ROUNDS = 40;
const HALVINGS = 12;
const CONVERGED = 1e-7;

/** Probabilities of the options of one case. */
export const optionPosterior = (features: ArrayLike<number>, weights: ArrayLike<number>): Float64Array => {
  const k = weights.length;
  const scores = Float64Array.from({ length: features.length / k }, (_, option) => {
    let sum = 0;
    for (let j = 0; j < k; j += 1) sum += (weights[j] as number) * (features[option * k + j] as number);
    return sum;
  });
  const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
};

const lossOf = (choices: readonly LogitCase[], weights: Float64Array, { mean, ridge }: LogitPrior): number => {
  let [sum, total] = [0, 0];
  for (const { features, truth, weight } of choices) {
    sum -= weight * Math.log(Math.max(1e-300, optionPosterior(features, weights)[truth] as number));
    total += weight;
  }
  const pull = weights.reduce((all, value, j) => all + (value - (mean[j] ?? 0)) ** 2, 0);
  return sum / Math.max(total, 1e-12) + (ridge * pull) / 2;
};

const newtonStep = (
  choices: readonly LogitCase[],
  weights: Float64Array,
  { mean, ridge }: LogitPrior,
): Float64Array => {
  const k = weights.length;
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  const gradient = Float64Array.from(weights, (value, j) => ridge * (value - (mean[j] ?? 0)));
  const curvature = dense(k, k);
  for (let j = 0; j < k; j += 1) curvature.data[j * k + j] = ridge + 1e-9;
  const centre = new Float64Array(k);
  for (const { features, truth, weight } of choices) {
    const share = weight / total;
    const posterior = optionPosterior(features, weights);
    centre.fill(0);
    posterior.forEach((p, option) => {
      for (let j = 0; j < k; j += 1) centre[j] = (centre[j] as number) + p * (features[option * k + j] as number);
    });
    for (let j = 0; j < k; j += 1)
      gradient[j] = (gradient[j] as number) + share * ((centre[j] as number) - (features[truth * k + j] as number));
    posterior.forEach((p, option) => {
      for (let i = 0; i < k; i += 1) {
        const off = share * p * ((features[option * k + i] as number) - (centre[i] as number));
        for (let j = 0; j < k; j += 1)
          curvature.data[i * k + j] =
            (curvature.data[i * k + j] as number) +
            off * ((features[option * k + j] as number) - (centre[j] as number));
      }
    });
  }
  return multiply(inverse(curvature), dense(k, 1, gradient)).data;
};

const fitFreely = (choices: readonly LogitCase[], prior: LogitPrior): Float64Array => {
  let weights = Float64Array.from(prior.mean);
  if (choices.length === 0) return weights;
  let loss = lossOf(choices, weights, prior);
  for (let round = 0; round < ROUNDS; round += 1) {
    const step = newtonStep(choices, weights, prior);
    let factor = 1;
    let better: { weights: Float64Array<ArrayBuffer>; loss: number } | undefined;
    for (let half = 0; half < HALVINGS && better === undefined; half += 1) {
      const tried = weights.map((value, j) => value - factor * (step[j] as number));
      const own = lossOf(choices, tried, prior);
      if (own < loss) better = { weights: tried, loss: own };
      factor /= 2;
    }
    if (better === undefined) break;
    const gain = loss - better.loss;
    ({ weights, loss } = better);
    if (gain < CONVERGED) break;
  }
  return weights;
};

/** Fits the features that `kept` names alone. */
const fitSome = (choices: readonly LogitCase[], { mean, ridge }: LogitPrior, kept: readonly number[]): Float64Array => {
  const width = mean.length;
  const of = ({ features }: LogitCase): Float64Array =>
    Float64Array.from(
      { length: (features.length / width) * kept.length },
      (_, at) => features[Math.floor(at / kept.length) * width + (kept[at % kept.length] ?? 0)] as number,
    );
  const some = choices.map((own) => ({ ...own, features: of(own) }));
  const weights = fitFreely(some, { mean: kept.map((j) => mean[j] ?? 0), ridge });
  const out = new Float64Array(width);
  kept.forEach((j, at) => (out[j] = weights[at] as number));
  return out;
};

/** Weights of the features; those of the prior where there is no case. The feature that breaks its sign most goes first. */
export const fitConditionalLogit = (choices: readonly LogitCase[], prior: LogitPrior): Float64Array => {
  const { mean, signs } = prior;
  let weights = fitFreely(choices, prior);
  for (let kept = mean.map((_, j) => j); signs !== undefined;) {
    const wrong = (j: number): number => -(signs[j] ?? 0) * (weights[j] as number);
    const worst = kept.reduce<number | undefined>(
      (most, j) => (wrong(j) > (most === undefined ? 0 : wrong(most)) ? j : most),
      undefined,
    );
    if (worst === undefined) break;
    kept = kept.filter((j) => j !== worst);
    weights = fitSome(choices, prior, kept);
  }
  return weights;
};
