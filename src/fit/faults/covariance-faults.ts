/**
 * Faults that alter the covariance of the signal and keep its energy: the relations between the channels of the equipment and between
 * successive frames change. Enttsel et al. 2024, `CovarianceAlterations` in `invariant.py`.
 *
 * Theirs alter a window of one channel. Here x is the whole segment of the equipment, channels times frames numbers, so relations between
 * channels change too. A block of several segments is altered by one and the same draw, segment after segment.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { meanSquare, mean, type FaultInjector, type NominalBlocks } from './block';
import { within } from './calibrate';
import type { FaultClass } from '../../domain/fault-classes';
import { randomRotation } from './random-rotation';
import { bySegment, segmentsOf } from './segments';

/** The angle at which a rotation of a vector with `energy` (squared length a sample) deviates by `delta` = 2 energy (1 - cos). */
const angleFor = (fault: FaultClass, delta: number, energy: number): number => {
  const reached = within(fault, delta, 4 * energy);
  return energy === 0 ? 0 : Math.acos(Math.max(-1, 1 - reached / (2 * energy)));
};

/**
 * Subspace alteration: `x' = R x`, with R a random rotation by theta. `cos(theta) = 1 - delta / (2 E)`, where E is the mean squared value
 * of nominal samples. `|x'| = |x|` in every draw; delta is at most 4 E. Authors' `PrincipalSubspaceAlteration`.
 */
export const subspaceAlteration = (delta: number, nominal: NominalBlocks): FaultInjector => {
  const { segment } = nominal;
  const angle = angleFor('subspace-alteration', delta, mean(nominal.blocks.map(meanSquare)));
  return {
    apply: (block, channels, frames, random) =>
      bySegment(block, { channels, frames }, segment, randomRotation(channels * segment, angle, random)),
  };
};

/** Singular values above this many medians are signal: optimal hard threshold for square matrices (Gavish and Donoho 2014). */
const SIGNAL_MEDIANS = 2.858;

/** Square roots of the eigenvalues of the signal subspace, largest first, and its orthonormal vectors. */
const principalSubspace = ({ blocks, channels, frames, segment }: NominalBlocks) => {
  const dimensions = channels * segment;
  const moments = new Float64Array(dimensions * dimensions);
  let count = 0;
  for (const block of blocks) {
    for (const x of segmentsOf(block, { channels, frames }, segment)) {
      count += 1;
      for (let row = 0; row < dimensions; row += 1) {
        const value = x[row] ?? 0;
        const offset = row * dimensions;
        for (let column = 0; column <= row; column += 1) {
          moments[offset + column] = (moments[offset + column] ?? 0) + value * (x[column] ?? 0);
        }
      }
    }
  }
  const covariance = new Matrix(dimensions, dimensions);
  for (let row = 0; row < dimensions; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      const value = (moments[row * dimensions + column] ?? 0) / count;
      covariance.set(row, column, value);
      covariance.set(column, row, value);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const components = realEigenvalues
    .map((eigenvalue, column) => ({ amplitude: Math.sqrt(Math.max(0, eigenvalue)), column }))
    .sort((a, b) => b.amplitude - a.amplitude);
  const median = components[Math.floor(dimensions / 2)]?.amplitude ?? 0;
  // A rotation needs two components; with fewer that stand out, the two largest are taken.
  const principal = components.filter(
    ({ amplitude }, rank) => amplitude > 0 && (rank < 2 || amplitude > SIGNAL_MEDIANS * median),
  );
  return {
    amplitudes: Float64Array.from(principal, ({ amplitude }) => amplitude),
    vectors: principal.map(({ column }) => Float64Array.from(eigenvectorMatrix.getColumn(column))),
  };
};

/**
 * Spectral alteration, in the basis u_i of the nominal covariance (uncentred, eigenvalues l_i). The vector of the `sqrt(l_i)` of the
 * signal subspace is rotated at random by theta. Then `x' = x + sum_i (sqrt(l'_i) / sqrt(l_i) - 1) <u_i, x> u_i`. The total energy of
 * nominal telemetry stays. `cos(theta) = 1 - delta / (2 G)`, where G is the energy a sample of the signal subspace; delta is at most 4 G.
 *
 * Authors' `SpectralAlteration`, with their rule for the size of the signal subspace (theirs is made even; here it need not be).
 */
export const spectralAlteration = (delta: number, nominal: NominalBlocks): FaultInjector => {
  const { segment } = nominal;
  const { amplitudes, vectors } = principalSubspace(nominal);
  const energy =
    amplitudes.length < 2 ? 0 : (meanSquare(amplitudes) * amplitudes.length) / (nominal.channels * segment);
  const angle = angleFor('spectral-alteration', delta, energy);
  return {
    apply: (block, channels, frames, random) => {
      const altered = randomRotation(amplitudes.length, angle, random)(amplitudes);
      const gains = altered.map((amplitude, index) => amplitude / (amplitudes[index] ?? 1) - 1);
      return bySegment(block, { channels, frames }, segment, (x) => {
        const result = Float64Array.from(x);
        vectors.forEach((vector, component) => {
          const projection = vector.reduce((sum, value, index) => sum + value * (x[index] ?? 0), 0);
          const gain = (gains[component] ?? 0) * projection;
          vector.forEach((value, index) => {
            result[index] = (result[index] ?? 0) + gain * value;
          });
        });
        return result;
      });
    },
  };
};
