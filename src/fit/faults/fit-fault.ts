/**
 * The fault library: every class of CONTRACTS section 6 at an intensity delta. The intensity is the mean squared deviation per sample of
 * the standardised signal, averaged over all samples of a block, nominal blocks and draws.
 *
 * The abstract anomalies and their intensity are those of Enttsel et al., "A General Framework for the Assessment of Detectors of
 * Anomalies in Time Series". (IEEE TII 2024, doi 10.1109/TII.2024.3413359.) Each class says where it departs from them.
 */
import { FdirError } from '../../domain/errors';
import { drift, impulse, narrowbandNoise, offset, step, stepEitherWay, whiteNoise } from './additive';
import type { FaultInjector, NominalBlocks } from './block';
import { thinned } from './calibrate';
import { spectralAlteration, subspaceAlteration } from './covariance-faults';
import type { FaultClass } from '../../domain/fault-classes';
import { mixingNoise, mixingOffset } from './mixing';
import { clipping, deadZone } from './range-faults';
import { stuck } from './stuck';
import { timeWarp } from './time-warp';

/** Dimensions of one segment unless told otherwise: the eigenproblem of a spectral alteration stays under a tenth of a second. */
const SEGMENT_DIMENSIONS = 128;

export interface FaultOptions {
  /**
   * Frames that impulse, spectral and subspace alteration take at once in a long block: give the model's window. Default: the
   * whole block, up to 128 channels times frames.
   */
  readonly segment?: number;
  /** A step in each channel either sets in or ends at its instant, as published; left out it sets in everywhere. */
  readonly stepsEitherWay?: boolean;
}

/**
 * A fault at intensity `delta`, fitted on nominal blocks of the size it will be applied to, [channels][frames] row-major. The
 * additive classes look at no block and accept an empty list. Fitting draws nothing: the same blocks give the same fault.
 * `apply` accepts blocks of the fitted size only.
 * @throws FdirError `input` when the class cannot reach the intensity on these blocks, or nothing can be fitted on them.
 */
export const fitFault = (
  fault: FaultClass,
  delta: number,
  nominal: Omit<NominalBlocks, 'segment'>,
  options: FaultOptions = {},
): FaultInjector => {
  const { channels, frames } = nominal;
  if (!(delta > 0 && Number.isFinite(delta))) {
    throw new FdirError('input', `the intensity of a "${fault}" fault must be a positive number, not ${String(delta)}`);
  }
  const segment = Math.min(frames, options.segment ?? Math.max(2, Math.floor(SEGMENT_DIMENSIONS / channels)));
  const injector =
    fault === 'step' && options.stepsEitherWay === true
      ? stepEitherWay(delta)
      : build(fault, delta, { ...nominal, segment });
  return {
    apply: (block, blockChannels, blockFrames, random) => {
      if (blockChannels !== channels || blockFrames !== frames || block.length !== channels * frames) {
        throw new Error(
          `a "${fault}" fault for ${String(channels)} x ${String(frames)} was given ${String(blockChannels)} x ${String(blockFrames)}`,
        );
      }
      return injector.apply(block, blockChannels, blockFrames, random);
    },
  };
};

const build = (fault: FaultClass, delta: number, nominal: NominalBlocks): FaultInjector => {
  switch (fault) {
    case 'offset':
      return offset(delta);
    case 'step':
      return step(delta);
    case 'impulse':
      return impulse(delta, nominal.segment);
    case 'white-noise':
      return whiteNoise(delta);
    case 'narrowband-noise':
      return narrowbandNoise(delta);
    case 'drift':
      return drift(delta);
    case 'time-warp':
      return timeWarp(delta, thinned(checked(fault, nominal)));
    case 'spectral-alteration':
      return spectralAlteration(delta, checked(fault, nominal));
    case 'subspace-alteration':
      return subspaceAlteration(delta, checked(fault, nominal));
    case 'mixing-noise':
      return mixingNoise(delta, checked(fault, nominal));
    case 'mixing-offset':
      return mixingOffset(delta, checked(fault, nominal));
    case 'clipping':
      return clipping(delta, thinned(checked(fault, nominal)));
    case 'dead-zone':
      return deadZone(delta, thinned(checked(fault, nominal)));
    case 'stuck':
      return stuck(delta, checked(fault, nominal));
  }
};

const checked = (fault: FaultClass, nominal: NominalBlocks): NominalBlocks => {
  const { blocks, channels, frames } = nominal;
  if (blocks.length === 0) throw new FdirError('input', `a "${fault}" fault needs nominal telemetry to be fitted on`);
  if (blocks.some((block) => block.length !== channels * frames || block.some((value) => !Number.isFinite(value)))) {
    throw new FdirError(
      'input',
      `a "${fault}" fault needs complete nominal blocks of ${String(channels)} x ${String(frames)} samples`,
    );
  }
  return nominal;
};
