/** The manifest of a package: how its graph is read, what it was fitted on, how good it is, and a vector that proves it. */
import { createHash } from 'node:crypto';
import { COVERAGE } from '../core/anomaly/conformal-set';
import { runAll, withGraph, type OpenGraph } from '../core/graph-session';
import { FdirError } from '../domain/errors';
import type { Manifest } from '../domain/manifest';
import type { Window } from '../domain/telemetry';
import { VERSION } from '../domain/version';
import type { ChosenThresholds } from './choose-thresholds';
import type { FittedGraph } from './fit-input';
import type { FitRequest } from './fit-request';
import { storedSight } from './head-sight';
import type { Layout } from './layout';
import { observedOf } from './observed';
import { oddStretchOf } from './odd-stretch';
import type { PreparedDetector } from './prepare-detector';
import { predictionOf } from './prediction';
import { warningsOf } from './warnings';
import type { NominalSurvey } from './survey-nominal';
import { PERSISTENCE, returnOf } from './threshold';

/** Below this a fault is a guess between classes. The published method names the likeliest class, however unsure. */
const CONFIDENCE_FLOOR = { equipment: 0.3, paper: 0 } as const;
/** float32 sums in another order differ by this much at most, relative. */
const GOLDEN_TOLERANCE = 2e-3;

const goldenOf = async (
  model: Uint8Array,
  window: Window,
  layout: Layout,
  openGraph: OpenGraph,
): Promise<Manifest['golden']> => {
  const outputs = await withGraph(openGraph, model, (session) => runAll(session, [{ values: window.values }], layout));
  return {
    window: [...window.values],
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, values]) => [name, [...values].map((value) => Number(value.toPrecision(7)))]),
    ),
    tolerance: GOLDEN_TOLERANCE,
  };
};

const calibrationOf = (
  { setLevel, sustained, ownPast }: FittedGraph,
  { split }: NominalSurvey,
  { thresholds, chosen }: ChosenThresholds,
  { falseAlarmsPerDay: budget, method }: FitRequest,
): Manifest['calibration'] => ({
  falseAlarmsPerDay: budget,
  threshold: chosen,
  returnThreshold: returnOf(chosen),
  persistence: PERSISTENCE,
  confidenceFloor: CONFIDENCE_FLOOR[method],
  budgets: thresholds.map(({ falseAlarmsPerDay, threshold }) => ({
    falseAlarmsPerDay,
    threshold,
    returnThreshold: returnOf(threshold),
  })),
  calibrationWindows: split.conformal.flat().length,
  ...(setLevel !== undefined && { set: { coverage: COVERAGE, level: Number(setLevel.toPrecision(4)) } }),
  ...(sustained && { sustained }),
  ...(ownPast && { ownPast }),
});

/** @throws FdirError `input` when no nominal window is left for the golden vector. */
export const writeManifest = async (
  request: FitRequest,
  survey: NominalSurvey,
  fitted: FittedGraph,
  made: { readonly detector: PreparedDetector; readonly thresholds: ChosenThresholds },
): Promise<Manifest> => {
  const { mission, openGraph } = request;
  const { layout, scaling, split, all } = survey;
  const { realised, sensitivity, sight, odd: span, chosen } = made.thresholds;
  const predicted = realised && predictionOf(realised);
  const conformal = split.conformal.flat();
  const total = fitted.nominalScores.reduce((sum, { length }) => sum + length, 0);
  const windows = [all, conformal].find(({ length }) => length === total);
  const odd = span && windows && (await oddStretchOf(fitted, { span, windows, threshold: chosen }, layout, openGraph));
  const reference = conformal[Math.floor(conformal.length / 2)] ?? split.calibration[0];
  if (reference === undefined) throw new FdirError('input', 'no nominal window is left for the golden vector');
  return {
    schemaVersion: 1,
    id: request.id,
    sha256: createHash('sha256').update(fitted.model).digest('hex'),
    spacecraft: mission.spacecraft,
    method: request.method,
    detector: made.detector.name,
    parameters: mission.parameters.map(({ id }) => id),
    equipment: [...layout.equipment],
    sampling: mission.sampling,
    scaling: { mean: [...scaling.mean], std: [...scaling.std] },
    observed: [...observedOf(all, layout.parameters, layout.frames)],
    taps: fitted.taps,
    tasks: fitted.tasks,
    verdictTask: 'fault',
    joined: fitted.joined,
    calibration: calibrationOf(fitted, survey, made.thresholds, request),
    ...(layout.conditions.length > 0 && { conditions: [...layout.conditions] }),
    fittedOn: {
      passes: [...request.nominal, ...request.labelled.map(({ pass }) => pass)].map(({ file, sha256, assembled }) => ({
        file,
        sha256,
        frames: assembled.filter(({ kind }) => kind === 'frame').length,
      })),
      seed: request.settings.seed,
      tool: `fdir ${VERSION}`,
    },
    quality: {
      reconstructionMse: Number(made.detector.mse.toPrecision(4)),
      sensitivity,
      realisedFalseAlarms: realised ?? null,
      ...(predicted && { predictedFalseAlarms: predicted }),
      ...(odd && { oddStretch: odd }),
      ...(sight.length > 0 && { seenByHead: storedSight(sight) }),
      ...fitted.quality,
      warnings: warningsOf({
        ...{ sight, predicted, odd, falseAlarmsPerDay: request.falseAlarmsPerDay },
        casesByClass: fitted.casesByClass,
      }),
    },
    golden: await goldenOf(fitted.model, reference, layout, openGraph),
  };
};
