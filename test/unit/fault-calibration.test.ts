import { createRandom } from '../../src/core/random';
import { deviationOf } from '../../src/fit/faults/block';
import { faultClasses } from '../../src/domain/fault-classes';
import { fitFault } from '../../src/fit/faults/fit-fault';
import { consecutiveBlocks, correlatedTelemetry } from '../support/correlated-telemetry';

const CHANNELS = 4;

/** Mean and standard error of the deviation over every nominal block, several draws each. */
const measure = (fault: (typeof faultClasses)[number], delta: number, frames: number, count: number, draws: number) => {
  const blocks = consecutiveBlocks(correlatedTelemetry(CHANNELS, frames * count, 7), CHANNELS, frames * count, frames);
  const injector = fitFault(fault, delta, { blocks, channels: CHANNELS, frames });
  const random = createRandom(20240613);
  // The blocks are given, only the draws are random: the error is that of the mean over draws, from the spread within a block.
  let [total, variance] = [0, 0];
  for (const block of blocks) {
    const deviations = Array.from({ length: draws }, () =>
      deviationOf(injector.apply(block, CHANNELS, frames, random), block),
    );
    const mean = deviations.reduce((sum, value) => sum + value, 0) / draws;
    total += mean;
    variance += deviations.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1) / draws;
  }
  return { mean: total / blocks.length, standardError: Math.sqrt(variance) / blocks.length };
};

/**
 * Five standard errors (one false failure in two million), and a relative floor for the classes without randomness: dead zone
 * jumps from one sample to the next and meets the intensity to a sample or two of thousands.
 */
const tolerance = (delta: number, standardError: number): number => 5 * standardError + 0.005 * delta;

describe('a fault of intensity delta deviates by delta in the mean over nominal windows', () => {
  it.each(faultClasses.flatMap((fault) => [1, 0.1].map((delta) => [fault, delta] as const)))(
    '%s at %d',
    (fault, delta) => {
      const { mean, standardError } = measure(fault, delta, 16, 250, 12);
      expect(standardError).toBeLessThan(0.05 * delta);
      expect(Math.abs(mean - delta)).toBeLessThan(tolerance(delta, standardError));
    },
  );
});

describe('a fault of intensity delta deviates by delta in the mean over long stretches', () => {
  it.each(faultClasses)('%s at 0.5', (fault) => {
    const { mean, standardError } = measure(fault, 0.5, 160, 40, 12);
    expect(Math.abs(mean - 0.5)).toBeLessThan(tolerance(0.5, standardError));
  });
});
