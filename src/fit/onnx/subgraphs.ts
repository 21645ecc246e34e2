/** Graphs inside nodes (If, Loop, Scan). Their names share one space with those of the graph around them: ONNX forbids to use one twice. */
import type { onnx } from 'onnx-proto';

/** The graphs that a node holds. */
export const innerGraphs = ({ attribute }: onnx.INodeProto): readonly onnx.IGraphProto[] =>
  (attribute ?? []).flatMap(({ g, graphs }) => [...(g ? [g] : []), ...(graphs ?? [])]);

/** Nodes of a graph, and those of the graphs inside them. */
export const allNodes = (nodes: readonly onnx.INodeProto[]): readonly onnx.INodeProto[] =>
  nodes.flatMap((node) => [node, ...innerGraphs(node).flatMap((inner) => allNodes(inner.node ?? []))]);

/** Names of tensors that a node reads, those read inside it included. */
export const namesReadBy = (node: onnx.INodeProto): readonly string[] => [
  ...(node.input ?? []),
  ...innerGraphs(node).flatMap((inner) => [
    ...(inner.node ?? []).flatMap(namesReadBy),
    ...(inner.output ?? []).map(({ name }) => name ?? ''),
  ]),
];

type Rename = (name: string) => string;

const named = <T extends { name?: string | null }>(items: readonly T[] | null | undefined, rename: Rename): T[] =>
  (items ?? []).map((item) => ({ ...item, name: rename(item.name ?? '') }));

const renamedGraph = (graph: onnx.IGraphProto, rename: Rename): onnx.IGraphProto => ({
  ...graph,
  node: (graph.node ?? []).map((node) => renamedNode(node, rename)),
  initializer: named(graph.initializer, rename),
  input: named(graph.input, rename),
  output: named(graph.output, rename),
  // Shapes that the exporter noted: the runtime infers them again.
  valueInfo: [],
});

/** The node with every tensor that it or a graph inside it names called otherwise. An empty name, a part left out, is handed on too. */
export const renamedNode = (node: onnx.INodeProto, rename: Rename): onnx.INodeProto => ({
  ...node,
  input: (node.input ?? []).map(rename),
  output: (node.output ?? []).map(rename),
  attribute: (node.attribute ?? []).map((item) => ({
    ...item,
    ...(item.g ? { g: renamedGraph(item.g, rename) } : {}),
    ...(item.graphs?.length ? { graphs: item.graphs.map((inner) => renamedGraph(inner, rename)) } : {}),
  })),
});
