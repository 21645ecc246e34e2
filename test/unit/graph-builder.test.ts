import { onnx } from 'onnx-proto';
import { GraphBuilder } from '../../src/fit/onnx/graph-builder';

const decode = (g: GraphBuilder) => onnx.ModelProto.decode(g.build('test')).graph ?? onnx.GraphProto.create();

test('nodes and weights that no output needs are left out, for a runtime would run them', () => {
  const g = new GraphBuilder();
  const x = g.input('x', ['n', 2]);
  const kept = g.mul(x, g.constant('kept', [2], [1]));
  g.add(kept, g.constant('idle', [1], [1]));
  g.output('y', kept, ['n', 2]);
  const { node, initializer } = decode(g);
  expect(node?.map(({ opType }) => opType)).toEqual(['Mul']);
  expect(initializer?.map(({ name }) => name)).toEqual(['const/kept']);
});

test('what only a graph inside a node reads is needed too', () => {
  const g = new GraphBuilder();
  g.input('x', ['n', 2]);
  const branch = onnx.GraphProto.create({
    name: 'branch',
    node: [{ opType: 'Neg', input: ['outer'], output: ['inner'] }],
    output: [{ name: 'inner' }],
  });
  g.adopt({
    nodes: [
      { opType: 'Abs', name: 'abs', input: ['x'], output: ['outer'], attribute: [] },
      {
        opType: 'If',
        name: 'if',
        input: ['condition'],
        output: ['either'],
        attribute: ['then_branch', 'else_branch'].map((name) => ({
          name,
          type: onnx.AttributeProto.AttributeType.GRAPH,
          g: branch,
        })),
      },
    ],
    initializers: [{ name: 'condition', dims: [1], dataType: 9, rawData: Uint8Array.of(1) }],
  });
  g.output('y', 'either', ['n', 2]);
  const { node, initializer } = decode(g);
  expect(node?.map(({ opType }) => opType)).toEqual(['Abs', 'If']);
  expect(initializer?.map(({ name }) => name)).toEqual(['condition']);
});
