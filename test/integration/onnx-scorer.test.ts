import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOnnxScorer } from '../../src/adapters/model/onnx-scorer';
import { loadModelPackage, withAlarmBudget } from '../../src/config/load-manifest';
import { FdirError } from '../../src/domain/errors';
import type { Manifest } from '../../src/domain/manifest';
import { missionSchema } from '../../src/domain/mission';
import { tinyMission } from '../support/tiny-mission';
import { writeTinyPackage } from '../support/tiny-model';

const mission = tinyMission();
let folder: string;
let manifest: Manifest;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-model-'));
  manifest = await writeTinyPackage(folder, mission);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const writeManifest = (changed: Partial<Manifest>): void => {
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...manifest, ...changed }));
};

const refusal = async (attempt: () => unknown): Promise<{ code: string; messages: string[] }> => {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof FdirError) return { code: error.code, messages: error.problems.map(({ message }) => message) };
    throw error;
  }
  throw new Error('was not refused');
};

test('one run answers score, reconstruction and every peephole of every window of a batch', async () => {
  const scorer = await createOnnxScorer(loadModelPackage(folder, mission));
  const nominal = new Float32Array(16);
  const offset = new Float32Array(16);
  offset.fill(5, 12);
  const [first, second] = await scorer.score(Float32Array.from([...nominal, ...offset]), 2);
  await scorer.close();
  expect(first?.score).toBe(0);
  expect(second).toEqual({
    score: 25,
    pValue: Math.fround(1 / 26),
    reconstruction: new Float32Array(16),
    expected: new Float32Array(16),
    deviation: offset,
    parameterScore: Float32Array.from([0, 0, 0, 25]),
    equipmentScore: Float32Array.from([0, 25]),
    peepholes: [expect.any(Float32Array)],
  });
  expect(second?.peepholes[0]?.[3]).toBeGreaterThan(0.99);
});

test('a truncated graph is refused for its hash before the runtime sees it', async () => {
  truncateSync(join(folder, 'model.onnx'), 200);
  const { code, messages } = await refusal(() => loadModelPackage(folder, mission));
  expect({ code, count: messages.length }).toEqual({ code: 'model', count: 1 });
  expect(messages[0]).toContain('its sha256 is');
});

test('a graph that is another when it is read again is refused', async () => {
  const model = loadModelPackage(folder, mission);
  truncateSync(join(folder, 'model.onnx'), 200);
  const { code, messages } = await refusal(() => createOnnxScorer(model));
  expect([code, messages[0]]).toEqual(['model', expect.stringContaining('its sha256 is')]);
});

test('a corrupt graph with a matching hash is refused by the runtime, not a crash', async () => {
  const model = loadModelPackage(folder, mission);
  const { code } = await refusal(() =>
    createOnnxScorer({ ...model, readGraph: () => readFileSync(join(folder, 'model.onnx')).subarray(0, 200) }),
  );
  expect(code).toBe('model');
});

test('a model for other parameters, another window and another period is refused with every mismatch', async () => {
  const other = missionSchema.parse({
    spacecraft: 'TINY-1',
    sampling: { period: '2s', window: 8, stride: 2 },
    parameters: [{ id: 'rw0_speed' }, { id: 'rw0_current' }, { id: 'rw1_speed' }, { id: 'bus_voltage' }],
  });
  expect(await refusal(() => loadModelPackage(folder, other))).toEqual({
    code: 'model',
    messages: [
      'the model does not know "bus_voltage" of the mission',
      'the mission does not have "rw1_current" of the model',
      'sampling period in milliseconds: the mission has 2000, the model 1000',
      'window in frames: the mission has 8, the model 4',
    ],
  });
});

test('a package whose golden vector is not reproduced is refused', async () => {
  const outputs = { ...manifest.golden.outputs, score: [123] };
  writeManifest({ golden: { ...manifest.golden, outputs } });
  const { code, messages } = await refusal(() => createOnnxScorer(loadModelPackage(folder, mission)));
  expect({ code, count: messages.length }).toEqual({ code: 'model', count: 1 });
  expect(messages[0]).toContain('"score" differs from the golden vector');
});

test('a package whose golden vector leaves an output unproven is refused', async () => {
  const { score, ...outputs } = manifest.golden.outputs;
  expect(score).toHaveLength(1);
  writeManifest({ golden: { ...manifest.golden, outputs } });
  const { messages } = await refusal(() => createOnnxScorer(loadModelPackage(folder, mission)));
  expect(messages).toEqual(['the golden vector does not hold "score": fit the package again']);
});

test('a graph without an output the manifest names is refused', async () => {
  const [task] = manifest.tasks;
  writeManifest({ tasks: task ? [task, { ...task, name: 'other', output: 'peephole/residual/other' }] : [] });
  const { messages } = await refusal(() => createOnnxScorer(loadModelPackage(folder, mission)));
  expect(messages).toEqual(['no float32 output "peephole/residual/other"']);
});

test('an output that a joined tensor holds is read from its place there', async () => {
  const parts = [
    { name: 'parameter_score', size: 4 },
    { name: 'equipment_score', size: 2 },
    { name: 'p_value', size: 10 },
  ];
  writeManifest({ joined: { output: 'deviation', parts } });
  const scorer = await createOnnxScorer(loadModelPackage(folder, mission));
  const window = Float32Array.from({ length: 16 }, (_, index) => index);
  const [first] = await scorer.score(window, 1);
  await scorer.close();
  expect([first?.parameterScore, first?.equipmentScore, first?.pValue]).toEqual([
    Float32Array.of(0, 1, 2, 3),
    Float32Array.of(4, 5),
    6,
  ]);
});

test('a joined tensor of another size than its parts is refused, and so is one that is not there', async () => {
  const parts = [{ name: 'p_value', size: 3 }];
  writeManifest({ joined: { output: 'deviation', parts } });
  const wrong = await refusal(() => createOnnxScorer(loadModelPackage(folder, mission)));
  expect(wrong.messages).toEqual(['"deviation" has 16 values instead of the 3 that model.json joins']);
  writeManifest({ joined: { output: 'joined', parts } });
  const missing = await refusal(() => createOnnxScorer(loadModelPackage(folder, mission)));
  expect(missing.messages).toEqual(['no float32 output "joined"']);
});

test.each([
  ['no JSON', 'not json'],
  ['JSON of something else', '{"schemaVersion":1}'],
])('a model.json that is %s is refused', async (_what, text) => {
  writeFileSync(join(folder, 'model.json'), text);
  const { code, messages } = await refusal(() => loadModelPackage(folder, mission));
  expect(code).toBe('model');
  expect(messages.length).toBeGreaterThan(0);
});

test.each([
  ['exactly a calibrated one', 0.5, 9],
  ['between two', 0.3, 18],
  ['below all: the strictest there is', 0.01, 18],
  ['above all: the most permissive there is', 10, 9],
])('an alarm budget %s chooses its threshold', (_what, perDay, threshold) => {
  expect(withAlarmBudget(manifest, perDay).calibration.threshold).toBe(threshold);
});
