/**
 * A random rotation that turns every vector by the same angle: `R = cos(theta) I + sin(theta) J`, with J a random complex structure (`J^2
 * = -I`). Enttsel et al. 2024 (`invariant.py`) write it as `R = Q blockdiag(rotation by theta) Q'`, with Q uniform over the orthonormal
 * matrices.
 *
 * J is drawn plane by plane, only as far as the rotated vectors need it. The image of a new direction is uniform over the directions
 * orthogonal to all planes known so far. One vector costs O(n), not O(n^3).
 */
import type { Random } from '../../core/random';

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
};

/** target += factor x source, in place. */
const add = (target: Float64Array, factor: number, source: Float64Array): void => {
  for (let index = 0; index < source.length; index += 1)
    target[index] = (target[index] ?? 0) + factor * (source[index] ?? 0);
};

const normalised = (vector: Float64Array): Float64Array => {
  const length = Math.sqrt(dot(vector, vector));
  return vector.map((value) => value / length);
};

/** What is left of a vector below this share of its length is rounding, not a new direction. */
const ROUNDING = 1e-9;

/** Rotates vectors of `dimensions` numbers by `angle` radians, all by one and the same random rotation. */
export const randomRotation = (
  dimensions: number,
  angle: number,
  random: Random,
): ((vector: Float64Array) => Float64Array) => {
  const planes: (readonly [Float64Array, Float64Array])[] = [];

  const imageOf = (direction: Float64Array): Float64Array => {
    const image = Float64Array.from({ length: dimensions }, () => random.normal());
    // Twice is enough: the second pass removes what rounding left.
    for (const basis of [...planes.flat(), direction, ...planes.flat(), direction])
      add(image, -dot(image, basis), basis);
    return normalised(image);
  };

  return (vector) => {
    const rest = Float64Array.from(vector);
    const turned = new Float64Array(dimensions);
    for (const [from, to] of planes) {
      const [along, across] = [dot(vector, from), dot(vector, to)];
      add(turned, along, to);
      add(turned, -across, from);
      add(rest, -along, from);
      add(rest, -across, to);
    }
    const left = Math.sqrt(dot(rest, rest));
    if (left > ROUNDING * Math.sqrt(dot(vector, vector)) && 2 * planes.length + 2 <= dimensions) {
      const from = normalised(rest);
      const to = imageOf(from);
      planes.push([from, to]);
      add(turned, left, to);
      rest.fill(0);
    }
    // In an odd number of dimensions the last direction has no partner and stays.
    return vector.map((value, index) => {
      const fixed = rest[index] ?? 0;
      return fixed + Math.cos(angle) * (value - fixed) + Math.sin(angle) * (turned[index] ?? 0);
    });
  };
};
