/**
 * A package for another spacecraft of its type: offsets, scales and thresholds come from few nominal hours, everything else is taken over.
 * What thresholds are counted on was not adapted on itself: each half of the hours is scored by the package adapted on the other half.
 */
import { createHash } from 'node:crypto';
import { judgeEvidence, type EvidenceState } from '../../core/anomaly/judge-evidence';
import { scoreWindow, type ExpectingScorer } from '../../core/anomaly/score-window';
import { runAll, withGraph, type OpenGraph } from '../../core/graph-session';
import { SPANS } from '../../core/telemetry/summaries';
import { FdirError } from '../../domain/errors';
import type { Manifest } from '../../domain/manifest';
import type { Mission } from '../../domain/mission';
import type { Window } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';
import { VERSION } from '../../domain/version';
import { readSight } from '../head-sight';
import type { RecordedPass } from '../fit-request';
import { stretchesOf } from '../folds';
import { windowsOf } from '../nominal-windows';
import { observedOf } from '../observed';
import { predictionOf } from '../prediction';
import { countOpenings, PLAIN_RULE, returnOf, SUSTAINED_RULE, thresholdsFor } from '../threshold';
import { warningsOf } from '../warnings';
import { shiftGraph } from './shift-graph';
import { shiftObserved, shiftOf, type Shift, type Taken } from './shift';

export interface AdaptRequest {
  readonly id: string;
  readonly mission: Mission;
  /** Nominal recordings of the new spacecraft, in time order. */
  readonly nominal: readonly RecordedPass[];
  readonly from: { readonly manifest: Manifest; readonly model: Uint8Array; readonly detector: Uint8Array | undefined };
  readonly openGraph: OpenGraph;
  /** Starts a graph with its manifest. */
  readonly openScorer: (manifest: Manifest, model: Uint8Array) => Promise<ExpectingScorer & { close(): Promise<void> }>;
  readonly report: (message: string, share?: number) => void;
}

export interface AdaptedPackage {
  readonly manifest: Manifest;
  readonly model: Uint8Array;
  readonly detector: Uint8Array | undefined;
  readonly shift: Shift;
  readonly taken: Taken;
  /** Decades that the threshold of the chosen budget rose by. */
  readonly raised: number;
}

/** Windows of each file, and what the slow heads have to have seen before they judge. */
type Stretches = readonly (readonly Window[])[];

/** The slowest head has then judged for three times as long as it remembers. */
export const FEWEST_FRAMES = 4 * Math.max(...SPANS);

const readStretches = ({ mission, nominal }: Pick<AdaptRequest, 'mission' | 'nominal'>, infers: boolean): Stretches => {
  const { stride, periodMs } = mission.sampling;
  const passes = nominal.map(({ assembled }) => windowsOf(mission, assembled, infers));
  const all = passes.flat();
  if (all.length * stride < FEWEST_FRAMES) {
    const hours = (frames: number): string => `${((frames * periodMs) / 3_600_000).toPrecision(2)} h`;
    throw new FdirError(
      'input',
      `the nominal recordings give ${String(all.length)} usable windows, ${hours(all.length * stride)} of telemetry; to adapt a package, at least ${hours(FEWEST_FRAMES)} are needed: record more`,
    );
  }
  const numbers = stretchesOf(passes, stride * periodMs);
  return [...new Set(numbers)].map((stretch) => all.filter((_, index) => numbers[index] === stretch));
};

/** Both halves of the time, each cut where a stretch ends or the half does. */
const halvesOf = (stretches: Stretches): readonly [Stretches, Stretches] => {
  const total = stretches.reduce((sum, { length }) => sum + length, 0);
  const [first, second]: [Window[][], Window[][]] = [[], []];
  let seen = 0;
  for (const stretch of stretches) {
    const cut = Math.min(stretch.length, Math.max(0, Math.ceil(total / 2) - seen));
    if (cut > 0) first.push(stretch.slice(0, cut));
    if (cut < stretch.length) second.push(stretch.slice(cut));
    seen += stretch.length;
  }
  return [first, second];
};

const adaptedGraph = ({ from, mission }: AdaptRequest, shift: Shift): Uint8Array =>
  shiftGraph(from.model, shift, { frames: mission.sampling.window, joined: from.manifest.joined, file: 'model.onnx' });

