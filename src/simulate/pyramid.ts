/** Four wheels in a pyramid around the body's z axis, and how a demanded body torque is shared among them. */
import { add, dot, scale, unit, ZERO, type Vector } from './vector';

export const WHEELS = 4;

/** 35.26 degrees, atan(1/sqrt 2): AA' below becomes 4/3 times the identity, so the pyramid is equally strong along x, y and z. */
const ELEVATION_RAD = Math.atan(Math.SQRT1_2);

const nominalAxis = (wheel: number): Vector => {
  const azimuth = Math.PI / 4 + (wheel * Math.PI) / 2;
  return [
    Math.cos(ELEVATION_RAD) * Math.cos(azimuth),
    Math.cos(ELEVATION_RAD) * Math.sin(azimuth),
    Math.sin(ELEVATION_RAD),
  ];
};

/** Spin axes as designed, body frame, unit length. */
export const NOMINAL_AXES: readonly Vector[] = Array.from({ length: WHEELS }, (_, wheel) => nominalAxis(wheel));

/** Signs of the pyramid's null motion: wheels turned by these store no net momentum. */
export const NULL_SIGNS: readonly number[] = [1, -1, 1, -1];

/**
 * Rows of the Moore-Penrose pseudo-inverse A'(AA')^-1 of the 3x4 axis matrix A. For this symmetric pyramid AA' is diagonal:
 * 2 cos^2, 2 cos^2, 4 sin^2 of the elevation.
 */
export const PSEUDO_INVERSE: readonly Vector[] = NOMINAL_AXES.map((axis) => [
  axis[0] / (2 * Math.cos(ELEVATION_RAD) ** 2),
  axis[1] / (2 * Math.cos(ELEVATION_RAD) ** 2),
  axis[2] / (4 * Math.sin(ELEVATION_RAD) ** 2),
]);

/** Wheel shares, of smallest norm, whose sum along the axes is `demand` (torque or momentum, body frame). */
export const distribute = (demand: Vector): readonly number[] => PSEUDO_INVERSE.map((row) => dot(row, demand));

/** Sum of wheel quantities along their axes, body frame. */
export const combine = (axes: readonly Vector[], shares: readonly number[]): Vector =>
  axes.reduce((sum, axis, wheel) => add(sum, scale(axis, shares[wheel] ?? 0)), ZERO);

/** The axis as mounted: tilted by small angles (radians) about two body axes. */
export const misalign = (axis: Vector, x: number, y: number): Vector => unit(add(axis, [x, y, -x - y]));
