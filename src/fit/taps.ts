/** Weight layers of a detector that can be tapped, and the corevector of each: the published reduction by the layer's own SVD. */
import { onnx } from 'onnx-proto';
import { dense, eigen, multiply, transpose, type Dense } from './math/dense';
import { floatsOf, isFloating, type DetectorGraph } from './onnx/read-model';
import { allNodes, innerGraphs } from './onnx/subgraphs';

/** A layer y = W [a; 1] whose output can be tapped. */
export interface LayerTap {
  /** `encoder.linear`: the node's path in the exporter's words. */
  readonly name: string;
  readonly opType: string;
  /** `features`: the last axis of the output holds y; `channels`: the second axis does, as convolutions have it. */
  readonly axis: 'features' | 'channels';
  /** Name of the layer's output tensor in the graph. */
  readonly output: string;
  /** [outputs, inputs + 1]: weights and bias; of a convolution those of one position, all kernel places side by side. */
  readonly weights: Dense;
}

/** A weight layer that cannot be tapped, with the reason. */
export interface RefusedLayer {
  readonly name: string;
  readonly opType: string;
  readonly reason: string;
}

export interface TapListing {
  readonly taps: readonly LayerTap[];
  readonly refused: readonly RefusedLayer[];
}

const LAYERS = new Set(['Gemm', 'MatMul', 'Conv', 'ConvTranspose']);
/** Layers with weights of another kind: named, so that nobody looks for them in vain. */
const RECURRENT = new Set(['LSTM', 'GRU', 'RNN']);

/** Prefixes of names that this program gives. */
const withoutPrefix = (name: string): string => name.replace(/^detector\//, '').replace(/^fdir\//, '');

/** `/encoder/linear/Gemm` is `encoder.linear`; an exporter that names no nodes is known by its weights, then by its tensors. */
const tapName = (node: onnx.INodeProto): string => {
  const path = withoutPrefix(node.name ?? '')
    .replace(/^\//, '')
    .replace(/\/[^/]+$/, '')
    .replaceAll('/', '.');
  if (path !== '' && withoutPrefix(node.name ?? '').includes('/')) return path;
  const weight = withoutPrefix(node.input?.[1] ?? '').replace(/\.weight$/, '');
  if (weight !== '' && !weight.startsWith('onnx::')) return weight.replaceAll('/', '.');
  return path === '' ? withoutPrefix(node.output?.[0] ?? 'layer') : path;
};

const attributeOf = (node: onnx.INodeProto, name: string): onnx.IAttributeProto | undefined =>
  (node.attribute ?? []).find((item) => item.name === name);

/** Rows of W with the bias as last column. */
const withBias = (
  rows: number,
  columns: number,
  weight: (row: number, column: number) => number,
  bias: (row: number) => number,
): Dense => {
  const out = dense(rows, columns + 1);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) out.data[i * out.columns + j] = weight(i, j);
    out.data[i * out.columns + columns] = bias(i);
  }
  return out;
};

type Weights = Pick<LayerTap, 'axis' | 'weights'> | string;

const gemmWeights = (
  node: onnx.INodeProto,
  dims: readonly number[],
  values: Float32Array,
  bias: Float32Array | undefined,
): Weights => {
  const [first, second] = dims;
  if (dims.length !== 2 || first === undefined || second === undefined)
    return `its weights have ${String(dims.length)} dimensions instead of 2`;
  const isGemm = node.opType === 'Gemm';
  const transposed = isGemm && Number(attributeOf(node, 'transB')?.i ?? 0) === 1;
  const alpha = isGemm ? (attributeOf(node, 'alpha')?.f ?? 1) : 1;
  const beta = isGemm ? (attributeOf(node, 'beta')?.f ?? 1) : 1;
  const [outputs, inputs] = transposed ? [first, second] : [second, first];
  return {
    axis: 'features',
    weights: withBias(
      outputs,
      inputs,
      (i, j) => alpha * (values[transposed ? i * second + j : j * second + i] ?? 0),
      (i) => beta * (bias?.[bias.length === 1 ? 0 : i] ?? 0),
    ),
  };
};

