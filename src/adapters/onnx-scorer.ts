/** A model package at work: its graph in ONNX Runtime, proven on its golden vector, its outputs taken apart by name. */
import type { ModelPackage } from '../config/load-manifest';
import { FdirError } from '../domain/errors';
import { GRAPH, type Manifest } from '../domain/manifest';
import type { Inference } from '../domain/scored-window';
import { rowOf, type GraphSession } from '../fit/graph-session';
import type { Scorer } from '../pipeline/ports';
import { openSession } from './onnx-session';
import { pruneGraph } from './prune-graph';

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

type Outputs = Awaited<ReturnType<GraphSession['run']>>;

const outputNames = ({ tasks }: Manifest): readonly string[] => [
  ...FIXED_OUTPUTS,
  ...tasks.map(({ output }) => output),
];

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What `expected` needs is a graph of its own when it is so much smaller than the whole. */
const WORTH_PRUNING = 0.5;

class OnnxScorer implements Scorer {
  constructor(
    readonly manifest: Manifest,
    private readonly session: GraphSession,
    private readonly part: GraphSession | undefined,
  ) {}

  run(windows: Float32Array, n: number, session = this.session): Promise<Outputs> {
    const dims = [n, this.manifest.parameters.length, this.manifest.sampling.window];
    return session.run(GRAPH.window, { data: windows, dims });
  }

  async implied(windows: Float32Array, n: number): Promise<readonly Float32Array[]> {
    const { [GRAPH.expected]: tensor } = await this.run(windows, n, this.part);
    if (tensor === undefined) throw new FdirError('runtime', `the model gave no float32 "${GRAPH.expected}"`);
    return Array.from({ length: n }, (_, index) => rowOf(tensor.data, n, index));
  }

  async score(windows: Float32Array, n: number): Promise<readonly Inference[]> {
    const outputs = await this.run(windows, n);
    return Array.from({ length: n }, (_, index): Inference => {
      const row = (name: string): Float32Array => {
        const tensor = outputs[name];
        if (tensor === undefined) throw new FdirError('runtime', `the model gave no float32 "${name}"`);
        return rowOf(tensor.data, n, index);
      };
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

  async close(): Promise<void> {
    await this.part?.close();
    await this.session.close();
  }
}

/** Why an output is not what the package was fitted with; undefined when it is. */
const differenceOf = (
  name: string,
  actual: Float32Array | undefined,
  expected: readonly number[],
  tolerance: number,
): string | undefined => {
  if (actual === undefined) return `no float32 output "${name}"`;
  if (actual.length !== expected.length) {
    return `"${name}" has ${String(actual.length)} values instead of ${String(expected.length)}`;
  }
  const worst = expected.reduce((most, value, index) => {
    const difference = Math.abs((actual[index] ?? NaN) - value) / Math.max(1, Math.abs(value));
    return Number.isNaN(difference) ? Infinity : Math.max(most, difference);
  }, 0);
  if (worst <= tolerance) return undefined;
  return `"${name}" differs from the golden vector by ${worst.toPrecision(3)}, more than ${String(tolerance)}`;
};

/** Every output that is missing, or that this runtime computes otherwise than the one the package was fitted with. */
const findDefects = async (scorer: OnnxScorer): Promise<readonly string[]> => {
  const { golden } = scorer.manifest;
  let outputs: Outputs;
  try {
    outputs = await scorer.run(Float32Array.from(golden.window), 1);
  } catch (error) {
    return [messageOf(error)];
  }
  const missing = outputNames(scorer.manifest).filter((name) => outputs[name] === undefined);
  if (missing.length > 0) return missing.map((name) => `no float32 output "${name}"`);
  return Object.entries(golden.outputs).flatMap(([name, expected]) => {
    return differenceOf(name, outputs[name]?.data, expected, golden.tolerance) ?? [];
  });
};

/**
 * Starts a package and proves it on its golden vector.
 * @param manifest the package's, with the threshold that is wanted.
 * @throws FdirError `model` when the graph is corrupt, incomplete, or computes something else here.
 */
export const createOnnxScorer = async (
  { folder, readGraph, manifest: fitted }: ModelPackage,
  manifest: Manifest = fitted,
  options: OnnxOptions = {},
): Promise<Scorer> => {
  const refuse = (defects: readonly string[]): FdirError => {
    const problems = defects.map((message) => ({ file: `${folder}/model.onnx`, message }));
    return new FdirError(
      'model',
      `model package ${folder} is refused: its graph does not run as it was fitted`,
      problems,
    );
  };
  const graph = readGraph();
  const session = await openSession(graph, options).catch((error: unknown) => {
    throw refuse([messageOf(error)]);
  });
  const pruned = pruneGraph(graph, GRAPH.expected);
  const part = pruned.length < WORTH_PRUNING * graph.length ? await openSession(pruned, options) : undefined;
  const scorer = new OnnxScorer(manifest, session, part);
  const defects = await findDefects(scorer);
  if (defects.length === 0) return scorer;
  await scorer.close();
  throw refuse(defects);
};
