/**
 * The default method: one driller shared by all equipments, on the shape of each equipment's deviation from what the others imply.
 * The graph is built up to what is still to be fitted, run over the calibration set, and then built whole. What is fitted is thus
 * fitted on what the graph computes, and there is no second implementation to differ from it.
 */
import { FdirError } from '../domain/errors';
import { GRAPH } from '../domain/manifest';
import type { Window } from '../domain/telemetry';
import { buildNominalGraph, buildPackageGraph, buildProbeGraph } from './equipment-graph';
import {
  FUSED,
  joinedHeads,
  SHARED_TAPS,
  tasksOf,
  type FittedPackage,
  type JudgingParts,
  type SharedTap,
  type WholeTap,
} from './equipment-parts';
import { FORECAST, fitIdentification, SIGNATURE, SLOW } from './fit-identification';
import { conformalTable, type EquipmentInput, type FitSettings, type FittedGraph } from './fit-input';
import { buildFront, standardiseSamples } from './graph/front';
import { buildForecastSignature, FORECAST_FEATURES } from './graph/own-past';
import { buildSlowSignature } from './graph/signature';
import { joinedOf } from './graph/joined';
import { rowOf, runAll, withGraph } from '../core/graph-session';
import { chooseTaps, fitLayerPeephole, innerLayers, layerSource, type LayerPeephole } from './layer-peephole';
import { GraphBuilder } from './onnx/graph-builder';
import { isTaught, judgeUntaught, modelNominal, ridgeFor, taughtRows } from './model-nominal';
import { fitHeads } from './heads/fit-heads';
import { fitOwnPast, type OwnPastHeads } from './own-past/fit-own-past';
import { chosenOn, strongestOf } from './own-past/ratio-line';
import type { InputWindow } from '../core/telemetry/model-input';
import { SIGNATURE_FEATURES } from './signature-layout';
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

/** Residuals of the detector alone, standardised, to fit their covariance. */
const detectorResiduals = async (
  input: Pick<EquipmentInput, 'layout' | 'scaling' | 'detector' | 'openGraph' | 'report'>,
  windows: readonly Pick<Window, 'values'>[],
): Promise<Float32Array[]> => {
  const { layout, scaling, detector } = input;
  const g = new GraphBuilder(detector.graph.opset);
  const front = buildFront(g, layout, scaling, detector);
  g.output('residual', standardiseSamples(g, front.residual), ['n', layout.parameters * layout.frames]);
  const rows = windows.map(({ values }) => ({ values }));
  const outputs = await withGraph(input.openGraph, g.build('peephole-fdir'), (session) =>
    runAll(session, rows, layout, (done) => {
      input.report('running the detector over nominal windows', done / windows.length);
    }),
  );
  const all = outputs['residual'] ?? new Float32Array();
  return windows.map((_, index) => rowOf(all, windows.length, index));
};

const isShared = (tap: string): tap is SharedTap => SHARED_TAPS.some((shared) => shared === tap);
const isWhole = (tap: string): boolean => WHOLE_TAPS.some((whole) => whole === tap);

/** Taps on the whole window: inner layers of the detector, the slow heads, the forecast, and what taught faults do to the values. */
const wholeTaps = (input: EquipmentInput, slow: number, ownPast: OwnPastHeads | undefined): WholeTap[] => {
  const { layout } = input;
  const isDefault = input.taps.length === 0;
  const layers = isDefault ? innerLayers(input.detector.graph) : [];
  const tap = (name: string, width: number, build: WholeTap['build']): WholeTap => ({
    ...{ name, kind: 'linear-residual', width, build },
  });
  return [
    ...layers.map((layer): WholeTap => {
      const { name, kind, width, build } = layerSource(layer);
      return { name, kind, width, build: (g, { front }) => build(g, front, `inner/${name}`) };
    }),
    ...(slow > 0 && isDefault ? [tap(SLOW, layout.parameters * slow, (g, at) => buildSlowSignature(g, at.slow))] : []),
    ...(ownPast && isDefault
      ? [
          tap(FORECAST, ownPast.scored.length * FORECAST_FEATURES, (g, { past, memory }) =>
            past === undefined ? '' : buildForecastSignature(g, past, ownPast, { memory, layout }),
          ),
        ]
      : []),
    ...(isTaught(input)
      ? [tap(SIGNATURE, layout.parameters * SIGNATURE_FEATURES, (_, { signature }) => signature ?? '')]
      : []),
  ];
};

