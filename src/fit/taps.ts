/** Weight layers of a detector that can be tapped, and the corevector of each: the published reduction by the layer's own SVD. */
import type { onnx } from 'onnx-proto';
import { dense, eigen, multiply, transpose, type Dense } from './math/dense';
import { floatsOf, type DetectorGraph } from './onnx/read-model';

/** A layer y = a W (+ b) whose output can be tapped. */
export interface LayerTap {
  /** `encoder.linear`: the node's path in the exporter's words. */
  readonly name: string;
  readonly opType: string;
  /** Name of the layer's output tensor in the graph. */
  readonly output: string;
  /** [outputs, inputs + 1]: weights and bias of y = W [a; 1]. */
  readonly weights: Dense;
}

export interface TapListing {
  readonly taps: readonly LayerTap[];
  /** Weight layers that cannot be tapped, each with the reason. */
  readonly refused: readonly { readonly name: string; readonly opType: string; readonly reason: string }[];
}

const LAYERS = new Set(['Gemm', 'MatMul', 'Conv', 'ConvTranspose']);

const tapName = (node: onnx.INodeProto): string => {
  const path = (node.name ?? '')
    .replace(/^detector\//, '')
    .replace(/^\//, '')
    .replace(/\/[^/]+$/, '')
    .replaceAll('/', '.');
  if (path !== '') return path;
  const weight = (node.input?.[1] ?? '').replace(/^detector\//, '').replace(/\.weight$/, '');
  return weight === '' ? (node.output?.[0] ?? 'layer').replace(/^detector\//, '') : weight;
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

/** Finds Gemm and MatMul layers with constant weights; convolutions and what else has weights is named with the reason. */
export const listTaps = (detector: DetectorGraph): TapListing => {
  const weights = new Map(detector.initializers.map((tensor) => [tensor.name ?? '', tensor]));
  const taps: LayerTap[] = [];
  const refused: TapListing['refused'][number][] = [];
  for (const node of detector.nodes) {
    const opType = node.opType ?? '';
    if (!LAYERS.has(opType)) continue;
    const name = tapName(node);
    const refuse = (reason: string): void => void refused.push({ name, opType, reason });
    const tensor = weights.get(node.input?.[1] ?? '');
    const output = node.output?.[0];
    if (tensor === undefined || output === undefined) {
      refuse('its weights are computed, not stored');
      continue;
    }
    if (opType === 'Conv' || opType === 'ConvTranspose') {
      refuse('convolutions are not tapped yet: name a linear layer');
      continue;
    }
    const dims = (tensor.dims ?? []).map(Number);
    const [first, second] = dims;
    if (dims.length !== 2 || first === undefined || second === undefined) {
      refuse(`its weights have ${String(dims.length)} dimensions instead of 2`);
      continue;
    }
    const values = floatsOf(tensor);
    const transB = opType === 'Gemm' && Number(attributeOf(node, 'transB')?.i ?? 0) === 1;
    const alpha = attributeOf(node, 'alpha')?.f ?? 1;
    const beta = attributeOf(node, 'beta')?.f ?? 1;
    const [outputs, inputs] = transB ? [first, second] : [second, first];
    const biasTensor = opType === 'Gemm' ? weights.get(node.input?.[2] ?? '') : undefined;
    const bias = biasTensor === undefined ? undefined : floatsOf(biasTensor);
    taps.push({
      name,
      opType,
      output,
      weights: withBias(
        outputs,
        inputs,
        (i, j) => alpha * (values[transB ? i * second + j : j * second + i] ?? 0),
        (i) => beta * (bias?.[bias.length === 1 ? 0 : i] ?? 0),
      ),
    });
  }
  return { taps, refused };
};

/**
 * With W = U S V', the first d rows of S V' [a; 1] are those of U' y, y = W [a; 1] being the layer's output: the corevector is one
 * matrix product on what the layer computed anyway. U are the eigenvectors of W W'.
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
