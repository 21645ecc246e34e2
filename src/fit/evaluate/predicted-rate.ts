/** What the fits promised: false alarms a day, with the interval that the length of their recordings allows. */
import { z } from 'zod';
import type { Manifest } from '../../domain/manifest';

const promiseSchema = z.object({ perDay: z.number(), low: z.number(), high: z.number() });

/** False alarms a day and the 95 % interval of them. */
export type PredictedRate = z.infer<typeof promiseSchema>;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The mean over packages, of the ends of the interval too: folds share nominal recordings, and what is not independent narrows nothing.
 * Null if no package promises anything; a peer holds the manifest of a package and promises nothing.
 */
export const predictedRate = (manifests: readonly Pick<Manifest, 'detector' | 'quality'>[]): PredictedRate | null => {
  const promises = manifests.flatMap(({ detector, quality }) => {
    const promise = promiseSchema.safeParse(detector === 'peer' ? undefined : quality['predictedFalseAlarms']);
    return promise.success ? [promise.data] : [];
  });
  return promises.length === 0
    ? null
    : {
        perDay: mean(promises.map(({ perDay }) => perDay)),
        low: mean(promises.map(({ low }) => low)),
        high: mean(promises.map(({ high }) => high)),
      };
};