const goldenOf = async (request: AdaptRequest, model: Uint8Array, window: Window): Promise<Manifest['golden']> => {
  const { golden, parameters, sampling } = request.from.manifest;
  const size = { parameters: parameters.length, frames: sampling.window };
  const outputs = await withGraph(request.openGraph, model, (session) =>
    runAll(session, [{ values: window.values }], size),
  );
  return {
    ...golden,
    window: [...window.values],
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, values]) => [name, [...values].map((value) => Number(value.toPrecision(7)))]),
    ),
  };
};

/** Scores as in operation, a stretch each. */
const scoresOf = async (request: AdaptRequest, shift: Shift, stretches: Stretches): Promise<Float64Array[]> => {
  const model = adaptedGraph(request, shift);
  const [window] = stretches.flat();
  if (window === undefined) return [];
  const manifest = { ...request.from.manifest, golden: await goldenOf(request, model, window) };
  const scorer = await request.openScorer(manifest, model);
  try {
    const all: Float64Array[] = [];
    for (const stretch of stretches) {
      let state: EvidenceState = {};
      const scores: number[] = [];
      for (const [index, window] of stretch.entries()) {
        if (index % 64 === 0) request.report('scoring the nominal hours', index / stretch.length);
        const inference = await scoreWindow(scorer, window);
        if (inference === undefined || !Number.isFinite(inference.score)) continue;
        const step = judgeEvidence(manifest, state, { window, inference }, false);
        state = step.state;
        scores.push(step.scored.inference.score);
      }
      all.push(Float64Array.from(scores));
    }
    return all;
  } finally {
    await scorer.close();
  }
};

/** Budgets of the package, raised where the hours show more than it promised: few hours without an alarm promise nothing less. */
const raisedBudgets = ({ calibration, method }: Manifest, scores: readonly Float64Array[], strideMs: number) => {
  const rule = method === 'paper' ? PLAIN_RULE : SUSTAINED_RULE;
  const rates = calibration.budgets.map(({ falseAlarmsPerDay }) => falseAlarmsPerDay);
  const own = thresholdsFor(rates, { stretches: scores, strideMs }, calibration.persistence, rule);
  return calibration.budgets.map(({ falseAlarmsPerDay, threshold }, index) => {
    const isKept = scores.every((stretch) => countOpenings(stretch, threshold, calibration.persistence) === 0);
    const raised = isKept ? threshold : Math.max(threshold, own[index]?.threshold ?? threshold);
    return { falseAlarmsPerDay, threshold: raised, returnThreshold: returnOf(raised) };
  });
};

/** Decades from which on the old package hardly fits the new spacecraft. */
const FAR_RAISED = 1;

/** What the package promised was counted on another spacecraft; here only the hours count. */
const qualityOf = (
  { quality, calibration, id }: Manifest,
  { openings, days, raised }: { readonly openings: number; readonly days: number; readonly raised: number },
): Manifest['quality'] => {
  const predicted = predictionOf({ openings, days: Number(days.toPrecision(4)) });
  return {
    ...quality,
    predictedFalseAlarms: predicted,
    warnings: [
      ...(raised < FAR_RAISED
        ? []
        : [
            `the threshold had to rise by ${raised.toFixed(2)} decades, for this spacecraft is unlike the one of "${id}": faint faults will be missed until a package is fitted on its own days`,
          ]),
      ...warningsOf({
        sight: readSight(quality['seenByHead']),
        predicted,
        falseAlarmsPerDay: calibration.falseAlarmsPerDay,
      }),
    ],
  };
};

/** How the hours score, if so much is taken from them. */
interface Trial {
  readonly taken: Taken;
  readonly scores: readonly Float64Array[];
  readonly budgets: Manifest['calibration']['budgets'];
  /** At the chosen budget. */
  readonly threshold: number;
}

