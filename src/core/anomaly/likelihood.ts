/**
 * How sure a verdict is, in words and a number. A quantified likelihood with its reason helps people most when evidence is uncertain.
 * The words are those of the IPCC guidance note on the treatment of uncertainties (2010), table 1.
 */
import { P_VALUE_SCORES } from '../../domain/manifest';
import type { ReliabilityBin } from '../../domain/reliability';

/** What is less likely is "unlikely". */
export const LEAST_LIKELY = 0.33;
/** Likelihood at least, and the word for it, most likely first. */
const WORDS = [
  [0.99, 'virtually certain'],
  [0.9, 'very likely'],
  [0.66, 'likely'],
  [LEAST_LIKELY, 'about as likely as not'],
  [0.1, 'unlikely'],
  [0, 'very unlikely'],
] as const;

/** Of fewer verdicts a share says nothing. */
const MIN_VERDICTS = 20;

export const likelihoodWord = (share: number): string =>
  WORDS.find(([least]) => share >= least)?.[1] ?? 'very unlikely';

const percent = (share: number): string => `${String(Math.round(share * 100))} %`;

/** The bin a confidence falls into: the edge of two belongs to the lower one, as in `calibrationOf`. */
const binOf = (bins: readonly ReliabilityBin[], confidence: number): ReliabilityBin | undefined =>
  bins.find(({ from, to }) => (confidence > from || from === 0) && confidence <= to);

/** "of 100 such verdicts 84 were right in calibration"; undefined when too few such verdicts were tried. */
export const calibrationText = (confidence: number, bins: readonly ReliabilityBin[]): string | undefined => {
  const bin = binOf(bins, confidence);
  if (bin === undefined || bin.n < MIN_VERDICTS) return undefined;
  // Above a hundred the count is told as a share: people read "84 of 100" more easily than "1,031 of 1,227".
  const [of, right] = bin.n >= 100 ? [100, Math.round((100 * bin.right) / bin.n)] : [bin.n, bin.right];
  return `of ${String(of)} such verdicts ${String(right)} were right in calibration`;
};

/** "likely, 85 %: of 100 such verdicts 84 were right in calibration"; without calibration bins the word and the number. */
export const tellConfidence = (confidence: number, bins: readonly ReliabilityBin[] = []): string => {
  const told = `${likelihoodWord(confidence)}, ${percent(confidence)}`;
  const reason = calibrationText(confidence, bins);
  return reason === undefined ? told : `${told}: ${reason}`;
};

/** The least p-value a package can give: one in the scores it compares with, and the score itself. */
export const leastPValue = ({ calibrationWindows }: { readonly calibrationWindows: number }): number =>
  1 / (Math.min(P_VALUE_SCORES, calibrationWindows) + 1);

/**
 * How often nominal telemetry would score as high. The scores that the model compares with set the least it can show.
 * @param least the least p-value that the package can give; null where the package is not known.
 */
export const tellChance = (pValue: number, least: number | null): string => {
  const oneIn = (amount: number): string => `1 in ${Math.max(1, Math.floor(amount)).toLocaleString('en-GB')}`;
  // The record keeps four digits of it.
  if (pValue > 0 && (least === null || pValue > least * 1.001)) return oneIn(1 / pValue);
  return least === null
    ? 'less than can be shown'
    : `less than ${oneIn(Math.round(1 / least) - 1)} (not more can be shown)`;
};
