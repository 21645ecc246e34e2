/** The only importer of onnxruntime-node: opens a graph and runs it. `run` blocks the event loop while it computes. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphSession, Tensor as PlainTensor } from '../../core/graph-session';

export interface SessionOptions {
  /** Threads inside one operator; more than one only pays for large models or batches. */
  readonly threads?: number;
}

/** @throws whatever ONNX Runtime says is wrong with the bytes. */
export const openSession = async (model: Uint8Array, { threads = 1 }: SessionOptions = {}): Promise<GraphSession> => {
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Warnings of the runtime about foreign graphs are not the operator's concern.
    logSeverityLevel: 3,
  });
  return {
    inputs: session.inputNames,
    run: async (input, tensor, names = session.outputNames, others = {}) => {
      const feeds = Object.entries({ [input]: tensor, ...others });
      const results = await session.run(
        Object.fromEntries(feeds.map(([name, { data, dims }]) => [name, new Tensor('float32', data, dims)])),
        names,
      );
      const outputs: Record<string, PlainTensor> = {};
      for (const [name, tensor] of Object.entries(results)) {
        if (tensor.data instanceof Float32Array) outputs[name] = { data: tensor.data, dims: tensor.dims };
      }
      return outputs;
    },
    close: () => session.release(),
  };
};
