/** Three-vectors in the body frame. */

export type Vector = readonly [number, number, number];

export const ZERO: Vector = [0, 0, 0];

export const add = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Vector, factor: number): Vector => [a[0] * factor, a[1] * factor, a[2] * factor];
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Component by component: a diagonal matrix times a vector. */
export const times = (diagonal: Vector, a: Vector): Vector => [
  diagonal[0] * a[0],
  diagonal[1] * a[1],
  diagonal[2] * a[2],
];

export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));

export const clampEach = (a: Vector, limit: number): Vector => [
  clamp(a[0], limit),
  clamp(a[1], limit),
  clamp(a[2], limit),
];

export const unit = (a: Vector): Vector => scale(a, 1 / Math.sqrt(dot(a, a)));