/** Each half of the hours by what is taken from the other half. */
const tryTaking = async (
  request: AdaptRequest,
  [first, second]: readonly [Stretches, Stretches],
  taken: Taken,
): Promise<Trial> => {
  const { manifest } = request.from;
  const { stride, periodMs } = request.mission.sampling;
  const scores = [
    ...(await scoresOf(request, shiftOf(manifest, second.flat(), taken), first)),
    ...(await scoresOf(request, shiftOf(manifest, first.flat(), taken), second)),
  ];
  const budgets = raisedBudgets(manifest, scores, stride * periodMs);
  const { falseAlarmsPerDay, threshold } = manifest.calibration;
  const chosen = budgets.find((budget) => budget.falseAlarmsPerDay === falseAlarmsPerDay);
  return { taken, scores, budgets, threshold: chosen?.threshold ?? threshold };
};

/** Mean surprise, decades. */
const surpriseOf = ({ scores }: Trial): number => {
  const all = scores.flatMap((own) => [...own]).map((score) => Math.max(0, score));
  return all.reduce((sum, score) => sum + score, 0) / Math.max(1, all.length);
};

/**
 * What leaves the hours least surprising. Scales are taken only if the threshold would have to rise without them, and less with them: a
 * scale that is too small makes everything less surprising.
 */
const chooseTrial = async (request: AdaptRequest, halves: readonly [Stretches, Stretches]): Promise<Trial> => {
  const nothing = await tryTaking(request, halves, 'nothing');
  const offsets = await tryTaking(request, halves, 'offsets');
  const plain = surpriseOf(offsets) < surpriseOf(nothing) ? offsets : nothing;
  if (plain.threshold <= request.from.manifest.calibration.threshold) return plain;
  const scaled = await tryTaking(request, halves, 'offsets and scales');
  return scaled.threshold < Math.min(offsets.threshold, nothing.threshold) ? scaled : plain;
};

/** @throws FdirError `input` when the hours are too few, `model` when the package cannot be adapted. */
export const adaptPackage = async (request: AdaptRequest): Promise<AdaptedPackage> => {
  const { mission, from, nominal } = request;
  const { manifest } = from;
  const { window: frames, stride, periodMs } = mission.sampling;
  if (manifest.adapted !== undefined)
    throw new FdirError(
      'model',
      `the package "${manifest.id}" is itself adapted, from "${manifest.adapted.from.id}": adapt that one`,
    );
  const stretches = readStretches(request, manifest.method === 'equipment');
  const all = stretches.flat();
  const { taken, scores, budgets, threshold } = await chooseTrial(request, halvesOf(stretches));
  const strideMs = stride * periodMs;
  const { calibration } = manifest;
  const raised = threshold - calibration.threshold;
  const shift = shiftOf(manifest, all, taken);
  const model = adaptedGraph(request, shift);
  const openings = scores.reduce((sum, own) => sum + countOpenings(own, threshold, calibration.persistence), 0);
  const reference = all[Math.floor(all.length / 2)];
  const last = all.at(-1);
  if (reference === undefined || last === undefined) throw new Error('there is no window to adapt on');
  const observed = shiftObserved(manifest, shift, observedOf(all, manifest.parameters.length, frames));
  return {
    ...{ model, shift, raised, taken },
    detector: from.detector && shiftGraph(from.detector, shift, { frames, file: 'detector.onnx' }),
    manifest: {
      ...manifest,
      id: request.id,
      sha256: createHash('sha256').update(model).digest('hex'),
      spacecraft: mission.spacecraft,
      scaling: {
        mean: [...shift.mean],
        std: manifest.scaling.std.map((std, row) => std / (shift.gain[row] ?? 1)),
      },
      ...(observed && { observed }),
      calibration: { ...calibration, threshold, returnThreshold: returnOf(threshold), budgets },
      quality: qualityOf(manifest, { openings, raised, days: (all.length * strideMs) / 86_400_000 }),
      adapted: {
        from: { id: manifest.id, sha256: manifest.sha256, spacecraft: manifest.spacecraft },
        passes: nominal.map(({ file, sha256, assembled }) => ({
          ...{ file, sha256 },
          frames: assembled.filter(({ kind }) => kind === 'frame').length,
        })),
        hours: Number(((all.length * strideMs) / 3_600_000).toFixed(2)),
        judgesFrom: isoTime(last.end),
        raised: Number(raised.toFixed(3)),
        tool: `fdir ${VERSION}`,
      },
      golden: await goldenOf(request, model, reference),
    },
  };
};
