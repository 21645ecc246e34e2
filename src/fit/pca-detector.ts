/**
 * The linear detector: principal components of the standardised window. It is written as an autoencoder of two matrix products, so
 * everything downstream treats it like a trained one.
 *
 * Its residual energy is the Q statistic (squared prediction error). The distance within the components is Hotelling's T2. Both are the
 * standard of multivariate process control (Jackson and Mudholkar, 1979).
 */
import { covariance, dense, eigen, meanOf, multiply, transpose } from './math/dense';
import { GraphBuilder } from './onnx/graph-builder';
import type { Layout } from './layout';
import type { Moments } from './stationary';

/** Share of the variance the components keep: the rest is what a linear detector calls noise. */
const KEPT_VARIANCE = 0.98;

export interface PcaDetector {
  /** ONNX, standardised [n, parameters * frames] in and out. */
  readonly model: Uint8Array;
  readonly components: number;
  /** Of the residual, when the window has the given moments: known in closed form, for the detector is linear. */
  readonly residual: Moments;
}

/** @param windows flattened standardised windows. */
export const fitPcaDetector = (windows: readonly ArrayLike<number>[], layout: Layout): PcaDetector => {
  const mean = meanOf(windows, layout.parameters * layout.frames);
  return pcaDetectorOf({ mean, covariance: covariance(windows, mean, 1e-9) }, layout);
};

export const pcaDetectorOf = (
  { mean, covariance: spread }: Moments,
  { parameters, frames }: Layout,
  /** Added to the diagonal of the residual's covariance, relative to the mean variance of a sample. */
  ridge = 0,
): PcaDetector => {
  const size = parameters * frames;
  const { values, vectors } = eigen(spread);
  const total = values.reduce((a, b) => a + b, 0);
  let components = 1;
  let kept = values[0] ?? 0;
  while (components < size && kept < KEPT_VARIANCE * total) {
    kept += values[components] ?? 0;
    components += 1;
  }
  const encode = dense(size, components);
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < components; j += 1) encode.data[i * components + j] = vectors.data[i * size + j] as number;
  const g = new GraphBuilder();
  const input = g.input('window', ['n', size]);
  const centred = g.sub(input, g.constant('mean', mean, [1, size]));
  // Layers are known by the paths of their nodes: these two have the names that an exported autoencoder would have.
  const latent = g.node(
    'MatMul',
    [centred, g.constant('encode', encode.data, [size, components])],
    [],
    'encoder/linear/MatMul',
  );
  const back = [
    g.constant('decode', transpose(encode).data, [components, size]),
    g.constant('mean-back', mean, [size]),
  ];
  const decoded = g.node('Gemm', [latent, ...back], [], 'decoder/linear/Gemm');
  g.output('reconstruction', decoded, ['n', size]);
  const rest = dense(size, size);
  const floor = (ridge * total) / size;
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < size; j += 1)
      rest.data[i * size + j] =
        (vectors.data[i * size + j] as number) * (j < components ? 0 : Math.max(0, values[j] ?? 0));
  const left = multiply(rest, transpose(vectors));
  for (let i = 0; i < size; i += 1) left.data[i * size + i] = (left.data[i * size + i] as number) + floor;
  const residual = { mean: new Float64Array(size), covariance: left };
  return { model: g.build('peephole-fdir-pca'), components, residual };
};
