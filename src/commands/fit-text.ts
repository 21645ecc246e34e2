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

const predictionSchema = z.object({ perDay: z.number(), low: z.number(), high: z.number(), nominalDays: z.number() });

/** What the budget of false alarms will be worth; nothing where the recordings are too short to say, which is a warning. */
export const describePrediction = ({ quality, calibration }: Pick<Manifest, 'quality' | 'calibration'>): string[] => {
  const found = predictionSchema.safeParse(quality['predictedFalseAlarms']);
  if (!found.success || calibration.falseAlarmsPerDay * found.data.nominalDays < 1) return [];
  const { perDay, low, high, nominalDays } = found.data;
  return [
    `predicted false alarms a day: ${perDay.toFixed(2)} (95 %: ${low.toFixed(2)} to ${high.toFixed(2)}), chosen on one part of ${nominalDays.toPrecision(3)} nominal days and counted on the rest`,
  ];
};

const warningsSchema = z.array(z.string());
const RULE = '!'.repeat(78);

/** A block that cannot be overlooked, last of all; nothing of a package that keeps what it promises. */
export const describeWarnings = ({ quality }: Pick<Manifest, 'quality'>): string[] => {
  const warnings = warningsSchema.safeParse(quality['warnings']).data ?? [];
  if (warnings.length === 0) return [];
  return [
    RULE,
    `WARNING: this package does not promise all that it seems to (${String(warnings.length)})`,
    ...warnings.map((warning, index) => `  ${String(index + 1)}. ${warning}`),
    RULE,
  ];
};
