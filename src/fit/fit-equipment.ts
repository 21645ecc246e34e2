/**
 * The default method: one driller shared by all equipments, on the shape of each equipment's deviation from what the others imply.
 * The graph is built up to what is still to be fitted, run over the calibration set, and then built whole. What is fitted is thus
 * fitted on what the graph computes, and there is no second implementation to differ from it.
 */
import { FdirError } from '../domain/errors';
import { GRAPH } from '../domain/manifest';
import type { Window } from '../domain/telemetry';
import {
  buildEquipmentGraph,
  EVIDENCE,
  FUSED,
  kindsOf,
  RESIDUAL_KIND,
  SHARED_TAPS,
  tasksOf,
  type Fitted,
  type Parts,
  type SharedTap,
  type WholeTap,
} from './equipment-graph';
import { fitIdentification, SIGNATURE } from './fit-identification';
import {
  conformalTable,
  SHORT_RIDGE,
  type EquipmentInput,
  type FitSettings,
  type FittedGraph,
  type ShapeInput,
} from './fit-input';
import { buildFront, type Scaling, standardiseSamples } from './graph/front';
import { buildSignature, SIGNATURE_FEATURES } from './graph/signature';
import { joinedOf } from './graph/joined';
import { rowOf, runAll } from '../core/graph-session';
import type { Layout } from './layout';
import { chooseTaps, fitLayerPeephole, innerLayers, layerSource, type LayerPeephole } from './layer-peephole';
import { GraphBuilder } from './onnx/graph-builder';
import { conditionalModelOf, fitConditionalModel, RIDGE } from './precision';
import { stationaryMoments } from './stationary';
import { templateBank } from './templates';
import { surpriseOf } from '../core/anomaly/surprise';
import { fitSurprise, NO_SURPRISE } from './surprise';
import { wholeSource, WHOLE_TAPS } from './whole-tap';

/** Measured on simulated wheels, unseen passes (models/README.md): the others are within a point, or cost more for nothing. */
export const DEFAULT_SETTINGS: FitSettings = {
  mixture: 'class',
  components: 2,
  dimensions: 0,
  temperature: 0,
  seed: 1,
};
/** Shared taps of a package that asks for none by name; inner layers of the detector join them. */
export const DEFAULT_TAPS: readonly SharedTap[] = ['residual', 'detector-residual'];

/** Cases below this surprise are not detected, so no verdict is ever given on them: they would teach the drillers noise. */
const DETECTED = 2;

const standardised = ({ values }: { values: Float32Array }, { mean, std }: Scaling, frames: number): Float64Array =>
  Float64Array.from(values, (value, index) => {
    const parameter = Math.floor(index / frames);
    return (value - (mean[parameter] as number)) / (std[parameter] as number);
  });

/** Residuals of the detector alone, standardised, to fit their covariance. */
const detectorResiduals = async (
  input: Pick<EquipmentInput, 'layout' | 'scaling' | 'detector' | 'openGraph' | 'report'>,
  windows: readonly Pick<Window, 'values'>[],
): Promise<Float32Array[]> => {
  const { layout, scaling, detector } = input;
  const g = new GraphBuilder(detector.graph.opset);
  const front = buildFront(g, layout, scaling, detector);
  g.output('residual', standardiseSamples(g, front.residual), ['n', layout.parameters * layout.frames]);
  const session = await input.openGraph(g.build('peephole-fdir'));
  const outputs = await runAll(
    session,
    windows.map(({ values }) => values),
    layout.parameters,
    layout.frames,
    (done) => {
      input.report('running the detector over nominal windows', done / windows.length);
    },
  );
  await session.close();
  const all = outputs['residual'] ?? new Float32Array();
  return windows.map((_, index) => rowOf(all, windows.length, index));
};

/** What nominal windows imply of each other, and what the detector leaves of them. */
const conditionalModels = async (
  input: EquipmentInput,
  { shape, detector, residual }: ShapeInput,
): Promise<Pick<Parts, 'linear' | 'residual' | 'detector'>> => {
  const { layout, scaling } = input;
  const ridge = ridgeFor(shape.length, layout);
  const rows = shape.map((window) => ({ ...window, row: standardised(window, scaling, layout.frames) }));
  return {
    detector,
    linear:
      input.folds.length > 0
        ? conditionalModelOf(stationaryMoments(rows, layout, SHORT_RIDGE), layout)
        : fitConditionalModel(
            rows.map(({ row }) => row),
            layout,
            ridge,
          ),
    residual:
      residual === undefined
        ? fitConditionalModel(await detectorResiduals({ ...input, detector }, shape), layout, ridge)
        : conditionalModelOf(residual, layout),
  };
};

