import { onnx } from 'onnx-proto';
import { FdirError } from '../../src/domain/errors';
import { layoutOfDetector } from '../../src/fit/graph/front';
import type { Layout } from '../../src/fit/layout';
import { GraphBuilder } from '../../src/fit/onnx/graph-builder';
import { decodeModel, floatsOf, readDetector } from '../../src/fit/onnx/read-model';
import { affineDetector, changed } from '../support/tiny-detectors';

const LAYOUT: Layout = { parameters: 3, frames: 4, groups: [[0, 1, 2]], equipment: [], alike: true, conditions: [] };

/** Code, message and problems of the error that the bytes cause. */
const refusal = (bytes: Uint8Array, layout = LAYOUT) => {
  try {
    layoutOfDetector(readDetector(bytes, 'd.onnx'), layout, 'd.onnx');
  } catch (error) {
    if (!(error instanceof FdirError)) throw error;
    return {
      code: error.code,
      message: error.message,
      problems: error.problems.map(({ file, message }) => `${file ?? ''}: ${message}`),
    };
  }
  return undefined;
};

const cannotServe = (...problems: readonly string[]) => ({
  code: 'model',
  message: 'd.onnx cannot serve as a detector',
  problems: problems.map((problem) => `d.onnx: ${problem}`),
});

const GOOD = affineDetector({ dims: [3, 4] });

describe('a detector that fits', () => {
  test.each([
    ['parameters by frames', [3, 4], false],
    ['with a channel axis first', [1, 3, 4], false],
    ['with a channel axis last', [3, 4, 1], false],
    ['frames by parameters', [4, 3], true],
    ['frames by parameters with a channel axis', [1, 4, 3], true],
    ['flat', [12], false],
    ['flat with a channel axis', [1, 12], false],
  ])('%s is recognised', (_, dims, framesFirst) => {
    expect(layoutOfDetector(readDetector(affineDetector({ dims }), 'd.onnx'), LAYOUT, 'd.onnx')).toEqual({
      dims,
      framesFirst,
    });
  });

  test('a square window is taken as parameters by frames', () => {
    const square = { ...LAYOUT, parameters: 4 };
    expect(layoutOfDetector(readDetector(affineDetector({ dims: [4, 4] }), 'd.onnx'), square, 'd.onnx')).toEqual({
      dims: [4, 4],
      framesFirst: false,
    });
  });

  test('a single parameter may come as a row, a column or flat', () => {
    const single = { ...LAYOUT, parameters: 1 };
    const layouts = [[4], [1, 4], [4, 1], [1, 1, 4]].map((dims) =>
      layoutOfDetector(readDetector(affineDetector({ dims }), 'd.onnx'), single, 'd.onnx'),
    );
    expect(layouts).toEqual([[4], [1, 4], [4, 1], [1, 1, 4]].map((dims) => ({ dims, framesFirst: false })));
  });

  test('every name gets a prefix, also of weights; names left empty stay empty', () => {
    const graph = readDetector(
      changed(GOOD, ({ graph: own }) => {
        own?.node?.[0]?.input?.push('');
      }),
      'd.onnx',
    );
    const names = graph.nodes.flatMap((node) => [...(node.input ?? []), ...(node.output ?? [])]);
    expect(names.filter((name) => name !== '' && !name.startsWith('detector/'))).toEqual([]);
    expect(names).toContain('');
    expect(graph.initializers.map(({ name }) => name)).toEqual(['detector/const/factor', 'detector/const/shift']);
    expect({
      input: graph.input,
      output: graph.output,
      inputDims: graph.inputDims,
      outputDims: graph.outputDims,
      opset: graph.opset,
    }).toEqual({
      input: 'detector/input',
      output: 'detector/output',
      inputDims: [0, 3, 4],
      outputDims: [0, 3, 4],
      opset: 13,
    });
  });

  test('weights that an old exporter lists among the inputs are no second window', () => {
    const old = changed(GOOD, ({ graph }) => {
      graph?.input?.unshift({ name: 'const/factor' });
    });
    expect(readDetector(old, 'd.onnx').input).toBe('detector/input');
    expect(refusal(old)).toBeUndefined();
  });

  test('a batch of one, fixed by the exporter, is taken as any batch', () => {
    const fixed = changed(GOOD, ({ graph }) => {
      const dim = graph?.input?.[0]?.type?.tensorType?.shape?.dim?.[0];
      if (dim) Object.assign(dim, { dimParam: undefined, dimValue: 1 });
    });
    expect(refusal(fixed)).toBeUndefined();
  });
});

