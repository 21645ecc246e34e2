/** Detectors with traits that exporters give: each is read, or refused with what to do. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { onnx } from 'onnx-proto';
import { createOnnxScorer } from '../../src/adapters/model/onnx-scorer';
import { openSession } from '../../src/adapters/model/onnx-session';
import { pruneGraph } from '../../src/adapters/model/prune-graph';
import { loadPass } from '../../src/adapters/passes/pass-reader';
import { readForeignDetector } from '../../src/commands/detector-file';
import { loadMission } from '../../src/config/load-mission';
import { runRows } from '../../src/core/graph-session';
import { FdirError } from '../../src/domain/errors';
import { buildFront, layoutOfDetector } from '../../src/fit/graph/front';
import { windowsOf } from '../../src/fit/nominal-windows';
import { GraphBuilder } from '../../src/fit/onnx/graph-builder';
import { NEWEST_OPSET, readDetector } from '../../src/fit/onnx/read-model';
import { prepareDetector } from '../../src/fit/prepare-detector';
import { surveyNominal } from '../../src/fit/survey-nominal';
import { listTaps } from '../../src/fit/taps';
import type { Mission } from '../../src/domain/mission';
import type { AssemblyItem } from '../../src/core/telemetry/assembler-state';
import { fitOn, recorded } from '../support/fit-request';
import {
  branchingDetector,
  detectorOfBatches,
  detectorOfOneWindow,
  detectorOfRoots,
  detectorOfType,
  withEntry,
  withWeightsOutside,
} from '../support/odd-detectors';
import { describeWithSharedData, sharedData } from '../support/shared-data';
import { alikeParameters, syntheticFrames, syntheticMission } from '../support/synthetic-telemetry';
import { affineDetector } from '../support/tiny-detectors';

const mission = syntheticMission(alikeParameters(2));
const nominal = syntheticFrames(mission, 800, 61);
const folder = mkdtempSync(join(tmpdir(), 'fdir-detector-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const surveyed = (own: Mission, frames: readonly AssemblyItem[]) =>
  surveyNominal({ mission: own, nominal: [recorded(frames)], method: 'equipment', report: () => undefined });
const survey = surveyed(mission, nominal);

/** Proves a detector on nominal windows, as a fit does before anything long. */
const prepared = (bytes: Uint8Array, { all, ...of }: ReturnType<typeof surveyed> = survey) => {
  const detector = { file: 'd.onnx', bytes };
  const windows = all.slice(0, 300);
  return prepareDetector(
    { detector, openGraph: (model) => openSession(model) },
    { ...of, all: windows },
    windows,
    false,
  );
};

const problemOf = async (what: Promise<unknown>): Promise<string> => {
  const error: unknown = await what.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof FdirError
    ? [error.message, ...error.problems.map(({ message }) => message)].join(': ')
    : `no FdirError: ${String(error)}`;
};

/** What a detector makes of windows of engineering values, [windows, 32]. */
const reconstructed = async (bytes: Uint8Array, outputs = ['y']): Promise<number[][]> => {
  const graph = readDetector(bytes, 'd.onnx');
  const layout = { parameters: 4, frames: 8, groups: [], equipment: [], alike: true, conditions: [] };
  const scaling = { mean: new Float64Array(4), std: new Float64Array(4).fill(1) };
  const g = new GraphBuilder(graph.opset);
  const detector = { graph, layout: layoutOfDetector(graph, layout, 'd.onnx'), values: 'engineering' as const };
  g.output('y', buildFront(g, layout, scaling, detector).reconstruction, ['n', 4, 8]);
  g.output('beside', g.node('Abs', ['window']), ['n', 4, 8]);
  const session = await openSession(pruneGraph(g.build('test'), outputs));
  const rows = Float32Array.from({ length: 64 }, (_, i) => i);
  const { y } = await runRows(session, rows, { n: 2, parameters: 4, frames: 8 });
  await session.close();
  return [0, 1].map((row) => [...(y?.data ?? [])].slice(row * 32, row * 32 + 32));
};

const halfPlusOne = [0, 1].map((row) => Array.from({ length: 32 }, (_, i) => (row * 32 + i) / 2 + 1));