const convolutionWeights = (
  node: onnx.INodeProto,
  dims: readonly number[],
  values: Float32Array,
  bias: Float32Array | undefined,
): Weights => {
  const group = Number(attributeOf(node, 'group')?.i ?? 1);
  const [first, second, ...kernel] = dims;
  if (first === undefined || second === undefined || kernel.length === 0)
    return `its weights have ${String(dims.length)} dimensions`;
  if (group !== 1) return `it has ${String(group)} groups: their kernels share no inputs`;
  const places = kernel.reduce((a, b) => a * b, 1);
  // Conv stores [outputs, inputs, kernel], ConvTranspose [inputs, outputs, kernel].
  const isTransposed = node.opType === 'ConvTranspose';
  const [outputs, inputs] = isTransposed ? [second, first] : [first, second];
  return {
    axis: 'channels',
    weights: withBias(
      outputs,
      inputs * places,
      (i, j) => {
        const [input, place] = [Math.floor(j / places), j % places];
        return values[(isTransposed ? input * outputs + i : i * inputs + input) * places + place] ?? 0;
      },
      (i) => bias?.[i] ?? 0,
    ),
  };
};

/** A weight that a node makes of nothing else: some exporters keep weights in Constant nodes, or half as long and cast to float32. */
const storedBy = (
  node: onnx.INodeProto,
  stored: ReadonlyMap<string, onnx.ITensorProto>,
): onnx.ITensorProto | null | undefined => {
  if (node.opType === 'Constant') return attributeOf(node, 'value')?.t;
  const source = node.opType === 'Cast' ? stored.get(node.input?.[0] ?? '') : undefined;
  const to = Number(attributeOf(node, 'to')?.i ?? 0);
  if (source === undefined || !isFloating(source) || to !== onnx.TensorProto.DataType.FLOAT) return undefined;
  const floatData = [...floatsOf(source)];
  return { ...source, dataType: onnx.TensorProto.DataType.FLOAT, rawData: new Uint8Array(), floatData };
};

/** Finds the weight layers (Gemm, MatMul, Conv, ConvTranspose); what has no weights that can be read is named with the reason. */
export const listTaps = (detector: DetectorGraph): TapListing => {
  const stored = new Map(detector.initializers.map((tensor) => [tensor.name ?? '', tensor]));
  for (const node of detector.nodes) {
    const value = storedBy(node, stored);
    if (value && node.output?.[0]) stored.set(node.output[0], value);
  }
  const taps: LayerTap[] = [];
  const refused: RefusedLayer[] = [];
  for (const node of detector.nodes) {
    const opType = node.opType ?? '';
    const output = node.output?.[0];
    for (const inner of allNodes(innerGraphs(node).flatMap((graph) => graph.node ?? [])))
      if (LAYERS.has(inner.opType ?? ''))
        refused.push({ name: tapName(inner), opType: inner.opType ?? '', reason: `it lies inside of ${opType}` });
    if (RECURRENT.has(opType))
      refused.push({
        name: tapName(node),
        opType,
        reason: 'it is recurrent: its weights act on its own past, not on one input',
      });
    if (!LAYERS.has(opType) || output === undefined) continue;
    const first = tapName(node);
    // Two layers of one name (an unrolled loop) are told apart by number.
    const same = [...taps, ...refused].filter(({ name }) => name === first || name.startsWith(`${first}#`)).length;
    const name = same === 0 ? first : `${first}#${String(same + 1)}`;
    const tensor = stored.get(node.input?.[1] ?? '');
    if (tensor === undefined) {
      refused.push({ name, opType, reason: 'its weights are computed, not stored' });
      continue;
    }
    if (tensor.dataType !== onnx.TensorProto.DataType.FLOAT) {
      refused.push({ name, opType, reason: 'it does not compute in float32' });
      continue;
    }
    const biasTensor = opType === 'MatMul' ? undefined : stored.get(node.input?.[2] ?? '');
    const read = opType === 'Gemm' || opType === 'MatMul' ? gemmWeights : convolutionWeights;
    const weights = read(node, (tensor.dims ?? []).map(Number), floatsOf(tensor), biasTensor && floatsOf(biasTensor));
    if (typeof weights === 'string') refused.push({ name, opType, reason: weights });
    else taps.push({ name, opType, output, ...weights });
  }
  return { taps, refused };
};

/**
 * Let `W = U S V'` and `y = W [a; 1]` the layer's output. The first d rows of `S V' [a; 1]` are those of `U' y`. So the corevector is one
 * matrix product on what the layer computed anyway. U are the eigenvectors of `W W'`.
 * @returns [outputs, d].
 */
export const corevectorMatrix = ({ weights }: LayerTap, dimensions: number): Dense => {
  const { vectors } = eigen(multiply(weights, transpose(weights)));
  const d = Math.min(dimensions, weights.rows);
  const out = dense(weights.rows, d);
  for (let i = 0; i < weights.rows; i += 1)
    for (let j = 0; j < d; j += 1) out.data[i * d + j] = vectors.data[i * weights.rows + j] as number;
  return out;
};