const isShared = (tap: string): tap is SharedTap => SHARED_TAPS.some((shared) => shared === tap);
const isWhole = (tap: string): boolean => WHOLE_TAPS.some((whole) => whole === tap);

/** Taps on the whole window: inner layers of the detector, and what taught faults do to the values where there are any. */
const wholeTaps = (input: EquipmentInput): WholeTap[] => {
  const { layout } = input;
  const layers = input.taps.length > 0 ? [] : innerLayers(input.detector.graph);
  return [
    ...layers.map((tap): WholeTap => {
      const { name, kind, width, build } = layerSource(tap);
      return { name, kind, width, build: (g, front) => build(g, front, `inner/${name}`) };
    }),
    ...(input.cases.some(({ taught }) => taught)
      ? [
          {
            name: SIGNATURE,
            kind: 'linear-residual' as const,
            width: layout.parameters * SIGNATURE_FEATURES,
            build: (g, _front, { deviation }, values) => buildSignature(g, values, deviation, layout),
          } satisfies WholeTap,
        ]
      : []),
  ];
};

export const fitEquipment = async (input: EquipmentInput): Promise<FittedGraph> => {
  const { layout, scaling, faults, report } = input;
  const { parameters, frames } = layout;
  const names = input.taps.length > 0 ? input.taps : DEFAULT_TAPS;
  const shared = SHARED_TAPS.filter((tap) => names.includes(tap));
  if (shared.length === 0) {
    throw new FdirError(
      'usage',
      `the equipment method reads its verdict from a shared tap: name ${SHARED_TAPS.join(' or ')} among --taps`,
    );
  }
  // Before anything long: an unknown layer is a slip of the pen.
  const layerNames = names.filter((tap) => !isShared(tap) && !isWhole(tap));
  const layers = layerNames.length > 0 ? chooseTaps(input, layerNames) : [];
  report('inverting covariances');
  const models = await conditionalModels(input, input);
  const parts: Parts = {
    layout,
    scaling,
    faults,
    shared,
    ...models,
    bank: templateBank(models.linear, layout),
    whole: wholeTaps(input),
  };

  const probe = await input.openGraph(buildEquipmentGraph(parts, {}));
  const runOver = (windows: readonly { readonly values: Float32Array }[], what: string) =>
    runAll(
      probe,
      windows.map(({ values }) => values),
      parameters,
      frames,
      (done) => {
        report(what, done / windows.length);
      },
    );
  const nominal = await runOver(input.calibration, 'measuring nominal evidence');
  const cases = await runOver(input.cases, 'running the calibration set');
  await probe.close();

  const kinds = kindsOf(layout);
  const heldOut = await heldOutEvidence(input, parts);
  const evidence = heldOut.length > 0 ? concat(heldOut) : (nominal[EVIDENCE] ?? new Float32Array());
  // The residual of a linear detector is a part of the window's own distance: counted beside it, it adds noise and nothing else.
  const isPart = (kind: number): boolean => kind === RESIDUAL_KIND && input.residual !== undefined;
  const curves = Array.from({ length: kinds }, (_, kind) =>
    isPart(kind)
      ? NO_SURPRISE
      : fitSurprise(
          Float64Array.from({ length: evidence.length / kinds }, (_value, row) => evidence[row * kinds + kind] ?? 0),
          input.folds.length > 0,
        ),
  );
  const crossFitted = heldOut.map((own) =>
    Float64Array.from({ length: own.length / kinds }, (_, row) =>
      Math.max(...curves.map((curve, kind) => surpriseOf(curve, own[row * kinds + kind] ?? 0))),
    ),
  );
  const detected = input.cases.flatMap((item, index) =>
    Math.max(...curves.map((curve, kind) => surpriseOf(curve, cases[EVIDENCE]?.[index * kinds + kind] ?? 0))) >=
    DETECTED
      ? [{ item, index }]
      : [],
  );
  if (!detected.some(({ item }) => !item.held)) {
    throw new FdirError(
      'input',
      "no window with an injected fault stands out from the nominal ones: choose other fault classes in the mission's faults, or calmer nominal recordings",
    );
  }
  for (const [index, fault] of faults.entries()) {
    if (detected.some(({ item }) => !item.held && item.fault === index)) continue;
    report(`no calibration window of "${fault}" stands out from the nominal ones: this class will never be named`);
  }

  report('fitting the drillers');
  const identified = await fitIdentification(input, parts, nominal, cases, detected);
  const peepholes: LayerPeephole[] = [];
  for (const layer of layers) peepholes.push(await fitLayerPeephole(input, layerSource(layer)));
  for (const tap of WHOLE_TAPS.filter((whole) => names.includes(whole))) {
    const source = wholeSource(
      tap,
      parts,
      input.cases,
      tap === 'residual:whole' ? undefined : await detectorResiduals(input, input.cases),
    );
    peepholes.push(await fitLayerPeephole(input, source));
  }

  report('calibrating p-values');
  const conformal = conformalTable(
    crossFitted.length > 0
      ? Float64Array.from(crossFitted.flatMap((scores) => [...scores]))
      : await scoresOf(input, buildEquipmentGraph(parts, { curves }), input.conformal),
  );
  const more: Fitted['more'] = (g, front) => {
    for (const { build } of peepholes) build(g, front);
  };
  return {
    model: buildEquipmentGraph(parts, { curves, conformal, ...identified, more }),
    setLevel: identified.setLevel,
    taps: [
      { name: FUSED, kind: 'residual' as const, perEquipment: true, dimensions: 0, components: 0 },
      ...identified.drillers.map(({ tap, reduction, driller }) => ({
        name: tap,
        kind: tap === 'residual' ? ('linear-residual' as const) : ('detector-residual' as const),
        perEquipment: true,
        dimensions: reduction.matrix.columns,
        components: driller.components.length,
      })),
      ...parts.whole.map(({ name, kind }, index) => ({
        name,
        kind,
        perEquipment: true,
        dimensions: identified.wholeDrillers[index]?.reduction.matrix.columns ?? 0,
        components: identified.wholeDrillers[index]?.driller.components.length ?? 0,
      })),
      ...peepholes.map(({ tap }) => tap),
    ],
    joined: joinedOf(layout, tasksOf(parts)),
    equipmentSurprise: curves[0],
    tasks: [...tasksOf(parts), ...peepholes.flatMap(({ tasks }) => tasks)],
    ...(crossFitted.length > 0 ? { crossFitted } : {}),
    quality: {
      calibrationCases: input.cases.length,
      detectedCases: detected.length,
      casesByClass: Object.fromEntries(
        faults.map((fault, index) => [fault, detected.filter(({ item }) => item.fault === index).length]),
      ),
      ...identified.quality,
    },
  };
};

