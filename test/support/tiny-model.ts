/**
 * The smallest model package that has everything the daemon reads: every parameter is expected at its mean, the score is the
 * worst parameter's mean squared deviation, and the one peephole weighs an equipment's score against `nominal`.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { equipmentIds, type Mission } from '../../src/domain/mission';
import { GRAPH, peepholeOutput, type Manifest } from '../../src/domain/manifest';
import { GraphBuilder } from '../../src/fit/onnx/graph-builder';

export interface TinyModelChoice {
  /** Nominal value of every parameter, and its standard deviation. */
  readonly mean?: (id: string) => number;
  readonly std?: number;
  readonly threshold?: number;
}

const PEEPHOLE = peepholeOutput('residual', 'fault');

const buildGraph = (mission: Mission, mean: readonly number[], std: number): Uint8Array => {
  const { parameters, sampling } = mission;
  const equipment = equipmentIds(mission);
  const shape = ['n', parameters.length, sampling.window];
  const graph = new GraphBuilder();
  const window = graph.input(GRAPH.window, shape);
  const zero = graph.constant('zero', [0], [1]);
  const expected = graph.add(graph.mul(window, zero), graph.constant('mean', mean, [1, mean.length, 1]));
  const deviation = graph.div(graph.sub(window, expected), graph.constant('std', [std], [1]));
  const parameterScore = graph.reduceMean(graph.mul(deviation, deviation), [2]);
  const score = graph.reduceMax(parameterScore, [1]);
  const one = graph.constant('one', [1], [1]);
  const members = parameters.flatMap((parameter) => equipment.map((id) => (parameter.equipment === id ? 1 : 0)));
  const equipmentScore = graph.matmul(
    parameterScore,
    graph.constant('members', members, [parameters.length, equipment.length]),
  );
  const offset = graph.reshape(equipmentScore, [-1, equipment.length, 1]);
  const nominal = graph.add(graph.mul(offset, zero), graph.constant('nominal', [4], [1]));
  graph.output(GRAPH.reconstruction, expected, shape);
  graph.output(GRAPH.score, score, ['n']);
  graph.output(GRAPH.pValue, graph.div(one, graph.add(one, score)), ['n']);
  graph.output(GRAPH.expected, expected, shape);
  graph.output(GRAPH.deviation, deviation, shape);
  graph.output(GRAPH.parameterScore, parameterScore, ['n', parameters.length]);
  graph.output(GRAPH.equipmentScore, equipmentScore, ['n', equipment.length]);
  graph.output(PEEPHOLE, graph.softmax(graph.concat([nominal, offset], 2), 2), ['n', equipment.length, 2]);
  return graph.build('tiny');
};

/** Writes `model.onnx` and `model.json` into `folder` and answers the manifest. */
export const writeTinyPackage = async (
  folder: string,
  mission: Mission,
  choice: TinyModelChoice = {},
): Promise<Manifest> => {
  const { mean = () => 0, std = 1, threshold = 9 } = choice;
  const parameters = mission.parameters.map(({ id }) => id);
  const means = parameters.map(mean);
  const graph = buildGraph(mission, means, std);
  const { window, stride, periodMs } = mission.sampling;
  const golden = Float32Array.from(
    { length: parameters.length * window },
    (_, index) => (means[Math.floor(index / window)] ?? 0) + (index % 3) * std,
  );
  const session = await InferenceSession.create(Buffer.from(graph));
  const outputs = await session.run({ [GRAPH.window]: new Tensor('float32', golden, [1, parameters.length, window]) });
  await session.release();
  const manifest: Manifest = {
    schemaVersion: 1,
    id: 'tiny',
    sha256: createHash('sha256').update(graph).digest('hex'),
    spacecraft: mission.spacecraft,
    method: 'equipment',
    detector: 'tiny',
    parameters,
    equipment: [...equipmentIds(mission)],
    sampling: { periodMs, window, stride },
    scaling: { mean: means, std: means.map(() => std) },
    taps: [{ name: 'residual', kind: 'residual', perEquipment: true, dimensions: 1, components: 1 }],
    tasks: [{ name: 'fault', tap: 'residual', output: PEEPHOLE, classes: ['nominal', 'offset'] }],
    verdictTask: 'fault',
    calibration: {
      falseAlarmsPerDay: 0.5,
      threshold,
      returnThreshold: threshold,
      persistence: { k: 2, n: 3 },
      confidenceFloor: 0.3,
      budgets: [
        { falseAlarmsPerDay: 0.1, threshold: 2 * threshold, returnThreshold: 2 * threshold },
        { falseAlarmsPerDay: 0.5, threshold, returnThreshold: threshold },
      ],
      calibrationWindows: 100,
    },
    fittedOn: { passes: [], seed: 1, tool: 'test' },
    quality: {},
    golden: {
      window: [...golden],
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
      ),
      tolerance: 1e-4,
    },
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), graph);
  writeFileSync(join(folder, 'model.json'), JSON.stringify(manifest));
  return manifest;
};