const { FLOAT16, DOUBLE } = onnx.TensorProto.DataType;

test.each([
  ['a branch whose graphs read the window and a tensor around them', branchingDetector()],
  ['half-precision numbers throughout', detectorOfType(FLOAT16)],
  ['double-precision numbers throughout', detectorOfType(DOUBLE)],
  ['a batch that is declared as one', detectorOfOneWindow(false)],
  ['the newest opset', affineDetector({ dims: [4, 8], opset: NEWEST_OPSET })],
])('%s: it is taken over, and computes as before', async (_, bytes) => {
  expect(await reconstructed(bytes)).toEqual(halfPlusOne);
  expect(await problemOf(prepared(bytes))).toBe('no FdirError: undefined');
});

test.each([
  [
    'NaN',
    detectorOfRoots(),
    /^d\.onnx cannot serve as a detector: the detector gives NaN on nominal windows: \d+ of 198, the first at 20\S+Z\. Look for /,
  ],
  [
    'a batch held to one inside',
    detectorOfOneWindow(true),
    /: it takes one window at a time: export it with a dynamic batch \(dynamic_axes in PyTorch\)/,
  ],
  [
    'windows that depend on each other',
    detectorOfBatches(),
    /: what it makes of a window depends on the other windows beside it: export it with a dynamic batch/,
  ],
  [
    'an opset that the runtime does not know',
    affineDetector({ dims: [4, 8], opset: NEWEST_OPSET + 1 }),
    /: opset \d+ is newer than \d+, the newest that the runtime knows: export the model again with opset \d+ or an older one/,
  ],
])('%s: refused, with what to do', async (_, bytes, sentence) => {
  expect(await problemOf(prepared(bytes))).toMatch(sentence);
});

test('the runtime knows the newest opset, and not the one behind it', async () => {
  const opens = (opset: number) =>
    openSession(affineDetector({ dims: [4, 8], opset })).then(
      (session) => session.close().then(() => true),
      () => false,
    );
  expect([await opens(NEWEST_OPSET), await opens(NEWEST_OPSET + 1)]).toEqual([true, false]);
});

test('a package around a detector with inner graphs is scored as it was fitted', async () => {
  const files = await fitOn(mission, [syntheticFrames(mission, 1500, 62)], {
    casesPerClass: 40,
    detector: { file: 'branch.onnx', bytes: branchingDetector() },
  });
  const scorer = await createOnnxScorer({ folder: 'p', readGraph: () => files.model, manifest: files.manifest });
  const windows = windowsOf(mission, nominal).slice(0, 2);
  const rows = Float32Array.from(windows.flatMap(({ values }) => [...values]));
  const scored = await scorer.score(rows, 2);
  await scorer.close();
  expect(scored.map(({ score }) => Number.isFinite(score))).toEqual([true, true]);
});