const concat = (parts: readonly Float32Array[]): Float32Array => Float32Array.from(parts.flatMap((part) => [...part]));

/** Evidence of nominal windows by models that were not fitted on them: [windows, kinds] of each fold. */
const heldOutEvidence = async (input: EquipmentInput, parts: Parts): Promise<Float32Array[]> => {
  const all: Float32Array[] = [];
  for (const [index, fold] of input.folds.entries()) {
    input.report('scoring every block by a model of the others', index / input.folds.length);
    const own = { ...parts, whole: [], ...(await conditionalModels(input, fold)) };
    const session = await input.openGraph(buildEquipmentGraph(own, {}));
    const { parameters, frames } = input.layout;
    const outputs = await runAll(
      session,
      fold.heldOut.map(({ values }) => values),
      parameters,
      frames,
    );
    await session.close();
    all.push(outputs[EVIDENCE] ?? new Float32Array());
  }
  return all;
};

/** Scores of windows by a graph that ends at the score. */
const scoresOf = async (
  input: EquipmentInput,
  model: Uint8Array,
  windows: readonly Window[],
): Promise<Float64Array> => {
  const session = await input.openGraph(model);
  const outputs = await runAll(
    session,
    windows.map(({ values }) => values),
    input.layout.parameters,
    input.layout.frames,
    (done) => {
      input.report('scoring nominal windows kept apart', done / windows.length);
    },
  );
  await session.close();
  return Float64Array.from(outputs[GRAPH.score] ?? []);
};

/** With few windows for many samples the inverse needs more support than `RIDGE` gives. */
const ridgeFor = (windows: number, { parameters, frames }: Layout): number => {
  const ratio = windows / (parameters * frames);
  return ratio >= 5 ? RIDGE : ratio >= 2 ? 1e-4 : ratio >= 1 ? 1e-3 : 1e-2;
};
