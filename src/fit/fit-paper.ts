/**
 * The published method to the letter (Capelli et al., arXiv 2604.08424), the baseline every figure is compared with: score = mean
 * squared reconstruction error; corevector = SVD reduction of a weight layer's output, standardised with nominal statistics; one
 * Gaussian mixture of 50 components on the calibration set; one empirical posterior table for each task (fault, equipment).
 */
import { createRandom } from '../core/random';
import { FdirError } from '../domain/errors';
import { NOMINAL } from '../domain/explanation';
import { GRAPH, peepholeOutput } from '../domain/manifest';
import { empiricalTable, fitSharedMixture, type Driller } from './driller';
import { conformalTable, type EquipmentInput, type FittedGraph } from './fit-equipment';
import { buildFront } from './graph/front';
import { groupWeights, groupedRows } from './graph/conditional';
import { buildPeephole } from './graph/peephole';
import { buildPValue, buildScore } from './graph/score';
import { rowOf, runAll } from './graph-session';
import { dense, meanOf, type Dense } from './math/dense';
import type { Component } from './math/mixture';
import { GraphBuilder } from './onnx/graph-builder';
import { EVIDENCE_FLOOR, fitSurprise, type SurpriseCurve } from './surprise';
import { corevectorMatrix, listTaps, type LayerTap } from './taps';

/** d and the number of components are those of the paper. */
export const PAPER = { dimensions: 50, components: 50 } as const;
/** Rows the mixture is fitted on at most: 200 a component. */
const MIXTURE_ROWS = 10_000;
const NOMINAL_COREVECTOR = 'corevector';
const ERROR = 'error';

interface Task {
  readonly name: string;
  readonly classes: readonly string[];
  readonly table: Dense;
}

interface Fitted {
  readonly curve: SurpriseCurve;
  readonly components: readonly Component[];
  readonly tasks: readonly Task[];
  readonly conformal?: Float64Array;
}

/** Corevector matrix with the standardisation folded in: (U' y - mean) / deviation. */
interface Reduction {
  readonly matrix: Dense;
  readonly bias: Float64Array;
}

const buildGraph = (
  input: EquipmentInput,
  tap: LayerTap,
  { matrix, bias }: Reduction,
  sigma: Float64Array | undefined,
  fitted?: Fitted,
): Uint8Array => {
  const { layout, scaling, detector } = input;
  const { parameters, frames, groups } = layout;
  const g = new GraphBuilder(detector.graph.opset);
  const front = buildFront(g, layout, scaling, detector);
  const square = g.mul(front.residual, front.residual);
  const error = g.reduceMean(square, [1], true);
  const output = g.reshape(tap.output, [-1, matrix.rows]);
  const corevector = g.gemm(
    output,
    g.constant('corevector', matrix.data, [matrix.rows, matrix.columns]),
    g.constant('corevector/bias', bias, [matrix.columns]),
  );
  if (fitted === undefined) {
    g.output(NOMINAL_COREVECTOR, corevector, ['n', matrix.columns]);
    g.output(ERROR, error, ['n', 1]);
    g.output('residual', front.residual, ['n', parameters * frames]);
    return g.build('peephole-fdir');
  }
  const parameterScore = g.reduceSum(g.reshape(square, [-1, parameters, frames]), [2]);
  const order = groups.flat();
  const members = groupWeights(layout, 1);
  const score = buildScore(g, g.add(error, g.constant('error-floor', [EVIDENCE_FLOOR], [1])), [fitted.curve]);
  g.output(GRAPH.reconstruction, front.reconstruction, ['n', parameters, frames]);
  g.output(GRAPH.expected, front.reconstruction, ['n', parameters, frames]);
  g.output(
    GRAPH.deviation,
    g.mul(
      g.reshape(front.residual, [-1, parameters, frames]),
      g.constant(
        'per-sigma',
        (sigma ?? new Float64Array(parameters * frames).fill(1)).map((value) => 1 / value),
        [1, parameters, frames],
      ),
    ),
    ['n', parameters, frames],
  );
  g.output(GRAPH.parameterScore, parameterScore, ['n', parameters]);
  g.output(
    GRAPH.equipmentScore,
    g.matmul(
      g.gather(parameterScore, 1, order),
      g.constant('members', members.data, [groupedRows(layout), groups.length]),
    ),
    ['n', groups.length],
  );
  g.output(GRAPH.score, g.reshape(score, [-1]), ['n']);
  if (fitted.conformal !== undefined) g.output(GRAPH.pValue, buildPValue(g, score, fitted.conformal), ['n']);
  // One mixture serves all tasks: their tables are stacked, and the posterior is taken apart again.
  const widths = fitted.tasks.map(({ classes }) => classes.length);
  const all = dense(
    fitted.components.length,
    widths.reduce((a, b) => a + b, 0),
  );
  let from = 0;
  fitted.tasks.forEach(({ table }) => {
    for (let k = 0; k < table.rows; k += 1)
      all.data.set(table.data.subarray(k * table.columns, (k + 1) * table.columns), k * all.columns + from);
    from += table.columns;
  });
  const driller: Driller = { components: fitted.components, table: all, temperature: 1, unknownLevel: -Infinity };
  const posterior = buildPeephole(g, corevector, driller, 'driller');
  from = 0;
  fitted.tasks.forEach(({ name, classes }) => {
    g.output(peepholeOutput(tap.name, name), g.slice(posterior, 1, from, from + classes.length), ['n', classes.length]);
    from += classes.length;
  });
  return g.build('peephole-fdir');
};