describe('a file that cannot serve is refused with the reason:', () => {
  test.each([
    ['garbage', Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 251)],
    ['an empty file', new Uint8Array()],
    ['a text', new TextEncoder().encode('this is no model')],
    ['a truncated model', GOOD.slice(0, GOOD.length - 40)],
    ['a model without a node', changed(GOOD, ({ graph }) => graph?.node?.splice(0))],
  ])('%s', (_, bytes) => {
    expect(refusal(bytes)).toMatchObject({ code: 'model', message: 'd.onnx is not an ONNX model' });
    expect(() => decodeModel(bytes, 'd.onnx')).toThrow(FdirError);
  });

  test('two inputs', () => {
    const g = new GraphBuilder();
    g.output('y', g.add(g.input('a', ['n', 3, 4]), g.input('b', ['n', 3, 4])), ['n', 3, 4]);
    expect(refusal(g.build('x'))).toEqual(cannotServe('it has 2 inputs (a, b); one, the window, is needed'));
  });

  test('no input', () => {
    const g = new GraphBuilder();
    g.output('y', g.constant('c', [1], [1]), [1]);
    expect(refusal(g.build('x'))).toEqual(cannotServe('it has 0 inputs (); one, the window, is needed'));
  });

  test('no output', () => {
    expect(refusal(changed(GOOD, ({ graph }) => graph?.output?.splice(0)))).toEqual(cannotServe('it has no output'));
  });

  test.each([9, 10])('opset %i', (opset) => {
    const old = changed(GOOD, (model) => {
      model.opsetImport = [{ domain: '', version: opset }];
    });
    expect(refusal(old)).toEqual(
      cannotServe(`opset ${String(opset)} is older than 11: export the model again with a newer opset`),
    );
  });

  /** The first node needs an operator of that domain. */
  const using = (domain: string, own = GOOD): Uint8Array =>
    changed(own, (model) => {
      model.opsetImport?.push({ domain, version: 1 });
      Object.assign(model.graph?.node?.[0] ?? {}, { domain });
    });

  test('operators of a domain of its own', () => {
    expect(refusal(using('com.acme'))).toEqual(cannotServe('it uses operators of "com.acme", not standard ONNX'));
  });

  test('but not for a domain that is declared and not used, as converters do', () => {
    const declared = changed(GOOD, (model) => {
      model.opsetImport?.push({ domain: 'ai.onnx.ml', version: 2 });
    });
    expect(refusal(declared)).toBeUndefined();
  });

  test('the standard domain by its long name is no domain of its own', () => {
    const long = changed(GOOD, (model) => {
      model.opsetImport = [{ domain: 'ai.onnx', version: 13 }];
    });
    expect(refusal(long)).toBeUndefined();
  });

  test('several reasons are told at once', () => {
    const bad = changed(using('com.acme'), (model) => {
      model.opsetImport = [{ domain: '', version: 7 }];
      model.graph?.output?.splice(0);
    });
    expect(refusal(bad)?.problems).toHaveLength(3);
  });

  test('a window of another size', () => {
    expect(refusal(affineDetector({ dims: [1, 3, 5] }))).toEqual(
      cannotServe('its input [n, 1, 3, 5] does not hold a window of 3 parameters x 4 frames'),
    );
    expect(refusal(affineDetector({ dims: [2, 6] }))?.problems).toEqual([
      'd.onnx: its input [n, 2, 6] does not hold a window of 3 parameters x 4 frames',
    ]);
  });

  test('an input without dimensions', () => {
    const bare = changed(GOOD, ({ graph }) => {
      const type = graph?.input?.[0]?.type?.tensorType;
      if (type) type.shape = null;
    });
    expect(refusal(bare)).toEqual(cannotServe('its input [] does not hold a window of 3 parameters x 4 frames'));
  });

  test('dimensions that are dynamic beyond the batch', () => {
    expect(refusal(affineDetector({ dims: [1, 3, 'time'] }))).toEqual(
      cannotServe(
        'its input [n, 1, 3, n] is dynamic beyond the batch: export it for windows of 3 parameters x 4 frames',
      ),
    );
  });

  test('an input that is not float32', () => {
    const double = changed(GOOD, ({ graph }) => {
      const type = graph?.input?.[0]?.type?.tensorType;
      if (type) type.elemType = onnx.TensorProto.DataType.INT32;
    });
    expect(refusal(double)).toEqual(cannotServe('its input "input" is not float32'));
  });

  test('an output that is no reconstruction', () => {
    const g = new GraphBuilder();
    g.output('verdict', g.reduceMean(g.input('x', ['n', 3, 4]), [2]), ['n', 3]);
    expect(refusal(g.build('x'))).toEqual(
      cannotServe('its output [n, 3] does not hold a window of 3 parameters x 4 frames'),
    );
  });

  test('but not for an output whose dimensions the exporter left open', () => {
    const open = changed(GOOD, ({ graph }) => {
      const dims = graph?.output?.[0]?.type?.tensorType?.shape?.dim ?? [];
      dims.forEach((dim, i) => Object.assign(dim, { dimParam: `d${String(i)}`, dimValue: undefined }));
    });
    expect(refusal(open)).toBeUndefined();
  });
});

