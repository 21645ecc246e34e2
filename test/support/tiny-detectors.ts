/** Detectors that somebody else might have exported: they shrink every value and add one, in whatever layout is asked for. */
import { onnx } from 'onnx-proto';
import { DEFAULT_OPSET, GraphBuilder } from '../../src/fit/onnx/graph-builder';

export interface DetectorChoice {
  readonly opset?: number;
  /** Dimensions of input and output without the batch. */
  readonly dims: readonly (number | string)[];
  readonly factor?: number;
  readonly shift?: number;
}

/** y = factor x + shift. */
export const affineDetector = ({
  opset = DEFAULT_OPSET,
  dims,
  factor = 0.5,
  shift = 1,
}: DetectorChoice): Uint8Array => {
  const g = new GraphBuilder(opset);
  const input = g.input('input', ['batch', ...dims]);
  g.output('output', g.add(g.mul(input, g.constant('factor', [factor], [1])), g.constant('shift', [shift], [1])), [
    'batch',
    ...dims,
  ]);
  return g.build('someone');
};

/** The model, changed by hand. */
export const changed = (bytes: Uint8Array, change: (model: onnx.ModelProto) => void): Uint8Array => {
  const model = onnx.ModelProto.decode(bytes);
  change(model);
  return onnx.ModelProto.encode(model).finish();
};