describe('weights in a file beside the model', () => {
  const { model, weights } = withWeightsOutside(affineDetector({ dims: [4, 8] }), 'd.onnx.data');
  const read = async (bytes: Uint8Array) => {
    writeFileSync(join(folder, 'd.onnx'), bytes);
    return problemOf(Promise.resolve().then(() => readForeignDetector(join(folder, 'd.onnx'))));
  };
  beforeEach(() => {
    rmSync(join(folder, 'd.onnx.data'), { force: true, recursive: true });
    writeFileSync(join(folder, 'd.onnx.data'), weights);
  });

  test('are taken into the package', async () => {
    writeFileSync(join(folder, 'd.onnx'), model);
    expect(await reconstructed(readForeignDetector(join(folder, 'd.onnx')))).toEqual(halfPlusOne);
  });

  test.each(['../secret', '/etc/hostname', 'sub/../../secret', '.', '..'])(
    '%s: leads out of the folder',
    async (location) => {
      writeFileSync(join(folder, '../secret'), weights);
      expect(await read(withEntry(model, 'location', location))).toMatch(
        /^\S+d\.onnx keeps weights in another file, which cannot be read: weight "const\/factor": ".*" leads out of the model's folder \S+: put the file there, and name it without a path/,
      );
      rmSync(join(folder, '../secret'));
    },
  );

  test('a link that leads out of the folder is refused', async () => {
    rmSync(join(folder, 'd.onnx.data'));
    symlinkSync('/etc/hostname', join(folder, 'd.onnx.data'));
    expect(await read(model)).toMatch(/weight "const\/factor": "d\.onnx\.data" leads out of the model's folder/);
  });

  test('a missing file is named', async () => {
    rmSync(join(folder, 'd.onnx.data'));
    expect(await read(model)).toMatch(
      /weight "const\/factor": \S+d\.onnx\.data is missing: copy it there, beside the model/,
    );
  });

  test('a file that ends too soon is named, with every weight that it lacks', async () => {
    writeFileSync(join(folder, 'd.onnx.data'), weights.subarray(0, 6));
    expect(await read(model)).toMatch(
      /which cannot be read: weight "const\/shift": \S+d\.onnx\.data ends at byte 6, and 4 to 8 are needed: copy it again$/,
    );
  });

  test('a folder in place of the file is named', async () => {
    rmSync(join(folder, 'd.onnx.data'));
    mkdirSync(join(folder, 'd.onnx.data'));
    expect(await read(model)).toMatch(/d\.onnx\.data is not a file/);
  });

  test.each([
    ['length', '3', 'it needs 4 bytes, and its entry gives 3'],
    ['length', undefined, 'it needs 4 bytes, and its entry gives 8'],
    ['offset', '-4', 'its offset "-4" is not a number of bytes'],
    ['offset', '999', 'ends at byte 8, and 999 to 1003 are needed: copy it again'],
    ['location', undefined, 'it names no file'],
  ])('an entry whose %s is %s is told', async (key, value, sentence) => {
    expect(await read(withEntry(model, key, value))).toContain(sentence);
  });

  test('whatever an entry says: the weights, or why not; nothing outside of the folder is read', () => {
    writeFileSync(join(folder, '../secret'), 'SECRETSECRETSECRET');
    const text = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.constantFrom('d.onnx', '../secret', './../secret', '\0', '//'),
    );
    fc.assert(
      fc.property(fc.constantFrom('location', 'offset', 'length'), text, (key, value) => {
        writeFileSync(join(folder, 'd.onnx'), withEntry(model, key, value));
        try {
          expect(Buffer.from(readForeignDetector(join(folder, 'd.onnx'))).includes('SECR')).toBe(false);
        } catch (error) {
          expect({ isTold: error instanceof FdirError, code: (error as FdirError).code }).toEqual({
            isTold: true,
            code: 'model',
          });
        }
      }),
      { numRuns: 200 },
    );
    rmSync(join(folder, '../secret'));
  });
});

describeWithSharedData('detectors of the recordings', () => {
  const own = loadMission(join(__dirname, '../../rules/mission.yaml'));
  const file = (name: string): string => sharedData(`inputs/${name}.onnx`);
  const recording = loadPass(join(__dirname, '../../telemetry-fixtures/nominal.csv'), own).then(({ assembled }) =>
    surveyed(own, assembled.slice(0, 2000)),
  );
  const proven = async (name: string) => prepared(readForeignDetector(file(name)), await recording);

  test('weights outside, in half precision and for one window are read alike, and every layer can be tapped', async () => {
    const found = await Promise.all(
      ['external', 'half-weights', 'batch1'].map(async (name) => {
        const { values, mse } = await proven(name);
        const { taps, refused } = listTaps(readDetector(readForeignDetector(file(name)), name));
        const layers = taps.map(
          ({ opType, weights }) => `${opType} ${String(weights.columns - 1)}>${String(weights.rows)}`,
        );
        return { values, mse: mse.toFixed(3), layers, refused };
      }),
    );
    expect(new Set(found.map((item) => JSON.stringify(item))).size).toBe(1);
    expect(found[0]).toMatchObject({ values: 'standardised', layers: ['MatMul 256>64', 'MatMul 64>256'], refused: [] });
  });

  test('NaN, and an opset to come, are refused with what to do', async () => {
    expect(await problemOf(proven('nan'))).toMatch(/: the detector gives NaN on nominal windows: /);
    expect(await problemOf(proven('new-opset'))).toMatch(
      /: opset 28 is newer than \d+, .*: export the model again with opset/,
    );
  });
});
