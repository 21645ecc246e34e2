/** What an explanation costs: the whole package against its bare detector, taken in turns in one run. */
import { median } from '../../core/metrics/events';
import { GRAPH } from '../../domain/manifest';
import type { GraphSession } from '../../core/graph-session';
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

/** Enough for a median that the hiccups of a busy machine do not move. */
const INFERENCES = 400;
/** Windows they are spread over: different ones, lest one stay in the cache. */
const SAMPLE = 50;
/** First inferences allocate and are slower. */
const WARM_UP = 30;

/** Where nothing can be measured, or nobody asked. */
export const UNMEASURED: Cost = {
  windowsPerSecond: null,
  detectorOnlyWindowsPerSecond: null,
  explanationOverhead: null,
};

/** Window by window in turns, so that whatever else the machine does meets both alike. */
export const measureCost = async ({ scorer, detector, windows, now }: CostRequest): Promise<Cost> => {
  const { parameters, sampling } = scorer.manifest;
  const dims = [1, parameters.length, sampling.window];
  const sample = windows.slice(0, SAMPLE);
  const whole: number[] = [];
  const bare: number[] = [];
  for (let i = 0; i < WARM_UP + INFERENCES; i += 1) {
    const data = sample[i % sample.length];
    if (data === undefined) return UNMEASURED;
    const began = now();
    await scorer.score(data, 1);
    const between = now();
    await detector?.run(GRAPH.window, { data, dims });
    if (i < WARM_UP) continue;
    whole.push(between - began);
    if (detector !== undefined) bare.push(now() - between);
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
