import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { createOnnxScorer } from '../../src/adapters/model/onnx-scorer';
import { openSession } from '../../src/adapters/model/onnx-session';
import { pruneGraph } from '../../src/adapters/model/prune-graph';
import { loadModelPackage } from '../../src/config/load-manifest';
import { loadMission } from '../../src/config/load-mission';
import { surpriseOf } from '../../src/core/anomaly/surprise';
import { createRandom } from '../../src/core/random';
import { runRows } from '../../src/core/graph-session';
import { GRAPH } from '../../src/domain/manifest';

const ROOT = join(__dirname, '../..');
const FOLDER = join(ROOT, 'models/rw-cae');
const bundledMission = () => loadMission(join(ROOT, 'rules/mission.yaml'));
const graph = readFileSync(join(FOLDER, 'model.onnx'));

test('the part that implies what is expected is a quarter of the bundled model, and says the same', async () => {
  const pruned = pruneGraph(graph, [GRAPH.expected]);
  expect(pruned.length / graph.length).toBeLessThan(0.35);
  const { parameters, golden } = loadModelPackage(FOLDER, bundledMission()).manifest;
  const session = await openSession(pruned);
  const size = { n: 1, parameters: parameters.length, frames: golden.window.length / parameters.length };
  const outputs = await runRows(session, Float32Array.from(golden.window), size);
  await session.close();
  expect(Object.keys(outputs)).toEqual([GRAPH.expected]);
  const wanted = golden.outputs[GRAPH.expected] ?? [];
  const worst = Math.max(...wanted.map((value, i) => Math.abs(value - (outputs[GRAPH.expected]?.data[i] ?? NaN))));
  expect(worst).toBeLessThan(1e-3);
});

test('what a scorer says is implied is what it expects, window by window', async () => {
  const model = loadModelPackage(FOLDER, bundledMission());
  const { golden, calibration } = model.manifest;
  // Packages of 0.1 have such a line: the score is at least the surprise of the linear evidence.
  const line = { knots: [0], slopes: [1e-3], base: 0 };
  const scorer = await createOnnxScorer({
    ...model,
    manifest: { ...model.manifest, calibration: { ...calibration, equipmentSurprise: line } },
  });
  const random = createRandom(7);
  const windows = Float32Array.from({ length: 5 * golden.window.length }, (_, i) => {
    const value = golden.window[i % golden.window.length] ?? 0;
    return value * (1 + 0.05 * random.normal());
  });
  const scored = await scorer.score(windows, 5);
  const implied = await scorer.implied(windows, 5);
  await scorer.close();
  expect(implied.length).toBe(5);
  for (const [index, { equipmentScore }] of scored.entries())
    expect(implied[index]?.leastScore).toBeCloseTo(surpriseOf(line, Math.max(...equipmentScore)) - 0.01, 3);
  for (const [index, { expected }] of scored.entries())
    for (const [i, value] of expected.entries())
      expect(Math.abs((implied[index]?.expected[i] ?? NaN) - value)).toBeLessThanOrEqual(
        1e-4 * Math.max(1, Math.abs(value)),
      );
});

test('a model that is cut off anywhere, or none, is said to be so or read as far as it goes', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.nat(graph.length - 1)), (item) => {
      const bytes = typeof item === 'number' ? graph.subarray(0, item) : item;
      try {
        expect(pruneGraph(bytes, [GRAPH.expected]).length).toBeLessThanOrEqual(bytes.length + 16);
      } catch (error) {
        expect(String(error)).toMatch(/the model (ends within|holds wire type)/);
      }
    }),
    { numRuns: 300 },
  );
});