/** Says which faults no window shows alone; whether that is all of them. */
const tellBlind = (
  { faults, report }: Pick<EquipmentInput, 'faults' | 'report'>,
  standsOut: readonly { readonly item: EquipmentInput['cases'][number] }[],
): boolean => {
  const isBlind = !standsOut.some(({ item }) => item.held !== 'always');
  if (isBlind)
    report(
      'WARNING: the window head sees NONE of the injected faults. What it finds, it finds by other heads; no fault will be named with confidence. Record calmer telemetry, or choose other fault classes',
    );
  for (const [index, fault] of faults.entries()) {
    if (standsOut.some(({ item }) => item.held !== 'always' && item.fault === index)) continue;
    report(
      `WARNING: no calibration window of "${fault}" stands out from the nominal ones: this class will never be named`,
    );
  }
  return isBlind;
};

/** What the heads say; the features of the taps go. */
const judgementOf = (outputs: Readonly<Record<string, Float32Array>>): Readonly<Record<string, Float32Array>> => {
  const kept: readonly string[] = [GRAPH.score, GRAPH.evidence, GRAPH.ownPast];
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => kept.includes(name)));
};

export const fitEquipment = async (input: EquipmentInput): Promise<FittedGraph> => {
  const { layout, scaling, faults, report } = input;
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
  const { parts: plain, windows, filled, contexts, residuals } = await modelNominal(input, shared);
  const taught = await taughtRows(input, plain);
  const heads = fitHeads({
    layout,
    scaling,
    mission: input.mission,
    floor: input.floor,
    wander: input.wander,
    windows,
    stretches: input.stretches,
    folds: input.folds,
    filled,
    contexts,
    alike: input.isForeign ? [{ name: 'detector', rows: residuals }] : [],
    taught,
    momentsOf: input.momentsOf,
    ridge: ridgeFor(input.shape.length, layout),
    report,
  });

  const { mission, stretches, folds } = input;
  const others = { ...input.budget, others: heads.scores };
  const { wander } = input;
  const ownPast = fitOwnPast({ wander, layout, mission, scaling, windows, stretches, folds, filled, others, report });
  const counted = strongestOf(heads.scores, ownPast?.scores);
  const parts: JudgingParts = { ...plain, heads, ownPast, whole: wholeTaps(input, heads.slow.length, ownPast) };
  const runOver = (graph: Uint8Array, windows: readonly InputWindow[], what: string) =>
    withGraph(input.openGraph, graph, (probe) =>
      runAll(probe, windows, layout, (done) => {
        report(what, done / windows.length);
      }),
    );
  const nominal = await runOver(buildNominalGraph(parts), input.calibration, 'measuring nominal evidence');
  const cases = await runOver(buildProbeGraph(parts), input.cases, 'running the calibration set');
  const untaught = await judgeUntaught(input, parts, taught, cases);
  const caseScores = cases[GRAPH.score] ?? new Float32Array();
  const standsOut = input.cases.flatMap((item, index) =>
    (caseScores[index] ?? 0) >= DETECTED ? [{ item, index }] : [],
  );
  const detected = tellBlind(input, standsOut) ? input.cases.map((item, index) => ({ item, index })) : standsOut;

  const casesByClass = Object.fromEntries(
    faults.map((fault, index) => [fault, detected.filter(({ item }) => item.fault === index).length]),
  );
  report('fitting the drillers');
  const identified = await fitIdentification(input, parts, { nominal, cases, untaught }, detected);
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
  const conformal = conformalTable(heads.instant);
  const more: FittedPackage['more'] = (g, front) => {
    for (const { build } of peepholes) build(g, front);
  };
  return {
    model: buildPackageGraph(parts, { conformal, ...identified, more }),
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
    joined: joinedOf(layout, tasksOf(parts), joinedHeads(parts)),
    ownPast: ownPast?.spec,
    sustained: heads.sustained,
    tasks: [...tasksOf(parts), ...peepholes.flatMap(({ tasks }) => tasks)],
    ...{ nominalScores: chosenOn(others, counted), counted },
    judgedCases: judgementOf(cases),
    casesByClass,
    quality: {
      calibrationCases: input.cases.length,
      detectedCases: detected.length,
      casesByClass,
      ...identified.quality,
    },
  };
};
