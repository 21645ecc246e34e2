/** Runs model packages with ONNX Runtime; the only file that knows it. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelPackage } from '../config/load-manifest';
import { FdirError } from '../domain/errors';
import { GRAPH, type Manifest } from '../domain/manifest';
import type { Inference } from '../domain/scored-window';
import type { Scorer } from '../pipeline/ports';

export interface OnnxOptions {
  /** Threads of one inference; one is fastest for graphs this small, and leaves the other cores to the spacecraft. */
  readonly threads?: number;
}

const FIXED_OUTPUTS = [
  GRAPH.reconstruction,
  GRAPH.score,
  GRAPH.pValue,
  GRAPH.expected,
  GRAPH.deviation,
  GRAPH.parameterScore,
  GRAPH.equipmentScore,
] as const;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const createSession = async ({ folder, graph }: ModelPackage, { threads = 1 }: OnnxOptions): Promise<InferenceSession> => {
  try {
    return await InferenceSession.create(graph, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // Warnings about optimisations are nobody's business; errors come as exceptions.
      logSeverityLevel: 3,
    });
  } catch (error) {
    const problems = [{ file: `${folder}/model.onnx`, message: messageOf(error) }];
    throw new FdirError('model', `model package ${folder} is refused: ONNX Runtime cannot load its graph`, problems);
  }
};

const checkNames = ({ folder, manifest }: ModelPackage, session: InferenceSession): void => {
  const missing = [
    ...(session.inputNames.includes(GRAPH.window) ? [] : [`no input "${GRAPH.window}"`]),
    ...[...FIXED_OUTPUTS, ...manifest.tasks.map(({ output }) => output)]
      .filter((name) => !session.outputNames.includes(name))
      .map((name) => `no output "${name}"`),
  ];
  if (missing.length === 0) return;
  const problems = missing.map((message) => ({ file: `${folder}/model.onnx`, message }));
  throw new FdirError('model', `model package ${folder} is refused: its graph is incomplete`, problems);
};

/** Row `index` of a batch output, without copying. */
const rowOf = (outputs: InferenceSession.OnnxValueMapType, name: string, index: number, n: number): Float32Array => {
  const data = (outputs[name] as Tensor | undefined)?.data;
  if (!(data instanceof Float32Array)) throw new FdirError('runtime', `the model gave no float32 "${name}"`);
  const width = data.length / n;
  return data.subarray(index * width, (index + 1) * width);
};

class OnnxScorer implements Scorer {
  constructor(
    readonly manifest: Manifest,
    private readonly session: InferenceSession,
  ) {}

  async run(windows: Float32Array, n: number): Promise<InferenceSession.OnnxValueMapType> {
    const shape = [n, this.manifest.parameters.length, this.manifest.sampling.window];
    return this.session.run({ [GRAPH.window]: new Tensor('float32', windows, shape) });
  }

  async score(windows: Float32Array, n: number): Promise<readonly Inference[]> {
    const outputs = await this.run(windows, n);
    return Array.from({ length: n }, (_, index): Inference => {
      const row = (name: string): Float32Array => rowOf(outputs, name, index, n);
      return {
        score: row(GRAPH.score)[0] ?? NaN,
        pValue: row(GRAPH.pValue)[0] ?? NaN,
        reconstruction: row(GRAPH.reconstruction),
        expected: row(GRAPH.expected),
        deviation: row(GRAPH.deviation),
        parameterScore: row(GRAPH.parameterScore),
        equipmentScore: row(GRAPH.equipmentScore),
        peepholes: this.manifest.tasks.map(({ output }) => row(output)),
      };
    });
  }

  close(): Promise<void> {
    return this.session.release();
  }
}

/** Every output that this runtime computes otherwise than the one the package was fitted with. */
const goldenDifferences = async (scorer: OnnxScorer): Promise<string[]> => {
  const { golden } = scorer.manifest;
  const outputs = await scorer.run(Float32Array.from(golden.window), 1);
  return Object.entries(golden.outputs).flatMap(([name, expected]) => {
    const actual = rowOf(outputs, name, 0, 1);
    if (actual.length !== expected.length) {
      return [`"${name}" has ${String(actual.length)} values instead of ${String(expected.length)}`];
    }
    const worst = expected.reduce((most, value, index) => {
      const difference = Math.abs((actual[index] ?? NaN) - value) / Math.max(1, Math.abs(value));
      return Number.isNaN(difference) ? Infinity : Math.max(most, difference);
    }, 0);
    return worst <= golden.tolerance
      ? []
      : [`"${name}" differs from the golden vector by ${worst.toPrecision(3)}, more than ${String(golden.tolerance)}`];
  });
};

/**
 * Starts a package and proves it on its golden vector.
 * @param manifest the package's, with the threshold that is wanted.
 * @throws FdirError `model` when the graph is corrupt, incomplete, or computes something else here.
 */
export const createOnnxScorer = async (
  model: ModelPackage,
  manifest: Manifest = model.manifest,
  options: OnnxOptions = {},
): Promise<Scorer> => {
  const session = await createSession(model, options);
  checkNames(model, session);
  const scorer = new OnnxScorer(manifest, session);
  let differences: string[];
  try {
    differences = await goldenDifferences(scorer);
  } catch (error) {
    differences = [messageOf(error)];
  }
  if (differences.length === 0) return scorer;
  await scorer.close();
  const problems = differences.map((message) => ({ file: `${model.folder}/model.onnx`, message }));
  throw new FdirError('model', `model package ${model.folder} is refused: its golden vector is not reproduced`, problems);
};
