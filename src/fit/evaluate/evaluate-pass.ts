/** Judges every window of a labelled pass with one package, and runs the stream of them through the tracker as a replay does. */
import { isNotYetJudged } from '../../core/not-yet-judged';
import { scoreWindow, type ExpectingScorer } from '../../core/anomaly/score-window';
import { infersMissing, isUsable } from '../../core/telemetry/usable';
import type { Anomaly } from '../../core/anomaly/anomaly-tracker';
import type { Feeds } from '../../core/anomaly/cascade';
import { jointPosterior, verdictEquipment, verdictOf } from '../../core/anomaly/verdict';
import type { Manifest } from '../../domain/manifest';
import type { Inference } from '../../domain/scored-window';
import type { Label, Window } from '../../domain/telemetry';
import type { Verdict } from '../../domain/explanation';
import { PassTracker } from './track-pass';
import { withoutHead } from './without-head';
import { truthOf, type EvaluationStep, type WindowTruth, type WindowMode } from './evaluate-windows';

/** What runs a package; the pipeline's `Scorer` is one. */
export type WindowScorer = ExpectingScorer;

export interface EvaluatedWindow {
  readonly start: number;
  readonly end: number;
  readonly score: number;
  readonly truth: WindowTruth;
  /** Of anomalous windows: what this window alone says. */
  readonly verdict: Verdict | undefined;
  /** The equipment that the peepholes alone point to; a verdict of an unknown fault may take it from the attribution. */
  readonly peepholeEquipment: string | undefined;
  /** Of windows inside a label: posterior of each task, as in `Inference`. */
  readonly peepholes: readonly Float32Array[];
}

export interface JudgedPass {
  readonly windows: readonly EvaluatedWindow[];
  /** As they stood when they were closed, by start; none for independent windows. */
  readonly anomalies: readonly Anomaly[];
  /** Anomalies that were muted as symptoms of another one; they are not among the anomalies. */
  readonly symptoms?: number;
  /** The anomalies were each head left out, for the heads that were asked for. */
  readonly leftOut?: readonly { readonly head: string; readonly anomalies: readonly Anomaly[] }[];
  /** Windows that span a gap, hold an unusable parameter or gave no finite score. */
  readonly unscored: number;
  /** Parameters that made windows unusable, and how many. */
  readonly unusable: ReadonlyMap<string, number>;
}

export interface JudgeRequest {
  readonly scorer: WindowScorer;
  readonly mode: WindowMode;
  readonly due: readonly EvaluationStep[];
  /** Snapped to the sampling instants. */
  readonly labels: readonly Label[];
  /** Which equipment feeds which, as the mission declares. */
  readonly feeds?: Feeds;
  /** Heads that are left out in turn, to see what each adds. */
  readonly leaveOut?: readonly string[];
  readonly report: (share: number) => void;
}

/** Windows between two reports of progress. */
const REPORT_EVERY = 64;

/** Equipment with the largest mass of a joint posterior [equipment, faults]. */
const likeliestEquipment = (manifest: Manifest, joint: Float64Array): string | undefined => {
  const equipment = verdictEquipment(manifest);
  const width = joint.length / equipment.length;
  const mass = equipment.map((_, row) => joint.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0));
  return equipment[mass.indexOf(Math.max(...mass))];
};

const judgeWindow = (
  manifest: Manifest,
  { start, end }: Window,
  inference: Inference,
  truth: WindowTruth,
): EvaluatedWindow => {
  const { score, peepholes, equipmentScore } = inference;
  const joint = truth.kind === 'nominal' ? undefined : jointPosterior(manifest, peepholes);
  const verdict = joint && verdictOf(manifest, joint, equipmentScore);
  const peepholeEquipment = joint && likeliestEquipment(manifest, joint);
  const kept = truth.kind === 'inside' ? peepholes.map((posterior) => posterior.slice()) : [];
  return { start, end, score, truth, verdict, peepholeEquipment, peepholes: kept };
};

/** One window an inference, as the daemon: a batch may round differently. Rejects when inference fails. */
export const judgePass = async ({
  scorer,
  mode,
  due,
  labels,
  feeds = new Map(),
  leaveOut = [],
  report,
}: JudgeRequest): Promise<JudgedPass> => {
  const { manifest } = scorer;
  const windows: EvaluatedWindow[] = [];
  const unusable = new Map<string, number>();
  let unscored = 0;
  const whole = new PassTracker(manifest, feeds);
  const without = leaveOut.map((head) => ({ head, tracker: new PassTracker(withoutHead(manifest, head), feeds) }));
  const trackers = [whole, ...without.map(({ tracker }) => tracker)];
  let last = 0;
  for (const [index, item] of due.entries()) {
    if (index % REPORT_EVERY === 0) report(index / due.length);
    if (item.kind === 'lost') {
      for (const tracker of trackers) tracker.lose(item.time);
      continue;
    }
    const unusableHere =
      item.kind === 'unscored'
        ? item.parameters
        : isUsable(item.window, infersMissing(manifest))
          ? undefined
          : item.window.unusable;
    for (const id of unusableHere ?? []) unusable.set(id, (unusable.get(id) ?? 0) + 1);
    const isOut = item.kind === 'unscored' || unusableHere !== undefined;
    if (isOut || isNotYetJudged(manifest, item.window.end)) {
      unscored += 1;
      continue;
    }
    const inference = await scoreWindow(scorer, item.window);
    if (inference === undefined || !Number.isFinite(inference.score)) {
      unscored += 1;
      continue;
    }
    const { window } = item;
    last = window.end;
    windows.push(judgeWindow(manifest, window, inference, truthOf(window, labels)));
    if (mode !== 'stream') continue;
    for (const tracker of trackers) tracker.take({ window, inference });
  }
  for (const tracker of trackers) tracker.close(last);
  report(1);
  return {
    ...{ windows, unscored, unusable, symptoms: whole.symptoms, anomalies: whole.anomalies },
    leftOut: without.map(({ head, tracker }) => ({ head, anomalies: tracker.anomalies })),
  };
};
