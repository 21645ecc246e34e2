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

/** What the budget of false alarms will be worth, or that the recordings are too short to say. */
export const describePrediction = ({ quality, calibration }: Pick<Manifest, 'quality' | 'calibration'>): string[] => {
  const found = predictionSchema.safeParse(quality['predictedFalseAlarms']);
  if (!found.success) return ['WARNING: there are too few nominal recordings to predict false alarms at all'];
  const { perDay, low, high, nominalDays } = found.data;
  const days = `${nominalDays.toPrecision(3)} nominal days`;
  if (calibration.falseAlarmsPerDay * nominalDays < 1)
    return [
      `WARNING: ${days} are too short to promise ${String(calibration.falseAlarmsPerDay)} false alarms a day. With ${perDay === 0 ? 'none' : 'those'} counted in them, all that can be said is: below ${(perDay === 0 ? 3 / nominalDays : high).toPrecision(3)} a day at 95 %`,
    ];
  return [
    `predicted false alarms a day: ${perDay.toFixed(2)} (95 %: ${low.toFixed(2)} to ${high.toFixed(2)}), chosen on one part of ${days} and counted on the rest`,
  ];
};
