/** Judges a labelled pass with one package: what `fdir evaluate` and the quality tables are made of. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOnnxScorer } from '../adapters/model/onnx-scorer';
import { openSession } from '../adapters/model/onnx-session';
import { loadModelPackage } from '../config/load-manifest';
import { attribute, validRanges } from '../core/anomaly/attribution';
import { feedsOf } from '../core/anomaly/cascade';
import { matchEvents } from '../core/metrics/event-counts';
import { thresholdForRate } from '../core/metrics/roc';
import { writeSentence } from '../core/anomaly/sentence';
import { ownersOf } from '../core/anomaly/unfollowed';
import { FdirError } from '../domain/errors';
import type { Manifest } from '../domain/manifest';
import type { Mission } from '../domain/mission';
import type { Label } from '../domain/telemetry';
import { readReliability } from '../domain/reliability';
import { isoTime } from '../domain/units';
import { meanConceptograms } from '../fit/evaluate/evaluate-conceptograms';
import { measureCost, UNMEASURED } from '../fit/evaluate/evaluate-cost';
import { knownFaults } from '../fit/evaluate/evaluate-names';
import { judgePass, type JudgedPass, type WindowScorer } from '../fit/evaluate/evaluate-pass';
import { headsOf } from '../fit/evaluate/without-head';
import type { WindowMode } from '../fit/evaluate/evaluate-windows';
import {
  detectedEvents,
  evaluate,
  usedWindows,
  type Evaluation,
  type EvaluationInput,
  type Threshold,
} from '../fit/evaluate/evaluation';
import type { LabelledPass } from './evaluate-inputs';
import { note } from './output';
import type { Progress } from './progress';
import type { ReportModel } from './report/report-model';

export interface ModelJudgement {
  readonly evaluation: Evaluation;
  /** What the figures are made from, to be pooled with those of other passes. */
  readonly input: EvaluationInput;
  readonly manifest: Manifest;
  readonly model: ReportModel;
}

export interface EvaluationContext {
  readonly mission: Mission;
  readonly mode: WindowMode;
  readonly pass: LabelledPass;
  /** Other nominal passes that thresholds are chosen on. */
  readonly nominal: readonly LabelledPass[];
  readonly rate: number | undefined;
  /** So long after its end, a fault's release edge belongs to it; milliseconds. */
  readonly recoveryMs: number;
  /** Whether the cost of an inference is measured too. */
  readonly measuresCost: boolean;
  readonly progress: Pick<Progress, 'report'>;
}

const nominalScores = ({ windows }: JudgedPass): number[] =>
  windows.flatMap(({ truth, score }) => (truth.kind === 'nominal' ? [score] : []));

const chooseThreshold = async (
  scorer: WindowScorer,
  judged: JudgedPass,
  context: EvaluationContext,
): Promise<Threshold> => {
  const { rate, nominal, pass, mode, progress } = context;
  const { threshold } = scorer.manifest.calibration;
  if (rate === undefined) return { value: threshold, source: 'package', falsePositiveRate: null };
  const scores = nominal.length === 0 ? nominalScores(judged) : [];
  for (const { file, due, labels } of nominal) {
    const report = (share: number): void => {
      progress.report(`scoring ${file} with ${scorer.manifest.id}`, share);
    };
    for (const score of nominalScores(await judgePass({ scorer, mode, due, labels, report }))) scores.push(score);
  }
  const value = thresholdForRate(scores, rate);
  const source = (nominal.length === 0 ? [pass] : nominal).map(({ file }) => file).join(', ');
  if (value === undefined) throw new FdirError('input', `${source} has no nominal window to choose a threshold on`);
  if (nominal.length === 0) {
    note(
      'the threshold is chosen on the nominal windows of the evaluated pass itself, which flatters it: --threshold-from takes another pass',
    );
  }
  return { value, source, falsePositiveRate: rate };
};

/** Labels may name what the model was never taught: said once, so that nobody wonders where these windows went. */
const tellUnknown = (manifest: Manifest, labels: readonly Label[]): void => {
  const told = { equipment: manifest.equipment, fault: knownFaults(manifest) } as const;
  for (const what of ['equipment', 'fault'] as const) {
    const unknown = [...new Set(labels.map((label) => label[what]))].filter(
      (name) => name !== '' && !told[what].includes(name),
    );
    if (unknown.length > 0) {
      note(
        `${manifest.id} does not know ${what} ${unknown.join(', ')}: such labels count for detection and events, not for ${what === 'fault' ? 'identification' : 'isolation'}`,
      );
    }
  }
};

const openDetector = (folder: string): ReturnType<typeof openSession> | undefined => {
  const file = join(folder, 'detector.onnx');
  return existsSync(file) ? openSession(readFileSync(file)) : undefined;
};

const costOf = (
  scorer: WindowScorer,
  detector: Awaited<ReturnType<typeof openSession>> | undefined,
  { pass, progress }: EvaluationContext,
): ReturnType<typeof measureCost> => {
  progress.report(`measuring the cost of ${scorer.manifest.id}`);
  const windows = pass.due.flatMap((item) => (item.kind === 'window' ? [item.window.values] : []));
  return measureCost({ scorer, detector, windows, now: () => performance.now() });
};

/** @param folder of the package. @throws FdirError `model` or `input`. */
export const judgeModel = async (folder: string, context: EvaluationContext): Promise<ModelJudgement> => {
  const { mission, mode, pass, progress } = context;
  const scorer = await createOnnxScorer(loadModelPackage(folder, mission));
  const { manifest } = scorer;
  const detector = await openDetector(folder);
  try {
    const report = (share: number): void => {
      progress.report(`scoring ${pass.file} with ${manifest.id}`, share);
    };
    tellUnknown(manifest, pass.labels);
    const judged = await judgePass({
      scorer,
      mode,
      due: pass.due,
      labels: pass.labels,
      feeds: feedsOf(mission.equipment),
      leaveOut: mode === 'stream' ? headsOf(manifest) : [],
      report,
    });
    const threshold = await chooseThreshold(scorer, judged, context);
    const cost = context.measuresCost ? await costOf(scorer, detector, context) : UNMEASURED;
    const { labels, times } = pass;
    const input: EvaluationInput = {
      manifest,
      mode,
      judged,
      threshold,
      labels,
      times,
      recoveryMs: context.recoveryMs,
      cost,
    };
    const evaluation = evaluate(input);
    const sentences = judged.anomalies.map(({ start, verdict, worst }) =>
      writeSentence({
        mission,
        start: isoTime(start),
        verdict,
        attribution: attribute(manifest, worst, {
          since: start,
          valid: validRanges(mission.parameters),
          owners: ownersOf(mission.parameters),
        }),
        reliability: readReliability(manifest.quality),
      }),
    );
    const model: ReportModel = {
      evaluation,
      windows: usedWindows(mode, judged.windows),
      anomalies: judged.anomalies.map((anomaly, index) => ({ anomaly, sentence: sentences[index] ?? '' })),
      matches: matchEvents(labels, detectedEvents(judged)),
      conceptograms: meanConceptograms(manifest, judged.windows, threshold.value),
    };
    return { evaluation, input, manifest, model };
  } finally {
    await detector?.close();
    await scorer.close();
  }
};
