/** Detectors with traits that exporters give: weights outside, inner graphs, other number types, fixed batches. Each is y = 0.5 x + 1 of [4, 8]. */
import { onnx } from 'onnx-proto';
import { GraphBuilder } from '../../src/fit/onnx/graph-builder';
import { changed } from './tiny-detectors';

const { FLOAT, INT64 } = onnx.TensorProto.DataType;
const { EXTERNAL } = onnx.TensorProto.DataLocation;
const { AttributeType } = onnx.AttributeProto;

/** The model with its weights in a file of their own, one behind the other, as PyTorch writes it. */
export const withWeightsOutside = (model: Uint8Array, location: string) => {
  const parts: Uint8Array[] = [];
  const outside = changed(model, ({ graph }) => {
    for (const tensor of graph?.initializer ?? []) {
      const data = Uint8Array.from(tensor.rawData ?? []);
      const offset = parts.reduce((sum, { length }) => sum + length, 0);
      parts.push(data);
      const entries = { location, offset: String(offset), length: String(data.length) };
      Object.assign(tensor, {
        rawData: undefined,
        dataLocation: EXTERNAL,
        externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
      });
    }
  });
  return { model: outside, weights: Buffer.concat(parts) };
};

/** Changes what the entry of the first weight says. */
export const withEntry = (model: Uint8Array, key: string, value: string | undefined): Uint8Array =>
  changed(model, ({ graph }) => {
    const [tensor] = graph?.initializer ?? [];
    const others = (tensor?.externalData ?? []).filter((entry) => entry.key !== key);
    Object.assign(tensor ?? {}, { externalData: value === undefined ? others : [...others, { key, value }] });
  });

/** A graph of nodes written by hand, as an exporter writes them. */
const exported = (
  nodes: readonly onnx.INodeProto[],
  { type = FLOAT, batch = 'n' as string | number, initializer = [] as readonly onnx.ITensorProto[], opset = 13 } = {},
): Uint8Array => {
  const dim = [typeof batch === 'number' ? { dimValue: batch } : { dimParam: batch }, { dimValue: 4 }, { dimValue: 8 }];
  const info = (name: string): onnx.IValueInfoProto => ({
    name,
    type: { tensorType: { elemType: type, shape: { dim } } },
  });
  return onnx.ModelProto.encode({
    irVersion: 7,
    opsetImport: [{ domain: '', version: opset }],
    graph: { name: 'odd', node: [...nodes], initializer: [...initializer], input: [info('x')], output: [info('y')] },
  }).finish();
};

const node = (
  opType: string,
  input: readonly string[],
  output: string,
  attribute: readonly onnx.IAttributeProto[] = [],
): onnx.INodeProto => ({
  opType,
  name: `/${output}/${opType}`,
  input: [...input],
  output: [output],
  attribute: [...attribute],
});

const floats = (name: string, ...values: readonly number[]): onnx.ITensorProto => ({
  ...{ name, dims: [values.length], dataType: FLOAT, floatData: [...values] },
});
const integers = (name: string, ...values: readonly number[]): onnx.ITensorProto => ({
  ...{ name, dims: [values.length], dataType: INT64, int64Data: [...values] },
});

const branch = (name: string, nodes: readonly onnx.INodeProto[], output: string, weight: onnx.ITensorProto) => ({
  name,
  type: AttributeType.GRAPH,
  g: {
    name,
    node: [...nodes],
    initializer: [weight],
    output: [{ name: output, type: { tensorType: { elemType: FLOAT } } }],
  },
});

/**
 * A branch on the size of the window, as PyTorch writes `squeeze`. Both branches read the window, a tensor and a weight of the graph
 * around, and weights of their own; names of the two are alike.
 */
export const branchingDetector = (): Uint8Array =>
  exported(
    [
      node('Mul', ['x', 'half'], 'scaled'),
      node('Shape', ['x'], 'shape'),
      node('Gather', ['shape', 'last'], 'length'),
      node('Equal', ['length', 'eight'], 'isEight'),
      node('If', ['isEight'], 'y', [
        // scaled + shift, by way of x - half x + shift, so that the window itself is read inside.
        branch(
          'then_branch',
          [node('Sub', ['x', 'scaled'], 'rest'), node('Add', ['rest', 'inner_shift'], 'then_y')],
          'then_y',
          floats('inner_shift', 1),
        ),
        branch('else_branch', [node('Mul', ['x', 'wrong'], 'else_y')], 'else_y', floats('wrong', 100)),
      ]),
    ],
    { initializer: [floats('half', 0.5), integers('last', 2), integers('eight', 8)] },
  );

/** Computes in another floating-point type throughout. */
export const detectorOfType = (type: number): Uint8Array =>
  exported(
    [
      node('Cast', ['half'], 'half_cast', [{ name: 'to', type: AttributeType.INT, i: type }]),
      node('Cast', ['one'], 'one_cast', [{ name: 'to', type: AttributeType.INT, i: type }]),
      node('Mul', ['x', 'half_cast'], 'scaled'),
      node('Add', ['scaled', 'one_cast'], 'y'),
    ],
    { type, initializer: [floats('half', 0.5), floats('one', 1)] },
  );

/** Declared for one window; `holds` it to that inside, too. */
export const detectorOfOneWindow = (holds: boolean): Uint8Array =>
  exported(
    [
      node('Reshape', ['x', 'flat'], 'row'),
      node('Mul', ['row', 'half'], 'scaled'),
      node('Add', ['scaled', 'one'], 'shifted'),
      node('Reshape', ['shifted', 'back'], 'y'),
    ],
    {
      batch: 1,
      initializer: [
        floats('half', 0.5),
        floats('one', 1),
        integers('flat', holds ? 1 : -1, 32),
        integers('back', holds ? 1 : -1, 4, 8),
      ],
    },
  );

/** Takes the mean of the batch away, and adds half the window. */
export const detectorOfBatches = (): Uint8Array => {
  const g = new GraphBuilder();
  const x = g.input('x', ['n', 4, 8]);
  g.output('y', g.sub(x, g.reduceMean(x, [0], true)), ['n', 4, 8]);
  return g.build('someone');
};

/** A square root of what is negative in half of the windows. */
export const detectorOfRoots = (): Uint8Array => {
  const g = new GraphBuilder();
  g.output('y', g.node('Sqrt', [g.input('x', ['n', 4, 8])]), ['n', 4, 8]);
  return g.build('someone');
};