describe('weights', () => {
  const { FLOAT, FLOAT16, DOUBLE, INT64 } = onnx.TensorProto.DataType;

  test('are read from raw bytes, wherever these lie, or from the typed field', () => {
    const values = Float32Array.of(1.5, -2, 3.25);
    const bytes = new Uint8Array(13);
    bytes.set(new Uint8Array(values.buffer), 1);
    expect(floatsOf({ name: 'w', dims: [3], dataType: FLOAT, rawData: bytes.subarray(1) })).toEqual(values);
    expect(floatsOf({ name: 'w', dims: [3], dataType: FLOAT, floatData: [1.5, -2, 3.25] })).toEqual(values);
  });

  test('of half and double precision are read as float32', () => {
    const halves = [0x3c00, 0xc000, 0x4280, 0x0001, 0x8400, 0x7bff, 0x7c00, 0];
    const values = Float32Array.of(1, -2, 3.25, 2 ** -24, -(2 ** -14), 65504, Infinity, 0);
    const raw = new Uint8Array(Uint16Array.from(halves).buffer);
    expect(floatsOf({ name: 'w', dims: [8], dataType: FLOAT16, rawData: raw })).toEqual(values);
    expect(floatsOf({ name: 'w', dims: [8], dataType: FLOAT16, int32Data: halves })).toEqual(values);
    const doubles = new Uint8Array(Float64Array.of(1.5, -2).buffer);
    expect(floatsOf({ name: 'w', dims: [2], dataType: DOUBLE, rawData: doubles })).toEqual(Float32Array.of(1.5, -2));
    expect(floatsOf({ name: 'w', dims: [2], dataType: DOUBLE, doubleData: [1.5, -2] })).toEqual(
      Float32Array.of(1.5, -2),
    );
  });

  test('of another type are refused by name', () => {
    expect(() => floatsOf({ name: 'w', dims: [1], dataType: INT64, rawData: new Uint8Array(8) })).toThrow(
      'weight "w" is no floating-point number',
    );
  });
});
