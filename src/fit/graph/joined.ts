/**
 * The outputs of a package: those of CONTRACTS by name, and all of them one after the other in one tensor. Handing a tensor over costs a
 * runtime as much as seven small nodes, so whoever wants them all fetches that one.
 */
import { GRAPH, headDeviation, type JoinedOutput, type TaskInfo } from '../../domain/manifest';
import { unitsOf, type Layout } from '../layout';
import type { GraphBuilder } from '../onnx/graph-builder';

/** What heads there are, and the signals of those that judge a parameter by its own past. */
export interface JoinedHeads {
  readonly names: readonly string[];
  readonly ownPast?: number;
}

/** What the joined tensor holds, in its order; `tasks` are those of peepholes by equipment. */
export const joinedOf = (
  layout: Layout,
  tasks: readonly TaskInfo[],
  { names: heads, ownPast = 0 }: JoinedHeads,
): JoinedOutput => {
  const { parameters, frames, groups } = layout;
  return {
    output: GRAPH.joined,
    parts: [
      { name: GRAPH.reconstruction, size: parameters * frames },
      { name: GRAPH.score, size: 1 },
      { name: GRAPH.pValue, size: 1 },
      { name: GRAPH.expected, size: parameters * frames },
      { name: GRAPH.deviation, size: parameters * frames },
      { name: GRAPH.parameterScore, size: parameters },
      { name: GRAPH.equipmentScore, size: groups.length },
      ...(heads.length === 0 ? [] : [{ name: GRAPH.evidence, size: heads.length * unitsOf(layout).length }]),
      ...(ownPast === 0 ? [] : [{ name: GRAPH.ownPast, size: ownPast }]),
      ...heads
        .filter((name) => name.startsWith('slow'))
        .map((name) => ({ name: headDeviation(name), size: parameters })),
      ...tasks.map(({ output, classes }) => ({ name: output, size: groups.length * classes.length })),
    ],
  };
};

/** Outputs that are there under their names too, and their shapes: those of CONTRACTS, and two that the graph can be cut down to. */
const shapesOf = (
  { parameters, frames, groups }: Layout,
  parts: JoinedOutput['parts'],
): ReadonlyMap<string, number[]> =>
  new Map([
    [GRAPH.reconstruction, [parameters, frames]],
    [GRAPH.score, []],
    [GRAPH.expected, [parameters * frames]],
    [GRAPH.equipmentScore, [groups.length]],
    ...parts.flatMap(({ name, size }): [string, number[]][] =>
      name.startsWith('peephole/') ? [[name, [groups.length, size / groups.length]]] : [],
    ),
  ]);

export interface JoinedTensors {
  /** The tensor [n, size] of each part. */
  readonly flat: Readonly<Record<string, string>>;
  /** The same in its own shape, where that is known. */
  readonly shaped?: Readonly<Record<string, string>>;
}

/** @throws Error when a part has no tensor: a program error. */
export const outputJoined = (
  g: GraphBuilder,
  layout: Layout,
  { output, parts }: JoinedOutput,
  { flat, shaped = {} }: JoinedTensors,
): void => {
  const tensorOf = (name: string): string => {
    const tensor = flat[name];
    if (tensor === undefined) throw new Error(`no tensor for ${name}`);
    return tensor;
  };
  for (const [name, shape] of shapesOf(layout, parts))
    g.output(name, shaped[name] ?? (shape.length === 1 ? tensorOf(name) : g.reshape(tensorOf(name), [-1, ...shape])), [
      'n',
      ...shape,
    ]);
  const all = g.concat(
    parts.map(({ name }) => tensorOf(name)),
    1,
  );
  g.output(output, all, ['n', parts.reduce((sum, { size }) => sum + size, 0)]);
};
