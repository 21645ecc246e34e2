/** A model package at work: its graph in ONNX Runtime, proven on its golden vector, its outputs taken apart by name. */
import type { ModelPackage } from '../../config/load-manifest';
import { surpriseOf } from '../../core/anomaly/surprise';
import { describeError, FdirError } from '../../domain/errors';
import { GRAPH, headDeviation, type Manifest } from '../../domain/manifest';
import type { Inference } from '../../domain/scored-window';
import { rowOf, runRows, type GraphSession } from '../../core/graph-session';
import type { ImpliedWindow, Scorer } from '../../pipeline/ports';
import { openSession } from './onnx-session';
import { pruneGraph } from './prune-graph';

export interface OnnxOptions {
  /** Threads of one inference; one is fastest for graphs this small, and leaves the other cores to the spacecraft. */
  readonly threads?: number;
}

/** Outputs that the linear model alone gives; packages without a surprise of it have the first only. */
const linearOutputs = ({ calibration }: Manifest): readonly string[] =>
  calibration.equipmentSurprise === undefined ? [GRAPH.expected] : [GRAPH.expected, GRAPH.equipmentScore];
/** The graph computes with float32: decades. */
const ROUNDING = 0.01;

const FIXED_OUTPUTS = [
  GRAPH.reconstruction,
  GRAPH.score,
  GRAPH.pValue,
  GRAPH.expected,
  GRAPH.deviation,
  GRAPH.parameterScore,
  GRAPH.equipmentScore,
] as const;

/** Where a row of an output lies: a tensor of its own, or a stretch of a joined one. */
interface Place {
  readonly tensor: string;
  readonly from?: number;
  readonly size?: number;
}

type Outputs = Awaited<ReturnType<GraphSession['run']>>;

/** @throws FdirError `runtime` when there is no such output. */
const rowIn = (outputs: Outputs, name: string, n: number, index: number): Float32Array => {
  const tensor = outputs[name];
  if (tensor === undefined) throw new FdirError('runtime', `the model gave no float32 "${name}"`);
  return rowOf(tensor.data, n, index);
};

const placesOf = ({ tasks, joined, calibration }: Manifest): ReadonlyMap<string, Place> => {
  const more = [
    ...(calibration.sustained === undefined ? [] : [GRAPH.evidence]),
    ...(calibration.ownPast === undefined ? [] : [GRAPH.ownPast]),
  ];
  const names = [...FIXED_OUTPUTS, ...more, ...tasks.map(({ output }) => output)];
  const places = new Map<string, Place>(names.map((name) => [name, { tensor: name }]));
  let from = 0;
  for (const { name, size } of joined?.parts ?? []) {
    places.set(name, { tensor: joined?.output ?? name, from, size });
    from += size;
  }
  return places;
};

const messageOf = (error: unknown): string => describeError(error);

/** The tensors that hold every output, as few as there can be. */
export const fetchedTensors = (manifest: Manifest): readonly string[] => [
  ...new Set([...placesOf(manifest).values()].map(({ tensor }) => tensor)),
];

/** What they need is a graph of its own when it is so much smaller than the whole. */
const WORTH_PRUNING = 0.5;

/** `slow64` spans 64 frames; the deviations of each are a part of the joined output. */
const slowHeads = ({ joined }: Manifest): { readonly name: string; readonly frames: number }[] =>
  (joined?.parts ?? []).flatMap(({ name }) => {
    const [, head = '', frames = ''] = /^head\/(slow(\d+))\/deviation$/.exec(name) ?? [];
    return head === '' ? [] : [{ name: head, frames: Number(frames) }];
  });

class OnnxScorer implements Scorer {
  private readonly places: ReadonlyMap<string, Place>;
  readonly fetched: readonly string[];
  /** Heads that judge running means, and the frames that these span. */
  private readonly slow: readonly { readonly name: string; readonly frames: number }[];

  constructor(
    readonly manifest: Manifest,
    private readonly session: GraphSession,
    private readonly part: GraphSession | undefined,
  ) {
    this.places = placesOf(manifest);
    this.fetched = fetchedTensors(manifest);
    this.slow = slowHeads(manifest);
  }

  run(windows: Float32Array, n: number, outputs?: readonly string[], session = this.session): Promise<Outputs> {
    const size = { n, parameters: this.manifest.parameters.length, frames: this.manifest.sampling.window };
    return runRows(session, windows, size, outputs);
  }

