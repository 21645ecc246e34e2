/** Running a graph while fitting: the port that keeps `onnxruntime-node` out of this folder. */

import { GRAPH } from '../domain/manifest';
import { inputOf, splitInput, type InputWindow } from './telemetry/model-input';
import { SUMMARIES } from './telemetry/summaries';

/** One tensor: row-major values and dimensions. */
export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface GraphSession {
  /** Names of the inputs that the graph has. */
  readonly inputs: readonly string[];
  /**
   * Feeds an input [n, ...], and others of those that the graph has, and answers the named outputs, or every output, by name.
   * Rejects when the graph cannot run.
   */
  run(
    input: string,
    tensor: Tensor,
    outputs?: readonly string[],
    others?: Readonly<Record<string, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

export type OpenGraph = (model: Uint8Array) => Promise<GraphSession>;

/** Opens a graph for `use`, and closes it, whatever comes of that. */
export const withGraph = async <T>(
  openGraph: OpenGraph,
  model: Uint8Array,
  use: (session: GraphSession) => Promise<T>,
): Promise<T> => {
  const session = await openGraph(model);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
};

/** Runs `n` rows of input (core/telemetry/model-input.ts), taken apart for the inputs that the graph has. */
export const runRows = (
  session: GraphSession,
  rows: Float32Array,
  size: { readonly n: number; readonly parameters: number; readonly frames: number },
  outputs?: readonly string[],
): Promise<Readonly<Record<string, Tensor>>> => {
  const { n, parameters, frames } = size;
  const { values, measured, memory } = splitInput(rows, n, parameters, frames);
  const others: Record<string, Tensor> = {};
  if (session.inputs.includes(GRAPH.mask)) others[GRAPH.mask] = { data: measured, dims: [n, parameters, frames] };
  if (session.inputs.includes(GRAPH.memory)) others[GRAPH.memory] = { data: memory, dims: [n, parameters, SUMMARIES] };
  return session.run(GRAPH.window, { data: values, dims: [n, parameters, frames] }, outputs, others);
};

/** Windows an inference while fitting: large enough to amortise the call, small enough for the cache. */
const BATCH = 64;

/**
 * Runs windows through a graph, in batches; either all of one call are remembered with their time before, or none. The rows of input are
 * made batch by batch, for all of them together would be the largest thing in memory.
 * @returns each output concatenated over all windows: [windows, ...].
 */
export const runAll = async (
  session: GraphSession,
  windows: readonly InputWindow[],
  { parameters, frames }: { readonly parameters: number; readonly frames: number },
  onProgress: (done: number) => void = () => undefined,
): Promise<Readonly<Record<string, Float32Array>>> => {
  const collected: Record<string, Float32Array> = {};
  for (let from = 0; from < windows.length; from += BATCH) {
    const batch = windows.slice(from, from + BATCH).map(inputOf);
    const size = batch[0]?.length ?? 0;
    const data = new Float32Array(batch.length * size);
    batch.forEach((row, index) => data.set(row, index * size));
    const outputs = await runRows(session, data, { n: batch.length, parameters, frames });
    for (const [name, tensor] of Object.entries(outputs)) {
      const width = tensor.data.length / batch.length;
      const all = (collected[name] ??= new Float32Array(width * windows.length));
      all.set(tensor.data, from * width);
    }
    onProgress(Math.min(from + BATCH, windows.length));
  }
  return collected;
};

/** Row `index` of a [rows, width] array. */
export const rowOf = (data: Float32Array, rows: number, index: number): Float32Array => {
  const width = data.length / rows;
  return data.subarray(index * width, (index + 1) * width);
};
