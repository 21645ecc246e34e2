/**
 * A model cut down to what some of its outputs need. Reads no more of the protobuf encoding than that takes (field numbers of
 * onnx.proto3), and copies the rest as it is. The library that fitting uses would cost a daemon ten megabytes.
 */

/** ModelProto.graph; GraphProto.node, .initializer, .output; names in nodes, tensors and value infos; graphs in attributes. */
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, initializer: 5, output: 12, valueInfo: 13 } as const;
const NODE = { input: 1, output: 2, attribute: 5 } as const;
const ATTRIBUTE = { graph: 6, graphs: 11 } as const;
const TENSOR_NAME = 8;
const INFO_NAME = 1;

/** Wire types of protobuf. */
const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

interface Field {
  readonly number: number;
  /** Tag and value as they are. */
  readonly whole: Uint8Array;
  /** What a length-delimited field holds; empty for numbers. */
  readonly content: Uint8Array;
}

/** @returns value, and where it ends. @throws Error when the bytes end before it does. */
const varint = (bytes: Uint8Array, at: number): readonly [number, number] => {
  let value = 0;
  for (let place = 1, index = at; index < bytes.length; index += 1, place *= 128) {
    const byte = bytes[index] ?? 0;
    value += (byte & 127) * place;
    if (byte < 128) return [value, index + 1];
  }
  throw new Error('the model ends within a number');
};

const fieldsOf = (bytes: Uint8Array): readonly Field[] => {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag, afterTag] = varint(bytes, at);
    const wire = tag % 8;
    let [start, end] = [afterTag, afterTag];
    if (wire === VARINT) [, end] = varint(bytes, afterTag);
    else if (wire === FIXED_64) end = afterTag + 8;
    else if (wire === FIXED_32) end = afterTag + 4;
    else if (wire === BYTES) {
      const [length, begin] = varint(bytes, afterTag);
      [start, end] = [begin, begin + length];
    } else throw new Error(`the model holds wire type ${String(wire)}`);
    if (end > bytes.length) throw new Error('the model ends within a field');
    const content = wire === BYTES ? bytes.subarray(start, end) : new Uint8Array();
    fields.push({ number: Math.floor(tag / 8), whole: bytes.subarray(at, end), content });
    at = end;
  }
  return fields;
};

const textsOf = (fields: readonly Field[], number: number): readonly string[] =>
  fields.filter((field) => field.number === number).map(({ content }) => Buffer.from(content).toString());

const nameOf = (content: Uint8Array, number: number): string => textsOf(fieldsOf(content), number)[0] ?? '';

const lengthDelimited = (number: number, parts: readonly Uint8Array[]): Uint8Array => {
  const header: number[] = [];
  const put = (value: number): void => {
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      header.push(rest < 128 ? rest : (rest % 128) + 128);
      if (rest < 128) return;
    }
  };
  put(number * 8 + BYTES);
  put(parts.reduce((sum, { length }) => sum + length, 0));
  return Buffer.concat([Uint8Array.from(header), ...parts]);
};

/** Names of tensors that a node reads, those that graphs inside it (If, Loop) read included. */
const namesRead = (node: readonly Field[]): readonly string[] => {
  const attributes = node.filter(({ number }) => number === NODE.attribute).flatMap(({ content }) => fieldsOf(content));
  const inner = attributes.filter(({ number }) => number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs);
  const fields = inner.flatMap(({ content }) => fieldsOf(content));
  return [
    ...textsOf(node, NODE.input),
    ...fields.filter(({ number }) => number === GRAPH.output).map(({ content }) => nameOf(content, INFO_NAME)),
    ...fields.filter(({ number }) => number === GRAPH.node).flatMap(({ content }) => namesRead(fieldsOf(content))),
  ];
};

/** Whether a field of the graph is needed for `outputs`, whose nodes need `tensors`. */
const isNeeded = ({ number, content }: Field, outputs: readonly string[], tensors: ReadonlySet<string>): boolean => {
  switch (number) {
    case GRAPH.node:
      return textsOf(fieldsOf(content), NODE.output).some((name) => tensors.has(name));
    case GRAPH.initializer:
      return tensors.has(nameOf(content, TENSOR_NAME));
    case GRAPH.valueInfo:
      return tensors.has(nameOf(content, INFO_NAME));
    case GRAPH.output:
      return outputs.includes(nameOf(content, INFO_NAME));
    default:
      return true;
  }
};

/**
 * @param model a serialised ModelProto whose nodes are in topological order, as ONNX demands.
 * @returns a ModelProto with the same inputs and `outputs` as its only outputs. @throws Error when the bytes are no model.
 */
export const pruneGraph = (model: Uint8Array, outputs: readonly string[]): Uint8Array => {
  const parts = fieldsOf(model).map((field) => {
    if (field.number !== MODEL_GRAPH) return field.whole;
    const graph = fieldsOf(field.content);
    const tensors = new Set(outputs);
    for (const { content } of graph.filter(({ number }) => number === GRAPH.node).reverse()) {
      const node = fieldsOf(content);
      if (textsOf(node, NODE.output).some((name) => tensors.has(name)))
        for (const name of namesRead(node)) tensors.add(name);
    }
    const kept = graph.filter((item) => isNeeded(item, outputs, tensors)).map(({ whole }) => whole);
    return lengthDelimited(MODEL_GRAPH, kept);
  });
  return Buffer.concat(parts);
};
