/**
 * Builds ONNX graphs of standard operators, node by node. The only place that knows onnx-proto, besides `read-model.ts`. Some operators
 * changed between opsets (axes as attribute or as input); they are written for the opset of the graph. So a detector exported years ago
 * and the nodes added here live in one graph.
 */
import { onnx } from 'onnx-proto';
import { namesReadBy, renamedNode } from './subgraphs';

/** Dimensions; a string names a dynamic one. */
export type Dims = readonly (number | string)[];

const FLOAT = onnx.TensorProto.DataType.FLOAT;
const INT64 = onnx.TensorProto.DataType.INT64;
const { AttributeType } = onnx.AttributeProto;

/** The opset of graphs that hold no foreign detector: what PyTorch 1.13 and onnxruntime 1.10 already speak. */
export const DEFAULT_OPSET = 13;
/** From this opset on Split takes its sizes as an input. */
const SPLIT_AS_INPUT = 13;
/** From which opset on a reduction takes its axes as an input. */
const REDUCE_AXES_AS_INPUT = { ReduceSum: 13, ReduceSumSquare: 18, ReduceMean: 18, ReduceMax: 18 } as const;
type Reduction = keyof typeof REDUCE_AXES_AS_INPUT;

const attribute = (name: string, value: number | readonly number[] | 'float', float?: number): onnx.IAttributeProto => {
  if (value === 'float') return { name, type: AttributeType.FLOAT, f: float ?? 0 };
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  return { name, type: AttributeType.INTS, ints: [...value] };
};

const valueInfo = (name: string, dims: Dims): onnx.IValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType: FLOAT,
      shape: { dim: dims.map((dim) => (typeof dim === 'string' ? { dimParam: dim } : { dimValue: dim })) },
    },
  },
});