const chooseTap = (input: EquipmentInput): LayerTap => {
  const { taps, refused } = listTaps(input.detector.graph);
  const encoder =
    taps.find(({ name }) => name === 'encoder.linear') ??
    taps.reduce<LayerTap | undefined>(
      (narrow, tap) => (narrow === undefined || tap.weights.rows < narrow.weights.rows ? tap : narrow),
      undefined,
    );
  if (encoder === undefined) {
    throw new FdirError(
      'model',
      'the detector has no layer that the published method can tap',
      refused.map(({ name, opType, reason }) => ({ message: `${name} (${opType}): ${reason}` })),
    );
  }
  return encoder;
};

export const fitPaper = async (input: EquipmentInput): Promise<FittedGraph> => {
  const { layout, faults, report } = input;
  const { parameters, frames } = layout;
  const tap = chooseTap(input);
  report(`tapping ${tap.name}`);
  const raw: Reduction = {
    matrix: corevectorMatrix(tap, PAPER.dimensions),
    bias: new Float64Array(Math.min(PAPER.dimensions, tap.weights.rows)),
  };
  const d = raw.matrix.columns;
  const probe = await input.openGraph(buildGraph(input, tap, raw, undefined));
  const nominal = await runAll(
    probe,
    input.calibration.map(({ values }) => values),
    parameters,
    frames,
    (done) => {
      report('measuring nominal corevectors', done / input.calibration.length);
    },
  );
  const faulted = await runAll(
    probe,
    input.cases.map(({ values }) => values),
    parameters,
    frames,
    (done) => {
      report('running the calibration set', done / input.cases.length);
    },
  );
  await probe.close();

  const rowsOf = (outputs: typeof nominal, count: number): Float32Array[] =>
    Array.from({ length: count }, (_, index) => rowOf(outputs[NOMINAL_COREVECTOR] ?? new Float32Array(), count, index));
  const nominalRows = rowsOf(nominal, input.calibration.length);
  const mean = meanOf(nominalRows, d);
  const perDeviation = Float64Array.from(
    { length: d },
    (_, j) =>
      1 /
      Math.sqrt(
        nominalRows.reduce((sum, row) => sum + ((row[j] as number) - (mean[j] as number)) ** 2, 0) /
          nominalRows.length +
          1e-12,
      ),
  );
  const standardise = (row: Float32Array): Float64Array =>
    Float64Array.from(row, (value, j) => (value - (mean[j] as number)) * (perDeviation[j] as number));
  const matrix = dense(raw.matrix.rows, d);
  raw.matrix.data.forEach((value, index) => (matrix.data[index] = value * (perDeviation[index % d] as number)));
  const reduction: Reduction = { matrix, bias: mean.map((value, j) => -value * (perDeviation[j] as number)) };

  const share = Math.ceil(input.cases.length / Math.max(1, faults.length));
  const step = Math.max(1, Math.floor(nominalRows.length / share));
  const calm = nominalRows.filter((_, index) => index % step === 0).map(standardise);
  const rows = [...rowsOf(faulted, input.cases.length).map(standardise), ...calm];
  const kinds = [...input.cases.map(({ fault }) => fault + 1), ...calm.map(() => 0)];
  const units = [...input.cases.map(({ group }) => group + 1), ...calm.map(() => 0)];
  report('fitting the mixture');
  const random = createRandom(input.settings.seed).fork('paper');
  const thin = Math.max(1, Math.ceil(rows.length / MIXTURE_ROWS));
  const components = fitSharedMixture(
    rows.filter((_, index) => index % thin === 0),
    { components: PAPER.components, covariance: 'full', floor: 1e-2, iterations: 25, starts: 1 },
    random,
  );
  const tasks: Task[] = [
    { name: 'fault', classes: [NOMINAL, ...faults], table: empiricalTable(components, rows, kinds, faults.length + 1) },
    ...(layout.equipment.length < 2
      ? []
      : [
          {
            name: 'equipment',
            classes: [NOMINAL, ...layout.equipment],
            table: empiricalTable(components, rows, units, layout.equipment.length + 1),
          },
        ]),
  ];
  const curve = fitSurprise(nominal[ERROR] ?? new Float32Array());
  const residuals = nominal['residual'] ?? new Float32Array();
  const sigma = Float64Array.from({ length: parameters * frames }, (_, i) => {
    let square = 0;
    for (let row = 0; row < input.calibration.length; row += 1)
      square += (residuals[row * parameters * frames + i] as number) ** 2;
    return Math.sqrt(square / input.calibration.length + 1e-12);
  });

  report('calibrating p-values');
  const session = await input.openGraph(buildGraph(input, tap, reduction, sigma, { curve, components, tasks }));
  const outputs = await runAll(
    session,
    input.conformal.map(({ values }) => values),
    parameters,
    frames,
    (done) => {
      report('scoring nominal windows kept apart', done / input.conformal.length);
    },
  );
  await session.close();
  const conformal = conformalTable(Float64Array.from(outputs[GRAPH.score] ?? []));
  return {
    model: buildGraph(input, tap, reduction, sigma, { curve, components, tasks, conformal }),
    taps: [{ name: tap.name, kind: 'layer', perEquipment: false, dimensions: d, components: components.length }],
    tasks: tasks.map(({ name, classes }) => ({
      name,
      tap: tap.name,
      output: peepholeOutput(tap.name, name),
      classes: [...classes],
    })),
    quality: { calibrationCases: input.cases.length },
  };
};
