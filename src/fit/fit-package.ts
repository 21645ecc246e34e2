/** Makes a model package of nominal recordings: detector, peepholes, calibration, one graph and its manifest. */
import { buildCases } from './build-cases';
import { chooseThresholds } from './choose-thresholds';
import { resolutionOf } from './conditions';
import { fitEquipment } from './fit-equipment';
import type { EquipmentInput } from './fit-input';
import { fitPaper } from './fit-paper';
import type { FitRequest, ModelPackageFiles } from './fit-request';
import { foldsByRecording, interleavedFolds, stretchesOf } from './folds';
import { reachInWindows } from './heads/slow-spans';
import { standardiseWindow } from './nominal-windows';
import { bareDetector, prepareDetector, shapeOf, type PreparedDetector } from './prepare-detector';
import { recordingLevels } from './recording-levels';
import { shortFolds } from './short-moments';
import { surveyNominal, type NominalSurvey } from './survey-nominal';
import { wanderOf } from './wander';
import { writeManifest } from './write-manifest';

/** The classes a mission without a list of its own gets: those the method was published with, and the two spacecraft know besides. */
export const DEFAULT_FAULTS = [
  'offset',
  'step',
  'impulse',
  'white-noise',
  'subspace-alteration',
  'stuck',
  'drift',
] as const;
/** Enough for six components a class; more cases change no figure in its second digit. */
export const DEFAULT_CASES_PER_CLASS = 1800;

/** The mission's classes; without a list of its own the published ones and those that labels name. */
const faultsOf = ({ mission, labelled }: FitRequest): readonly string[] => {
  const known = labelled.flatMap(({ labels }) => labels.map(({ fault }) => fault)).filter((fault) => fault !== '');
  return mission.faults?.map(({ id }) => id) ?? [...new Set([...DEFAULT_FAULTS, ...known])];
};

const foldShort = (
  { all, passes, layout, scaling }: NominalSurvey,
  report: FitRequest['report'],
): Pick<EquipmentInput, 'folds' | 'momentsOf'> => {
  const rows = all.map(({ values }) => standardiseWindow(values, scaling, layout.frames));
  const { isStationary, ...folds } = shortFolds(passes, layout, rows);
  report(
    isStationary
      ? 'telemetry is taken as stationary: so blocks of it explain each other best'
      : 'telemetry repeats: windows are compared as they are, which explains blocks of it better than if it were stationary',
  );
  return folds;
};

/** How far each level is not known, nominal deviations, and whether recordings differ; says which and why. */
const unknownLevels = ({ mission, report }: FitRequest, { all, passes, layout, scaling }: NominalSurvey) => {
  const oneWay = wanderOf(all, layout, mission, scaling);
  const apart = recordingLevels(passes, layout, scaling);
  const tell = (what: string, sizes: Float64Array): void => {
    const ids = mission.parameters.filter((_, index) => (sizes[index] ?? 0) > 0).map(({ id }) => id);
    if (ids.length > 0) report(`${what}: ${ids.join(', ')}`);
  };
  tell('went one way through all recordings, so their levels are not judged', oneWay);
  tell('differ from recording to recording, so their levels are judged no closer than that', apart);
  return {
    wander: oneWay.map((size, index) => Math.max(size, apart[index] ?? 0)),
    isApart: apart.some((size) => size > 0),
  };
};

const inputFor = (
  request: FitRequest,
  survey: NominalSurvey,
  detector: PreparedDetector,
): { readonly input: EquipmentInput; readonly leftOut: ModelPackageFiles['leftOut'] } => {
  const { mission, report, openGraph, taps, settings } = request;
  const { all, passes, layout, scaling, split, short, strideMs } = survey;
  report('injecting faults');
  const { faults, cases, leftOut } = buildCases(request, faultsOf(request), survey, split.calibration);
  const stretches = stretchesOf(passes, strideMs);
  const reach = reachInWindows(all.length, mission.sampling);
  const { wander, isApart } = unknownLevels(request, survey);
  const input: EquipmentInput = {
    ...{ layout, scaling, mission, faults, cases, taps, settings, openGraph, report, stretches },
    ...shapeOf(split.shape, detector),
    budget: { falseAlarmsPerDay: request.falseAlarmsPerDay, rule: survey.rule, strideMs },
    isForeign: request.detector !== 'pca',
    floor: resolutionOf(all, layout.parameters, layout.frames, scaling.std),
    wander,
    ...(short
      ? foldShort(survey, report)
      : {
          folds: isApart ? foldsByRecording(passes) : interleavedFolds(all.length, reach),
          momentsOf: undefined,
        }),
    calibration: split.calibration,
    conformal: split.conformal,
  };
  return { input, leftOut };
};

/** @throws FdirError `input` or `model` with what to do; never gives a package that cannot tell a fault from nominal. */
export const fitPackage = async (request: FitRequest): Promise<ModelPackageFiles> => {
  const survey = surveyNominal(request);
  const { layout, scaling, split, short } = survey;
  const detector = await prepareDetector(request, survey, split.shape, short);
  if (detector.mse > 0.5) {
    request.report(
      `the detector explains little of the nominal telemetry (mean squared error ${detector.mse.toFixed(2)} of variance 1): was it trained on this mission?`,
    );
  }
  const { input, leftOut } = inputFor(request, survey, detector);
  const fitted = request.method === 'paper' ? await fitPaper(input) : await fitEquipment(input);
  const thresholds = chooseThresholds(fitted, survey, input, request);
  const manifest = await writeManifest(request, survey, fitted, { detector, thresholds });
  return {
    model: fitted.model,
    detector: bareDetector(layout, scaling, detector),
    manifest,
    thresholds: thresholds.thresholds,
    leftOut,
  };
};
