/**
 * The published method to the letter (Capelli et al., arXiv 2604.08424), the baseline every figure is compared with. The score is the
 * mean squared reconstruction error, as surprise against nominal windows, which keeps its order. The peepholes are those of weight
 * layers, and no equipment is judged by itself.
 */
import { GRAPH } from '../domain/manifest';
import type { InputWindow } from '../core/telemetry/model-input';
import type { Window } from '../domain/telemetry';
import { conformalTable, type EquipmentInput, type FittedGraph } from './fit-input';
import { groupedRows, groupWeights } from './graph/conditional';
import { buildFront, standardiseSamples } from './graph/front';
import { joinedOf, outputJoined } from './graph/joined';
import { buildPValue, buildScore } from './graph/score';
import { runAll, withGraph } from '../core/graph-session';
import { chooseTaps, fitLayerPeephole, layerSource, type LayerPeephole } from './layer-peephole';
import { GraphBuilder } from './onnx/graph-builder';
import { EVIDENCE_FLOOR } from '../core/anomaly/surprise';
import { fitSurprise, type SurpriseCurve } from './surprise';

interface PaperFit {
  readonly curve: SurpriseCurve;
  /** Root mean square of the nominal residual, [parameters * frames]. */
  readonly sigma: Float64Array;
  readonly conformal?: Float64Array;
  readonly peepholes: readonly LayerPeephole[];
}

const ERROR = 'error';
const RESIDUAL = 'residual';

const buildGraph = (input: EquipmentInput, fitted?: PaperFit): Uint8Array => {
  const { layout, scaling, detector } = input;
  const { parameters, frames, groups } = layout;
  const g = new GraphBuilder(detector.graph.opset);
  const front = buildFront(g, layout, scaling, detector);
  const residual = standardiseSamples(g, front.residual);
  const square = g.mul(residual, residual);
  const error = g.add(g.reduceMean(square, [1], true), g.constant('error-floor', [EVIDENCE_FLOOR], [1]));
  if (fitted === undefined) {
    g.output(ERROR, error, ['n', 1]);
    g.output(RESIDUAL, residual, ['n', parameters * frames]);
    return g.build('peephole-fdir');
  }
  const parameterScore = g.reduceSum(g.reshape(square, [-1, parameters, frames]), [2]);
  const weights = groupWeights(layout, 1);
  const grouped = g.gather(parameterScore, 1, groups.flat());
  const perSigma = g.constant(
    'per-sigma',
    fitted.sigma.map((value) => 1 / value),
    [1, parameters * frames],
  );
  const score = buildScore(g, g.log(error), [fitted.curve]);
  if (fitted.conformal === undefined) {
    g.output(GRAPH.score, g.reshape(score, [-1]), ['n']);
    return g.build('peephole-fdir');
  }
  outputJoined(g, layout, joinedOf(layout, [], { names: [] }), {
    flat: {
      [GRAPH.reconstruction]: front.flatReconstruction,
      [GRAPH.score]: score,
      [GRAPH.pValue]: buildPValue(g, score, fitted.conformal),
      // The published method knows no other expectation than the reconstruction.
      [GRAPH.expected]: front.flatReconstruction,
      [GRAPH.deviation]: g.mul(residual, perSigma),
      [GRAPH.parameterScore]: parameterScore,
      [GRAPH.equipmentScore]: g.matmul(
        grouped,
        g.constant('members', weights.data, [groupedRows(layout), groups.length]),
      ),
    },
    shaped: { [GRAPH.reconstruction]: front.reconstruction },
  });
  for (const { build } of fitted.peepholes) build(g, front);
  return g.build('peephole-fdir');
};

export const fitPaper = async (input: EquipmentInput): Promise<FittedGraph> => {
  const { layout, report } = input;
  const { parameters, frames } = layout;
  const size = parameters * frames;
  const layers = chooseTaps(input, input.taps);
  const rowsOf = (windows: readonly Pick<Window, 'values'>[]): readonly InputWindow[] =>
    windows.map(({ values }) => ({ values }));
  const nominal = await withGraph(input.openGraph, buildGraph(input), (probe) =>
    runAll(probe, rowsOf(input.calibration), layout, (done) => {
      report('measuring the nominal reconstruction error', done / input.calibration.length);
    }),
  );
  const residuals = nominal[RESIDUAL] ?? new Float32Array();
  const sigma = Float64Array.from({ length: size }, (_, i) => {
    let square = 0;
    for (let row = 0; row < input.calibration.length; row += 1) square += (residuals[row * size + i] as number) ** 2;
    return Math.sqrt(square / input.calibration.length + 1e-12);
  });
  const curve = fitSurprise(nominal[ERROR] ?? new Float32Array());
  const peepholes: LayerPeephole[] = [];
  for (const layer of layers) peepholes.push(await fitLayerPeephole(input, layerSource(layer)));

  const graph = buildGraph(input, { curve, sigma, peepholes: [] });
  const kept = rowsOf(input.conformal.flat());
  const [judged, judgedCases] = await withGraph(input.openGraph, graph, async (session) => [
    await runAll(session, kept, layout, (done) => {
      report('scoring nominal windows kept apart', done / kept.length);
    }),
    await runAll(session, rowsOf(input.cases), layout),
  ]);
  const scores = judged[GRAPH.score] ?? new Float32Array();
  let from = 0;
  const nominalScores = input.conformal.map(({ length }) => scores.subarray(from, (from += length)));
  const conformal = conformalTable(Float64Array.from(scores));
  return {
    model: buildGraph(input, { curve, sigma, conformal, peepholes }),
    taps: peepholes.map(({ tap }) => tap),
    tasks: peepholes.flatMap(({ tasks }) => tasks),
    joined: joinedOf(layout, [], { names: [] }),
    quality: { calibrationCases: input.cases.length },
    nominalScores,
    judgedCases,
  };
};
