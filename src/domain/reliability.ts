/** How often verdicts were right in calibration, by the confidence they stated: `quality.reliability` of a model package. */
import { z } from 'zod';

export const reliabilityBinSchema = z.object({
  /** Confidence above `from`, up to `to`. */
  from: z.number().min(0).max(1),
  to: z.number().min(0).max(1),
  /** Verdicts with such a confidence, and those of them that were right. */
  n: z.int().min(0),
  right: z.int().min(0),
});
export type ReliabilityBin = z.infer<typeof reliabilityBinSchema>;

/** Packages of older versions have none, and then no verdict is held against calibration. */
export const readReliability = (quality: Readonly<Record<string, unknown>> | undefined): readonly ReliabilityBin[] => {
  const read = z.array(reliabilityBinSchema).safeParse(quality?.['reliability']);
  return read.success ? read.data : [];
};
