/** Builds a small graph, runs it once, and gives its outputs as plain numbers. */
import { openSession } from '../../src/adapters/model/onnx-session';
import { GraphBuilder } from '../../src/fit/onnx/graph-builder';
import type { Random } from '../../src/core/random';

export interface Feed {
  readonly name: string;
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** The opsets that detectors come with: the oldest accepted, the builder's own, and the first with axes as inputs everywhere. */
export const OPSETS = [11, 13, 18] as const;
export const BATCHES = [1, 5] as const;

/** `build` declares the input and the outputs; answers the outputs by name. */
export const runGraph = async (
  build: (g: GraphBuilder) => void,
  feed: Feed,
  opset = 13,
): Promise<Record<string, number[]>> => {
  const g = new GraphBuilder(opset);
  build(g);
  const session = await openSession(g.build('test'));
  try {
    const outputs = await session.run(feed.name, feed);
    return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, [...data]]));
  } finally {
    await session.close();
  }
};

export const randomFloats = (random: Random, count: number, scale = 1, shift = 0): Float32Array =>
  Float32Array.from({ length: count }, () => shift + scale * random.normal());

/** Rows of a flat array. */
export const rowsOfWidth = (values: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, row) =>
    Array.from({ length: width }, (__, i) => values[row * width + i] ?? NaN),
  );

/** Largest difference relative to max(1, |expected|); NaN when lengths differ or anything is not a number. */
export const relativeDifference = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  if (actual.length !== expected.length) return NaN;
  let most = 0;
  for (let i = 0; i < expected.length; i += 1) {
    const wanted = expected[i] ?? NaN;
    const difference = Math.abs((actual[i] ?? NaN) - wanted) / Math.max(1, Math.abs(wanted));
    if (Number.isNaN(difference)) return NaN;
    most = Math.max(most, difference);
  }
  return most;
};
