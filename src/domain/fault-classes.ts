/** The fourteen fault classes of CONTRACTS section 6, in their order there. */
export const faultClasses = [
  'offset',
  'step',
  'impulse',
  'white-noise',
  'narrowband-noise',
  'time-warp',
  'spectral-alteration',
  'subspace-alteration',
  'mixing-noise',
  'mixing-offset',
  'clipping',
  'dead-zone',
  'stuck',
  'drift',
] as const;

export type FaultClass = (typeof faultClasses)[number];

export const isFaultClass = (name: string): name is FaultClass => faultClasses.some((fault) => fault === name);
