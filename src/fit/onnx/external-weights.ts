/**
 * Weights that an exporter put into files beside the model (`TensorProto.external_data`; PyTorch does so by default). They are taken
 * into the model, so that a package is one file.
 */
import { onnx } from 'onnx-proto';
import { describeError, FdirError } from '../../domain/errors';
import { allNodes, innerGraphs } from './subgraphs';

/** Where the bytes of a weight lie. */
export interface WeightPlace {
  /** File, relative to the folder of the model. */
  readonly location: string;
  readonly offset: number;
  /** Bytes; undefined is up to the end of the file. */
  readonly length: number | undefined;
}

const { EXTERNAL } = onnx.TensorProto.DataLocation;
const { FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64, BOOL, FLOAT16, DOUBLE, UINT32, UINT64 } =
  onnx.TensorProto.DataType;

/** Bytes of one element; types that pack several into a byte are left to the runtime. */
const ELEMENT_BYTES: Readonly<Record<number, number>> = {
  ...{ [UINT8]: 1, [INT8]: 1, [BOOL]: 1, [UINT16]: 2, [INT16]: 2, [FLOAT16]: 2 },
  ...{ [FLOAT]: 4, [INT32]: 4, [UINT32]: 4, [INT64]: 8, [UINT64]: 8, [DOUBLE]: 8 },
};

const tensorsOf = (graph: onnx.IGraphProto): readonly onnx.ITensorProto[] => {
  const nodes = allNodes(graph.node ?? []);
  return [
    ...[graph, ...nodes.flatMap(innerGraphs)].flatMap(({ initializer }) => initializer ?? []),
    ...nodes.flatMap(({ attribute }) =>
      (attribute ?? []).flatMap(({ t, tensors }) => [...(t ? [t] : []), ...(tensors ?? [])]),
    ),
  ];
};

/** @throws Error when an entry names no place. */
const placeOf = ({ externalData }: onnx.ITensorProto): WeightPlace => {
  const entry = (key: string): string | undefined => externalData?.find((item) => item.key === key)?.value ?? undefined;
  const bytes = (key: string): number | undefined => {
    const text = entry(key);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text)) throw new Error(`its ${key} "${text}" is not a number of bytes`);
    return Number(text);
  };
  const location = entry('location') ?? '';
  if (location === '') throw new Error('it names no file');
  return { location, offset: bytes('offset') ?? 0, length: bytes('length') };
};

/**
 * @param read gives the bytes at a place, or throws an Error that says why not.
 * @returns the model with every weight inside; the bytes as they are where none lies outside.
 * @throws FdirError `model` with every weight that cannot be had.
 */
export const withWeights = (
  bytes: Uint8Array,
  model: onnx.ModelProto,
  file: string,
  read: (place: WeightPlace) => Uint8Array,
): Uint8Array => {
  const outside = tensorsOf(model.graph ?? {}).filter(({ dataLocation }) => dataLocation === EXTERNAL);
  if (outside.length === 0) return bytes;
  const problems: { file: string; message: string }[] = [];
  for (const tensor of outside) {
    try {
      const data = read(placeOf(tensor));
      const size = ELEMENT_BYTES[tensor.dataType ?? 0];
      const due = (size ?? 0) * (tensor.dims ?? []).reduce<number>((product, dim) => product * Number(dim), 1);
      if (size !== undefined && data.length !== due)
        throw new Error(`it needs ${String(due)} bytes, and its entry gives ${String(data.length)}`);
      Object.assign(tensor, { rawData: data, externalData: [], dataLocation: onnx.TensorProto.DataLocation.DEFAULT });
    } catch (error) {
      problems.push({ file, message: `weight "${tensor.name ?? ''}": ${describeError(error)}` });
    }
  }
  if (problems.length > 0)
    throw new FdirError('model', `${file} keeps weights in another file, which cannot be read`, problems);
  return onnx.ModelProto.encode(model).finish();
};
