/** What an explanation costs: the whole package against its bare detector, taken in turns in one run. */
import { median } from '../core/metrics/events';
import { GRAPH } from '../domain/manifest';
import type { GraphSession } from './graph-session';
import type { WindowScorer } from './evaluate-pass';

export interface Cost {
  /** Through the package, one window an inference. */
  readonly windowsPerSecond: number | null;
  /** Through the detector alone; null when the package holds no `detector.onnx`. */
  readonly detectorOnlyWindowsPerSecond: number | null;
  /** Ratio of the times, less 1. */
  readonly explanationOverhead: number | null;
}

export interface CostRequest {
  readonly scorer: WindowScorer;
  readonly detector: GraphSession | undefined;
  /** [parameters, frames] each. */
  readonly windows: readonly Float32Array[];
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Enough turns for a median that one hiccup of the machine does not move. */
const ROUNDS = 11;
const WINDOWS_A_ROUND = 40;
/** First inferences allocate and are slower. */
const WARM_UP = 20;

export const measureCost = async ({ scorer, detector, windows, now }: CostRequest): Promise<Cost> => {
  const { parameters, sampling } = scorer.manifest;
  const dims = [1, parameters.length, sampling.window];
  const sample = windows.slice(0, WINDOWS_A_ROUND);
  if (sample.length === 0)
    return { windowsPerSecond: null, detectorOnlyWindowsPerSecond: null, explanationOverhead: null };
  const throughPackage = async (data: Float32Array): Promise<unknown> => scorer.score(data, 1);
  const throughDetector =
    detector && (async (data: Float32Array): Promise<unknown> => detector.run(GRAPH.window, { data, dims }));
  const timed = async (run: (data: Float32Array) => Promise<unknown>): Promise<number> => {
    const began = now();
    for (const data of sample) await run(data);
    return (now() - began) / sample.length;
  };
  for (let i = 0; i < WARM_UP; i += 1) {
    const data = sample[i % sample.length] ?? new Float32Array();
    await throughPackage(data);
    await throughDetector?.(data);
  }
  const whole: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    whole.push(await timed(throughPackage));
    if (throughDetector !== undefined) bare.push(await timed(throughDetector));
  }
  const [packageMs, detectorMs] = [median(whole), median(bare)];
  const rate = (ms: number | null): number | null => (ms === null || ms <= 0 ? null : Math.round(1000 / ms));
  return {
    windowsPerSecond: rate(packageMs),
    detectorOnlyWindowsPerSecond: rate(detectorMs),
    explanationOverhead:
      packageMs === null || detectorMs === null || detectorMs <= 0 ? null : packageMs / detectorMs - 1,
  };
};
