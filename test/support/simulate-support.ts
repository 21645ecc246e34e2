/** Short simulated passes for tests. */
import type { Fault } from '../../src/simulate/faults';
import { simulatedParameters, simulatePass, type PassOptions } from '../../src/simulate/simulate-pass';

export const START = Date.UTC(2026, 2, 1);
export const MINUTE = 60_000;

export const pass = (minutes: number, options: Partial<PassOptions> = {}): number[][] =>
  [
    ...simulatePass({
      start: START,
      durationMs: minutes * MINUTE,
      periodMs: 4000,
      spacecraftSeed: 1,
      passSeed: 5,
      faults: [],
      ...options,
    }),
  ].map(({ values }) => [...values]);

/** One parameter of a pass over frames. */
export const channel = (frames: readonly (readonly number[])[], parameter: string): number[] => {
  const index = simulatedParameters.indexOf(parameter);
  return frames.map((values) => values[index] ?? NaN);
};

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const deviation = (values: readonly number[]): number => {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
};

export const fault = (
  kind: Fault['kind'],
  wheel: number,
  startMinute: number,
  minutes: number,
  severity: number,
): Fault => ({
  kind,
  wheel,
  start: START + startMinute * MINUTE,
  durationMs: minutes * MINUTE,
  severity,
});
