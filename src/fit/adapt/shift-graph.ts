/**
 * A finished graph that takes the telemetry of another spacecraft. Its inputs are shifted to where the graph was fitted, and its outputs
 * in engineering values are shifted back.
 */
import { onnx } from 'onnx-proto';
import { SUMMARIES, SUMMARY } from '../../core/telemetry/summaries';
import { GRAPH, type JoinedOutput } from '../../domain/manifest';
import { decodeModel } from '../onnx/read-model';
import { renamedNode } from '../onnx/subgraphs';
import type { Shift } from './shift';

/** value * factor + term, a constant for each column. */
interface Affine {
  readonly factor: Float64Array;
  readonly before: Float64Array;
  readonly after: Float64Array;
}

const floats = (name: string, values: Float64Array, dims: readonly number[]): onnx.ITensorProto => ({
  name,
  dims: [...dims],
  dataType: onnx.TensorProto.DataType.FLOAT,
  rawData: new Uint8Array(Float32Array.from(values).buffer),
});

/** Nodes of (from - before) * factor + after: the mean goes first, before float32 rounds what lies far from zero. */
const affine = (
  graph: onnx.IGraphProto,
  { from, to }: { readonly from: string; readonly to: string },
  { factor, before, after }: Affine,
  dims: readonly number[],
): onnx.INodeProto[] => {
  const part = (name: string, values: Float64Array): string => {
    graph.initializer = [...(graph.initializer ?? []), floats(`${to}/${name}`, values, dims)];
    return `${to}/${name}`;
  };
  const node = (opType: string, input: readonly string[], output: string): onnx.INodeProto => ({
    opType,
    name: output,
    input: [...input],
    output: [output],
  });
  return [
    node('Sub', [from, part('before', before)], `${to}/centred`),
    node('Mul', [`${to}/centred`, part('factor', factor)], `${to}/scaled`),
    node('Add', [`${to}/scaled`, part('after', after)], to),
  ];
};

const repeat = (values: Float64Array, times: number): Float64Array =>
  Float64Array.from({ length: values.length * times }, (_, index) => values[Math.floor(index / times)] ?? 0);

const LEVELS: ReadonlySet<number> = new Set([...SUMMARY.mean, ...SUMMARY.low, ...SUMMARY.high, SUMMARY.level]);
const CHANGES: ReadonlySet<number> = new Set([...SUMMARY.change, SUMMARY.step]);

/** Summaries by what they are: values, changes, squares of changes, and counts, which stay. */
const memoryShift = ({ mean, fitted, gain }: Shift): Affine => {
  const column = (of: (row: number, summary: number) => number): Float64Array =>
    Float64Array.from({ length: gain.length * SUMMARIES }, (_, index) =>
      of(Math.floor(index / SUMMARIES), index % SUMMARIES),
    );
  return {
    factor: column((row, summary) => {
      const own = gain[row] ?? 1;
      if (LEVELS.has(summary) || CHANGES.has(summary)) return own;
      return summary === SUMMARY.variance ? own * own : 1;
    }),
    before: column((row, summary) => (LEVELS.has(summary) ? (mean[row] ?? 0) : 0)),
    after: column((row, summary) => (LEVELS.has(summary) ? (fitted[row] ?? 0) : 0)),
  };
};

/** Outputs in engineering values. */
const IN_ENGINEERING_VALUES: ReadonlySet<string> = new Set([GRAPH.reconstruction, GRAPH.expected]);

/** Of one sample a column; columns of other outputs stay. */
const joinedShift = ({ parts }: JoinedOutput, samples: Affine): Affine => {
  const of = (pick: (columns: Affine) => Float64Array, other: number): Float64Array =>
    Float64Array.from(
      parts.flatMap(({ name, size }) =>
        IN_ENGINEERING_VALUES.has(name) ? [...pick(samples)] : new Array<number>(size).fill(other),
      ),
    );
  return {
    factor: of(({ factor }) => factor, 1),
    before: of(({ before }) => before, 0),
    after: of(({ after }) => after, 0),
  };
};

const readInstead = (graph: onnx.IGraphProto, from: string, to: string): void => {
  graph.node = (graph.node ?? []).map((node) => renamedNode(node, (name) => (name === from ? to : name)));
};

/**
 * @param frames of a window; @param joined what the joined output holds, where there is one.
 * @throws FdirError `model` when the bytes are no graph.
 */
export const shiftGraph = (
  bytes: Uint8Array,
  shift: Shift,
  {
    frames,
    joined,
    file,
  }: { readonly frames: number; readonly joined?: JoinedOutput | undefined; readonly file: string },
): Uint8Array => {
  const model = decodeModel(bytes, file);
  const graph = model.graph ?? onnx.GraphProto.create();
  const { mean, fitted, gain } = shift;
  const first: onnx.INodeProto[] = [];
  const shiftInput = (name: string, columns: Affine, dims: readonly number[]): void => {
    if (!(graph.input ?? []).some((input) => input.name === name)) return;
    readInstead(graph, name, `adapted/${name}`);
    first.push(...affine(graph, { from: name, to: `adapted/${name}` }, columns, dims));
  };
  shiftInput(GRAPH.window, { factor: gain, before: mean, after: fitted }, [1, gain.length, 1]);
  shiftInput(GRAPH.memory, memoryShift(shift), [1, gain.length, SUMMARIES]);
  const samples: Affine = {
    factor: repeat(
      gain.map((value) => 1 / value),
      frames,
    ),
    before: repeat(fitted, frames),
    after: repeat(mean, frames),
  };
  const last: onnx.INodeProto[] = [];
  const shiftOutput = (name: string, columns: Affine, dims: readonly number[]): void => {
    const inner = `as-fitted/${name}`;
    for (const node of graph.node ?? [])
      node.output = (node.output ?? []).map((output) => (output === name ? inner : output));
    readInstead(graph, name, inner);
    last.push(...affine(graph, { from: inner, to: name }, columns, dims));
  };
  const count = gain.length * frames;
  for (const { name } of graph.output ?? []) {
    if (name === GRAPH.reconstruction) shiftOutput(name, samples, [1, gain.length, frames]);
    if (name === GRAPH.expected) shiftOutput(name, samples, [1, count]);
    if (joined !== undefined && name === joined.output) {
      const columns = joinedShift(joined, samples);
      shiftOutput(name, columns, [1, columns.factor.length]);
    }
  }
  graph.node = [...first, ...(graph.node ?? []), ...last];
  return onnx.ModelProto.encode(model).finish();
};
