/** Running a graph while fitting: the port that keeps `onnxruntime-node` out of this folder. */

/** One tensor: row-major values and dimensions. */
export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface GraphSession {
  /** Feeds one input [n, ...] and answers the named outputs, or every output, by name. Rejects when the graph cannot run. */
  run(input: string, tensor: Tensor, outputs?: readonly string[]): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

export type OpenGraph = (model: Uint8Array) => Promise<GraphSession>;

/** Windows an inference while fitting: large enough to amortise the call, small enough for the cache. */
const BATCH = 64;

/**
 * Runs all windows [parameters * frames] through a graph, in batches.
 * @returns each output concatenated over all windows: [windows, ...].
 */
export const runAll = async (
  session: GraphSession,
  windows: readonly Float32Array[],
  parameters: number,
  frames: number,
  onProgress: (done: number) => void = () => undefined,
): Promise<Readonly<Record<string, Float32Array>>> => {
  const size = parameters * frames;
  const collected: Record<string, Float32Array> = {};
  for (let from = 0; from < windows.length; from += BATCH) {
    const batch = windows.slice(from, from + BATCH);
    const data = new Float32Array(batch.length * size);
    batch.forEach((values, index) => data.set(values, index * size));
    const outputs = await session.run('window', { data, dims: [batch.length, parameters, frames] });
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