  async implied(windows: Float32Array, n: number): Promise<readonly ImpliedWindow[]> {
    const outputs = await this.run(windows, n, linearOutputs(this.manifest), this.part);
    const row = (name: string, index: number): Float32Array => rowIn(outputs, name, n, index);
    const { equipmentSurprise } = this.manifest.calibration;
    return Array.from({ length: n }, (_, index) => ({
      expected: row(GRAPH.expected, index),
      leastScore:
        equipmentSurprise && surpriseOf(equipmentSurprise, Math.max(...row(GRAPH.equipmentScore, index))) - ROUNDING,
    }));
  }

  async score(windows: Float32Array, n: number): Promise<readonly Inference[]> {
    const outputs = await this.run(windows, n, this.fetched);
    return Array.from({ length: n }, (_, index): Inference => {
      const row = (name: string): Float32Array => {
        const { tensor: holder, from, size } = this.places.get(name) ?? { tensor: name };
        const own = rowIn(outputs, holder, n, index);
        return from === undefined || size === undefined ? own : own.subarray(from, from + size);
      };
      return {
        score: row(GRAPH.score)[0] ?? NaN,
        pValue: row(GRAPH.pValue)[0] ?? NaN,
        reconstruction: row(GRAPH.reconstruction),
        expected: row(GRAPH.expected),
        deviation: row(GRAPH.deviation),
        parameterScore: row(GRAPH.parameterScore),
        equipmentScore: row(GRAPH.equipmentScore),
        ...(this.manifest.calibration.sustained && { evidence: row(GRAPH.evidence) }),
        ...(this.manifest.calibration.ownPast && { ownPast: row(GRAPH.ownPast) }),
        ...(this.slow.length > 0 && {
          heads: this.slow.map(({ name, frames }) => ({ name, frames, deviation: row(headDeviation(name)) })),
        }),
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

/** What follows from the linear model alone must not contradict the whole. */
const linearDefects = async (scorer: OnnxScorer): Promise<readonly string[]> => {
  const window = Float32Array.from(scorer.manifest.golden.window);
  try {
    const [whole] = await scorer.score(window, 1);
    const [part] = await scorer.implied(window, 1);
    const [score, least] = [whole?.score ?? NaN, part?.leastScore ?? -Infinity];
    return least <= score
      ? []
      : [
          `the score ${String(score)} of the golden vector is below ${String(least)}, which calibration.equipmentSurprise says it is at least`,
        ];
  } catch (error) {
    return [messageOf(error)];
  }
};

/** Every output that is missing, or that this runtime computes otherwise than the one the package was fitted with. */
const findDefects = async (scorer: OnnxScorer): Promise<readonly string[]> => {
  const { golden, joined } = scorer.manifest;
  let outputs: Outputs;
  try {
    outputs = await scorer.run(Float32Array.from(golden.window), 1);
  } catch (error) {
    return [messageOf(error)];
  }
  const missing = scorer.fetched.filter((name) => outputs[name] === undefined);
  if (missing.length > 0) return missing.map((name) => `no float32 output "${name}"`);
  if (joined !== undefined) {
    const sizes = joined.parts.reduce((sum, { size }) => sum + size, 0);
    const actual = outputs[joined.output]?.data.length ?? 0;
    if (actual !== sizes)
      return [`"${joined.output}" has ${String(actual)} values instead of the ${String(sizes)} that model.json joins`];
  }
  const unproven = scorer.fetched.filter((name) => golden.outputs[name] === undefined);
  if (unproven.length > 0)
    return unproven.map((name) => `the golden vector does not hold "${name}": fit the package again`);
  const differences = Object.entries(golden.outputs).flatMap(([name, expected]) => {
    return differenceOf(name, outputs[name]?.data, expected, golden.tolerance) ?? [];
  });
  return differences.length > 0 ? differences : linearDefects(scorer);
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
  const pruned = pruneGraph(graph, linearOutputs(manifest));
  const part = pruned.length < WORTH_PRUNING * graph.length ? await openSession(pruned, options) : undefined;
  const scorer = new OnnxScorer(manifest, session, part);
  const defects = await findDefects(scorer);
  if (defects.length === 0) return scorer;
  await scorer.close();
  throw refuse(defects);
};
