/** Reads a foreign reconstruction model and prepares its graph to be taken over by a `GraphBuilder`. */
import { onnx } from 'onnx-proto';
import { describeError, FdirError } from '../../domain/errors';
import { allNodes, renamedNode } from './subgraphs';

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

/**
 * Newest opset that the runtime runs (onnxruntime 1.30). A newer one may give an operator another meaning, so it is not taken for this one.
 */
export const NEWEST_OPSET = 26;

const { FLOAT, FLOAT16, DOUBLE } = onnx.TensorProto.DataType;

/** Types of windows that a detector may compute in: its input and output are cast from and to float32. */
const CAST_TYPES: readonly number[] = [FLOAT16, DOUBLE];

const dimsOf = (info: onnx.IValueInfoProto): number[] =>
  (info.type?.tensorType?.shape?.dim ?? []).map((dim) => Number(dim.dimValue ?? 0));

const typeOf = (info: onnx.IValueInfoProto): number => info.type?.tensorType?.elemType ?? 0;

const BYTES: Readonly<Record<number, number>> = { [FLOAT]: 4, [FLOAT16]: 2, [DOUBLE]: 8 };

/** Whether `floatsOf` reads it. */
export const isFloating = ({ dataType }: onnx.ITensorProto): boolean => BYTES[dataType ?? 0] !== undefined;

/** IEEE 754 binary16: sign, five bits of exponent, ten of fraction. */
const halfValue = (bits: number): number => {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
};

/** Weights of a tensor as numbers, from raw bytes or the typed field. @throws FdirError `model` for other than floating point. */
export const floatsOf = (tensor: onnx.ITensorProto): Float32Array => {
  const type = tensor.dataType ?? 0;
  const size = BYTES[type];
  if (size === undefined) throw new FdirError('model', `weight "${tensor.name ?? ''}" is no floating-point number`);
  const raw = tensor.rawData;
  if (raw && raw.length % size !== 0)
    throw new FdirError('model', `weight "${tensor.name ?? ''}" is cut off: it has ${String(raw.length)} bytes`);
  if (raw && raw.length > 0) {
    const { buffer } = Uint8Array.from(raw);
    if (type === FLOAT) return new Float32Array(buffer);
    return type === DOUBLE
      ? Float32Array.from(new Float64Array(buffer))
      : Float32Array.from(new Uint16Array(buffer), halfValue);
  }
  // The typed field of half-precision numbers holds their bits.
  if (type === FLOAT16) return Float32Array.from(tensor.int32Data ?? [], halfValue);
  return Float32Array.from((type === DOUBLE ? tensor.doubleData : tensor.floatData) ?? []);
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

const OWN_DOMAINS: readonly string[] = ['', 'ai.onnx'];

/** Every reason why a model cannot serve, with what to do. */
const problemsOf = (
  graph: onnx.IGraphProto,
  opset: number,
  inputs: readonly onnx.IValueInfoProto[],
  outputs: readonly onnx.IValueInfoProto[],
): readonly string[] => [
  ...(opset < OLDEST_OPSET
    ? [`opset ${String(opset)} is older than ${String(OLDEST_OPSET)}: export the model again with a newer opset`]
    : []),
  ...(opset > NEWEST_OPSET
    ? [
        `opset ${String(opset)} is newer than ${String(NEWEST_OPSET)}, the newest that the runtime knows: export the model again with opset ${String(NEWEST_OPSET)} or an older one (opset_version in PyTorch)`,
      ]
    : []),
  ...(inputs.length === 1
    ? []
    : [
        `it has ${String(inputs.length)} inputs (${inputs.map(({ name }) => name).join(', ')}); one, the window, is needed`,
      ]),
  ...(outputs.length >= 1 ? [] : ['it has no output']),
  ...[...inputs, ...outputs.slice(0, 1)]
    .filter((info) => ![FLOAT, ...CAST_TYPES].includes(typeOf(info)))
    .map((info) => `its ${outputs.includes(info) ? 'output' : 'input'} "${info.name ?? ''}" is not float32`),
  ...(graph.sparseInitializer?.length ? ['it holds sparse weights: export it with dense ones'] : []),
  // Exporters declare domains that no node uses: what counts is what the nodes need.
  ...[...new Set(allNodes(graph.node ?? []).map(({ domain }) => domain ?? ''))]
    .filter((domain) => !OWN_DOMAINS.includes(domain))
    .map((domain) => `it uses operators of "${domain}", not standard ONNX`),
];

const castNode = (from: string, to: string, type: number): onnx.INodeProto => ({
  opType: 'Cast',
  name: to,
  input: [from],
  output: [to],
  attribute: [{ name: 'to', type: onnx.AttributeProto.AttributeType.INT, i: type }],
});

/**
 * Reads a detector: one input (the window), one output of the same number of values (the reconstruction), both float32 or cast to it.
 * Every name gets the prefix `detector/`, also in graphs inside nodes, so that it cannot collide with the package's own.
 * @throws FdirError `model` with every reason why the file cannot serve.
 */
export const readDetector = (bytes: Uint8Array, file: string): DetectorGraph => {
  const model = decodeModel(bytes, file);
  const graph = model.graph ?? onnx.GraphProto.create();
  const opset = Number(
    (model.opsetImport ?? []).find(({ domain }) => OWN_DOMAINS.includes(domain ?? ''))?.version ?? 0,
  );
  const initializers = graph.initializer ?? [];
  const weights = new Set(initializers.map(({ name }) => name));
  // Old exporters list weights among the inputs.
  const inputs = (graph.input ?? []).filter(({ name }) => !weights.has(name));
  const outputs = graph.output ?? [];
  const problems = problemsOf(graph, opset, inputs, outputs).map((message) => ({ file, message }));
  const [input, output] = [inputs[0], outputs[0]];
  if (problems.length > 0 || !input || !output)
    throw new FdirError('model', `${file} cannot serve as a detector`, problems);
  const rename = (name: string | null | undefined): string => (name ? `detector/${name}` : '');
  const nodes = (graph.node ?? []).map((node) => ({ ...renamedNode(node, rename), name: rename(node.name) }));
  const [taken, given] = [rename(input.name), rename(output.name)];
  const [castsInput, castsOutput] = [typeOf(input) !== FLOAT, typeOf(output) !== FLOAT];
  return {
    opset,
    nodes: [
      ...(castsInput ? [castNode('detector-window', taken, typeOf(input))] : []),
      ...nodes,
      ...(castsOutput ? [castNode(given, 'detector-reconstruction', FLOAT)] : []),
    ],
    initializers: initializers.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
    input: castsInput ? 'detector-window' : taken,
    output: castsOutput ? 'detector-reconstruction' : given,
    inputDims: dimsOf(input),
    outputDims: dimsOf(output),
  };
};
