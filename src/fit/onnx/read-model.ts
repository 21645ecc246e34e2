/** Reads a foreign reconstruction model and prepares its graph to be taken over by a `GraphBuilder`. */
import { onnx } from 'onnx-proto';
import { describeError, FdirError } from '../../domain/errors';

export interface DetectorGraph {
  readonly opset: number;
  readonly nodes: readonly onnx.INodeProto[];
  readonly initializers: readonly onnx.ITensorProto[];
  /** Name of the window input and of the reconstruction output, after renaming. */
  readonly input: string;
  readonly output: string;
  /** Declared dimensions; 0 where dynamic. */
  readonly inputDims: readonly number[];
  readonly outputDims: readonly number[];
}

/** Opsets below lack what the added nodes need (Softmax per axis, Slice with inputs). */
const OLDEST_OPSET = 11;

const dimsOf = (info: onnx.IValueInfoProto): number[] =>
  (info.type?.tensorType?.shape?.dim ?? []).map((dim) => Number(dim.dimValue ?? 0));

/** Weights of a tensor as numbers, from raw bytes or the typed field. @throws FdirError `model` for other than float32. */
export const floatsOf = (tensor: onnx.ITensorProto): Float32Array => {
  if (tensor.dataType !== onnx.TensorProto.DataType.FLOAT) {
    throw new FdirError('model', `weight "${tensor.name ?? ''}" is not float32`);
  }
  const raw = tensor.rawData;
  if (raw && raw.length % Float32Array.BYTES_PER_ELEMENT !== 0)
    throw new FdirError('model', `weight "${tensor.name ?? ''}" is cut off: it has ${String(raw.length)} bytes`);
  if (raw && raw.length > 0) return new Float32Array(Uint8Array.from(raw).buffer);
  return Float32Array.from(tensor.floatData ?? []);
};

/** Bytes to a model. @throws FdirError `model` when they are not one. */
export const decodeModel = (bytes: Uint8Array, file: string): onnx.ModelProto => {
  try {
    const model = onnx.ModelProto.decode(bytes);
    if (!model.graph || (model.graph.node ?? []).length === 0) throw new Error('it holds no graph');
    return model;
  } catch (error) {
    throw new FdirError('model', `${file} is not an ONNX model`, [{ file, message: describeError(error) }]);
  }
};

/**
 * Reads a detector: one float32 input (the window), one output of the same number of values (the reconstruction).
 * Every name gets the prefix `detector/`, so that it cannot collide with the package's own.
 * @throws FdirError `model` with every reason why the file cannot serve.
 */
export const readDetector = (bytes: Uint8Array, file: string): DetectorGraph => {
  const model = decodeModel(bytes, file);
  const graph = model.graph ?? onnx.GraphProto.create();
  const opset = Number(
    (model.opsetImport ?? []).find(({ domain }) => (domain ?? '') === '' || domain === 'ai.onnx')?.version ?? 0,
  );
  const initializers = graph.initializer ?? [];
  const weights = new Set(initializers.map(({ name }) => name));
  // Old exporters list weights among the inputs.
  const inputs = (graph.input ?? []).filter(({ name }) => !weights.has(name));
  const outputs = graph.output ?? [];
  const problems = [
    ...(opset < OLDEST_OPSET
      ? [`opset ${String(opset)} is older than ${String(OLDEST_OPSET)}: export the model again with a newer opset`]
      : []),
    ...(inputs.length === 1
      ? []
      : [
          `it has ${String(inputs.length)} inputs (${inputs.map(({ name }) => name).join(', ')}); one, the window, is needed`,
        ]),
    ...(outputs.length >= 1 ? [] : ['it has no output']),
    ...[...inputs, ...outputs.slice(0, 1)]
      .filter(({ type }) => type?.tensorType?.elemType !== onnx.TensorProto.DataType.FLOAT)
      .map((info) => `its ${outputs.includes(info) ? 'output' : 'input'} "${info.name ?? ''}" is not float32`),
    // Exporters declare domains that no node uses: what counts is what the nodes need.
    ...[...new Set((graph.node ?? []).map(({ domain }) => domain ?? ''))]
      .filter((domain) => domain !== '' && domain !== 'ai.onnx')
      .map((domain) => `it uses operators of "${domain}", not standard ONNX`),
  ].map((message) => ({ file, message }));
  const [input, output] = [inputs[0], outputs[0]];
  if (problems.length > 0 || !input || !output)
    throw new FdirError('model', `${file} cannot serve as a detector`, problems);
  const rename = (name: string | null | undefined): string => (name ? `detector/${name}` : '');
  return {
    opset,
    nodes: (graph.node ?? []).map((node) => ({
      ...node,
      name: rename(node.name),
      input: (node.input ?? []).map(rename),
      output: (node.output ?? []).map(rename),
    })),
    initializers: initializers.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
    input: rename(input.name),
    output: rename(output.name),
    inputDims: dimsOf(input),
    outputDims: dimsOf(output),
  };
};
