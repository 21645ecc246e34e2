/** The physical faults the simulator knows: what they are called, how severe they may be, and how they are labelled. */
import type { Label } from '../domain/telemetry';

export const FAULT_KINDS = [
  'friction-rise',
  'stuck-tachometer',
  'torque-loss',
  'temperature-drift',
  'current-noise',
  'dropout',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault of one wheel, from `start` (ms since 1970 UTC, inclusive) for `durationMs`. */
export interface Fault {
  readonly kind: FaultKind;
  /** 0 to 3. */
  readonly wheel: number;
  readonly start: number;
  readonly durationMs: number;
  readonly severity: number;
}

export interface FaultDescription {
  /** What the number means, with its unit. */
  readonly severity: string;
  readonly default: number;
  /** Values a user may give. */
  readonly allowed: readonly [number, number];
  /** Values random faults take: hard to see for a limit check, possible to see for a multivariate monitor. */
  readonly typical: readonly [number, number];
}

export const FAULTS: Readonly<Record<FaultKind, FaultDescription>> = {
  'friction-rise': {
    severity: 'relative rise of bearing friction',
    default: 0.4,
    allowed: [0, 5],
    typical: [0.25, 0.8],
  },
  'stuck-tachometer': {
    severity: 'share of the speed change that the reading misses (1: frozen)',
    default: 1,
    allowed: [0, 1],
    typical: [1, 1],
  },
  'torque-loss': {
    severity: 'share of the motor current not delivered',
    default: 0.25,
    allowed: [0, 1],
    typical: [0.15, 0.5],
  },
  'temperature-drift': {
    severity: 'drift of the reading in degC a minute, up to 15 degC',
    default: 0.6,
    allowed: [-20, 20],
    typical: [0.4, 1.2],
  },
  'current-noise': {
    severity: 'standard deviation of the added noise in A',
    default: 0.05,
    allowed: [0, 1],
    typical: [0.03, 0.1],
  },
  dropout: { severity: 'share of time without drive', default: 0.15, allowed: [0, 0.9], typical: [0.08, 0.3] },
};

/** Equipment names of the mission file. */
export const wheelId = (wheel: number): string => `rw${String(wheel)}`;

/**
 * Labels of the faults in order of their start: first and last frame (of a grid of `periodMs` from `passStart`) inside each fault.
 * Consequences that outlast a fault (a warm bearing, a wheel off its bias speed) are not labelled.
 */
export const labelsOf = (faults: readonly Fault[], passStart: number, periodMs: number): readonly Label[] =>
  [...faults]
    .sort((a, b) => a.start - b.start || a.wheel - b.wheel)
    .map(({ kind, wheel, start, durationMs }) => ({
      start: passStart + Math.ceil((start - passStart) / periodMs) * periodMs,
      end: passStart + (Math.ceil((start + durationMs - passStart) / periodMs) - 1) * periodMs,
      equipment: wheelId(wheel),
      fault: kind,
    }));