/** Little-endian bytes, as TensorProto.raw_data wants them. */
const bytesOf = (data: Float32Array | BigInt64Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

export class GraphBuilder {
  private nodes: onnx.INodeProto[] = [];
  private readonly initializers: onnx.ITensorProto[] = [];
  private readonly inputs: onnx.IValueInfoProto[] = [];
  private readonly outputs: onnx.IValueInfoProto[] = [];
  private readonly used = new Map<string, number>();
  /** Tensors that became outputs: nodes made before and after know them by their first name. */
  private readonly renamed = new Map<string, string>();

  constructor(readonly opset: number = DEFAULT_OPSET) {}

  private fresh(hint: string): string {
    const count = this.used.get(hint) ?? 0;
    this.used.set(hint, count + 1);
    return count === 0 ? hint : `${hint}.${String(count)}`;
  }

  input(name: string, dims: Dims): string {
    this.inputs.push(valueInfo(name, dims));
    return name;
  }

  /** A float32 constant. @throws Error when the data does not fill the dimensions: a program error. */
  constant(hint: string, data: ArrayLike<number>, dims: readonly number[]): string {
    if (dims.reduce((a, b) => a * b, 1) !== data.length)
      throw new Error(`constant ${hint}: ${String(data.length)} values for [${dims.join(', ')}]`);
    const name = this.fresh(`const/${hint}`);
    this.initializers.push({ name, dims: [...dims], dataType: FLOAT, rawData: bytesOf(Float32Array.from(data)) });
    return name;
  }

  private integers(hint: string, data: readonly number[]): string {
    const name = this.fresh(`const/${hint}`);
    this.initializers.push({
      name,
      dims: [data.length],
      dataType: INT64,
      rawData: bytesOf(BigInt64Array.from(data.map(BigInt))),
    });
    return name;
  }

  /** Adds a node with one output and gives the output's name. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: readonly onnx.IAttributeProto[] = [],
    hint: string = opType,
  ): string {
    const output = this.fresh(`fdir/${hint}`);
    this.nodes.push({ opType, name: output, input: [...inputs], output: [output], attribute: [...attributes] });
    return output;
  }

  add(a: string, b: string): string {
    return this.node('Add', [a, b]);
  }
  sub(a: string, b: string): string {
    return this.node('Sub', [a, b]);
  }
  mul(a: string, b: string): string {
    return this.node('Mul', [a, b]);
  }
  div(a: string, b: string): string {
    return this.node('Div', [a, b]);
  }
  log(a: string): string {
    return this.node('Log', [a]);
  }
  sigmoid(a: string): string {
    return this.node('Sigmoid', [a]);
  }
  max(inputs: readonly string[]): string {
    return this.node('Max', inputs);
  }
  matmul(a: string, b: string): string {
    return this.node('MatMul', [a, b]);
  }
  /** a [n, k] times b [k, m] plus c [m]. */
  gemm(a: string, b: string, c: string): string {
    return this.node('Gemm', [a, b, c]);
  }
  /** An int64 constant, for nodes written by hand. */
  shape(dims: readonly number[]): string {
    return this.integers('shape', dims);
  }
  /** 0 keeps a dimension, -1 is inferred. */
  reshape(a: string, shape: readonly number[]): string {
    return this.node('Reshape', [a, this.integers('shape', shape)]);
  }
  transpose(a: string, permutation: readonly number[]): string {
    return this.node('Transpose', [a], [attribute('perm', permutation)]);
  }
  concat(inputs: readonly string[], axis: number): string {
    return this.node('Concat', inputs, [attribute('axis', axis)]);
  }
  softmax(a: string, axis: number): string {
    return this.node('Softmax', [a], [attribute('axis', axis)]);
  }
  slice(a: string, axis: number, start: number, end: number): string {
    return this.node('Slice', [
      a,
      this.integers('start', [start]),
      this.integers('end', [end]),
      this.integers('axis', [axis]),
    ]);
  }
  /** Cuts an axis into pieces of the given sizes. */
  split(a: string, axis: number, sizes: readonly number[]): string[] {
    const outputs = sizes.map(() => this.fresh('fdir/Split'));
    const asInput = this.opset >= SPLIT_AS_INPUT;
    this.nodes.push({
      opType: 'Split',
      name: outputs[0] ?? '',
      input: asInput ? [a, this.integers('sizes', sizes)] : [a],
      output: outputs,
      attribute: [attribute('axis', axis), ...(asInput ? [] : [attribute('split', sizes)])],
    });
    return outputs;
  }
  /** Rows or columns by index. */
  gather(a: string, axis: number, indices: readonly number[]): string {
    return this.node('Gather', [a, this.integers('indices', indices)], [attribute('axis', axis)]);
  }
  /** 1 where a < b, else 0, as float. */
  below(a: string, b: string): string {
    return this.node('Cast', [this.node('Less', [a, b])], [attribute('to', FLOAT)]);
  }
  /**
   * Nodes that run only if `condition`, a boolean [1], holds; else the tensor is `otherwise`. They may read what stands outside, and
   * nothing outside may read them.
   */
  when(condition: string, then: () => string, otherwise: string): string {
    const outside = this.nodes;
    const branch = (name: string, make: () => string): onnx.IAttributeProto => {
      this.nodes = [];
      const output = [{ name: make(), type: { tensorType: { elemType: FLOAT } } }];
      return { name, type: AttributeType.GRAPH, g: { name: this.fresh(`fdir/${name}`), node: this.nodes, output } };
    };
    const branches = [branch('then_branch', then), branch('else_branch', () => this.node('Identity', [otherwise]))];
    this.nodes = outside;
    return this.node('If', [condition], branches);
  }
  private reduce(opType: Reduction, a: string, axes: readonly number[], keep: boolean): string {
    const keepdims = attribute('keepdims', keep ? 1 : 0);
    return this.opset >= REDUCE_AXES_AS_INPUT[opType]
      ? this.node(opType, [a, this.integers('axes', axes)], [keepdims])
      : this.node(opType, [a], [attribute('axes', axes), keepdims]);
  }
  reduceSum(a: string, axes: readonly number[], keep = false): string {
    return this.reduce('ReduceSum', a, axes, keep);
  }
  /** Sum of squares. */
  energy(a: string, axes: readonly number[], keep = false): string {
    return this.reduce('ReduceSumSquare', a, axes, keep);
  }
  reduceMean(a: string, axes: readonly number[], keep = false): string {
    return this.reduce('ReduceMean', a, axes, keep);
  }
  reduceMax(a: string, axes: readonly number[], keep = false): string {
    return this.reduce('ReduceMax', a, axes, keep);
  }

  /** Takes over nodes and weights of a foreign graph; names must have been made unique by the caller. */
  adopt(graph: { nodes: readonly onnx.INodeProto[]; initializers: readonly onnx.ITensorProto[] }): void {
    this.nodes.push(...graph.nodes);
    this.initializers.push(...graph.initializers);
  }

  /** Publishes an inner tensor under an output name. ONNX Runtime reads only declared outputs (onnxruntime#1455). */
  output(name: string, tensor: string, dims: Dims): void {
    this.outputs.push(valueInfo(name, dims));
    // The node that makes the tensor writes it under the output's name: a copy would cost as much as a small product.
    const maker = this.nodes.find(({ output }) => output?.includes(tensor));
    if (maker === undefined || this.outputs.some((other) => other.name === tensor)) {
      this.nodes.push({ opType: 'Identity', name: `output/${name}`, input: [tensor], output: [name], attribute: [] });
      return;
    }
    maker.output = (maker.output ?? []).map((item) => (item === tensor ? name : item));
    this.renamed.set(tensor, name);
  }

  /** The nodes that an output needs: runtimes run the others too. */
  private neededNodes(): onnx.INodeProto[] {
    const needed = new Set(this.outputs.map(({ name }) => name));
    return this.nodes
      .map((node) => renamedNode(node, (item) => this.renamed.get(item) ?? item))
      .reduceRight<onnx.INodeProto[]>((kept, node) => {
        if (!(node.output ?? []).some((name) => needed.has(name))) return kept;
        for (const name of namesReadBy(node)) needed.add(name);
        return [...kept, node];
      }, [])
      .reverse();
  }

  /** The serialised model. */
  build(producer: string): Uint8Array {
    const nodes = this.neededNodes();
    const read = new Set(nodes.flatMap(namesReadBy));
    const model = onnx.ModelProto.create({
      irVersion: 7,
      producerName: producer,
      opsetImport: [{ domain: '', version: this.opset }],
      graph: {
        name: producer,
        node: nodes,
        initializer: this.initializers.filter(({ name }) => read.has(name ?? '')),
        input: this.inputs,
        output: this.outputs,
      },
    });
    return onnx.ModelProto.encode(model).finish();
  }
}
