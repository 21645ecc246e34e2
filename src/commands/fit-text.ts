/** What `fdir fit` tells people of the package it made. */
import { z } from 'zod';
import type { Manifest } from '../domain/manifest';

const confidenceSchema = z.object({
  temperature: z.number(),
  heldCases: z.number(),
  calibrationErrorBefore: z.number(),
  calibrationErrorAfter: z.number(),
});

/** How well confidences are met, before and after calibration: a line a driller. */
export const describeConfidence = ({ taps, quality }: Pick<Manifest, 'taps' | 'quality'>): string[] =>
  taps.flatMap(({ name }) => {
    const found = confidenceSchema.safeParse(quality[name]);
    if (!found.success) return [];
    const { temperature, heldCases, calibrationErrorBefore, calibrationErrorAfter } = found.data;
    return [
      `confidence at ${name}: calibration error ${calibrationErrorBefore.toFixed(3)} before, ${calibrationErrorAfter.toFixed(3)} after scaling by temperature ${temperature.toFixed(2)}, on ${String(heldCases)} cases kept back`,
    ];
  });
