/**
 * The linear detector: principal components of the standardised window, written as an autoencoder of two matrix products, so that
 * everything downstream treats it like a trained one. Its residual energy is the Q statistic (squared prediction error) and the
 * distance within the components Hotelling's T2, the standard of multivariate process control (Jackson and Mudholkar, 1979).
 */
import { covariance, dense, eigen, meanOf, transpose } from './math/dense';
import { GraphBuilder } from './onnx/graph-builder';
import type { Layout } from './layout';

/** Share of the variance the components keep: the rest is what a linear detector calls noise. */
const KEPT_VARIANCE = 0.98;

/** @param windows flattened standardised windows. @returns an ONNX model, standardised [n, parameters * frames] in and out. */
export const fitPcaDetector = (
  windows: readonly ArrayLike<number>[],
  { parameters, frames }: Layout,
): { model: Uint8Array; components: number } => {
  const size = parameters * frames;
  const mean = meanOf(windows, size);
  const { values, vectors } = eigen(covariance(windows, mean, 1e-9));
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
  const latent = g.matmul(centred, g.constant('encode', encode.data, [size, components]));
  const decoded = g.gemm(
    latent,
    g.constant('decode', transpose(encode).data, [components, size]),
    g.constant('mean-back', mean, [size]),
  );
  g.output('reconstruction', decoded, ['n', size]);
  return { model: g.build('peephole-fdir-pca'), components };
};
