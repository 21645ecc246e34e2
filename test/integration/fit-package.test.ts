import { onnx } from 'onnx-proto';
import { createHash } from 'node:crypto';
import { openSession } from '../../src/adapters/model/onnx-session';
import { initialTracker, trackWindow, type Revision } from '../../src/core/anomaly/anomaly-tracker';
import { runRows } from '../../src/core/graph-session';
import { inputOf } from '../../src/core/telemetry/model-input';
import { readReliability, type ReliabilityBin } from '../../src/domain/reliability';
import { FdirError } from '../../src/domain/errors';
import { UNKNOWN } from '../../src/domain/explanation';
import type { Label } from '../../src/domain/telemetry';
import { manifestSchema, type Manifest } from '../../src/domain/manifest';
import type { Inference, ScoredWindow } from '../../src/domain/scored-window';
import type { AssemblyItem } from '../../src/core/telemetry/assembler-state';
import type { Mission } from '../../src/domain/mission';
import { DEFAULT_SETTINGS } from '../../src/fit/fit-equipment';
import { windowsOf } from '../../src/fit/nominal-windows';
import { fitOn } from '../support/fit-request';
import { relativeDifference } from '../support/graph-run';
import {
  alikeParameters,
  levelOf,
  scaleOf,
  syntheticFrames,
  syntheticMission,
  withGap,
  type Change,
} from '../support/synthetic-telemetry';
import { affineDetector } from '../support/tiny-detectors';

/** Of a package without a detector of somebody else's. */
const HEADS = ['window', 'slow16', 'slow64'];

/** Runs windows through a package in one batch. */
const inferAll = async (model: Uint8Array, manifest: Manifest, windows: readonly Float32Array[]) => {
  const session = await openSession(model);
  const size = windows[0]?.length ?? 0;
  const data = new Float32Array(windows.length * size);
  windows.forEach((values, index) => data.set(values, index * size));
  const outputs = await runRows(session, data, {
    n: windows.length,
    parameters: manifest.parameters.length,
    frames: manifest.sampling.window,
  });
  await session.close();
  return outputs;
};

/** Every output by its name, those that only the joined tensor holds too: a row a window. */
const everyOutput = (
  outputs: Awaited<ReturnType<typeof inferAll>>,
  { joined }: Manifest,
  n: number,
): Readonly<Record<string, { data: Float32Array }>> => {
  const all: Record<string, { data: Float32Array }> = { ...outputs };
  const data = outputs[joined?.output ?? '']?.data ?? new Float32Array();
  let from = 0;
  for (const { name, size } of joined?.parts ?? []) {
    const rows = Array.from({ length: n }, (_, row) => {
      const start = (row * data.length) / n + from;
      return data.subarray(start, start + size);
    });
    all[name] = { data: Float32Array.from(rows.flatMap((row) => [...row])) };
    from += size;
  }
  return all;
};

const score = async (
  model: Uint8Array,
  manifest: Manifest,
  mission: Mission,
  frames: readonly AssemblyItem[],
): Promise<ScoredWindow[]> => {
  const windows = windowsOf(mission, frames);
  const inferred = await inferAll(model, manifest, windows.map(inputOf));
  const outputs = everyOutput(inferred, manifest, windows.length);
  const row = (name: string, index: number): Float32Array => {
    const data = outputs[name]?.data ?? new Float32Array();
    const width = data.length / windows.length;
    return data.slice(index * width, (index + 1) * width);
  };
  return windows.map((window, i): ScoredWindow => {
    const inference: Inference = {
      score: row('score', i)[0] ?? NaN,
      pValue: row('p_value', i)[0] ?? NaN,
      reconstruction: row('reconstruction', i),
      expected: row('expected', i),
      deviation: row('deviation', i),
      parameterScore: row('parameter_score', i),
      equipmentScore: row('equipment_score', i),
      ...(manifest.calibration.sustained && { evidence: row('evidence', i) }),
      ...(manifest.calibration.ownPast && { ownPast: row('own_past', i) }),
      peepholes: manifest.tasks.map(({ output }) => row(output, i)),
    };
    return { window, inference };
  });
};

const track = (manifest: Manifest, windows: readonly ScoredWindow[]): Revision[] => {
  let state = initialTracker;
  return windows.flatMap((scored) => {
    const step = trackWindow(manifest, manifest, state, scored);
    state = step.state;
    return step.revisions;
  });
};

const openedOf = (revisions: readonly Revision[]): string[] =>
  revisions.filter(({ trigger }) => trigger === 'opened').map(({ anomaly }) => anomaly.verdict.equipment);

const meanScore = (windows: readonly ScoredWindow[]): number =>
  windows.reduce((sum, { inference }) => sum + inference.score, 0) / windows.length;

const errorOf = async (act: Promise<unknown>): Promise<{ code: string; message: string; problems: string[] }> => {
  try {
    await act;
  } catch (error) {
    if (!(error instanceof FdirError)) throw error;
    return { code: error.code, message: error.message, problems: error.problems.map(({ message }) => message) };
  }
  throw new Error('nothing was refused');
};

/** An offset of `size` nominal deviations on one parameter, or on several in turns up and down, from a frame on. */
const offsetOn =
  (target: number | readonly number[], from: number, size: number): Change =>
  (value, row, frame) => {
    const rows = typeof target === 'number' ? [target] : target;
    const at = rows.indexOf(row);
    return at >= 0 && frame >= from ? value + (at % 2 === 0 ? size : -size) * scaleOf(row) : value;
  };

const MISSION = syntheticMission(alikeParameters(3));
const NOMINAL = syntheticFrames(MISSION, 4000, 1);
const fitting = fitOn(MISSION, [NOMINAL]);

describe('a package of three like equipments', () => {
  test('has a valid manifest that describes its graph', async () => {
    const { model, manifest } = await fitting;
    expect(manifestSchema.parse(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
    expect(manifest).toMatchObject({
      id: 'synthetic',
      spacecraft: 'SYN-1',
      method: 'equipment',
      sha256: createHash('sha256').update(model).digest('hex'),
      parameters: ['u0_a', 'u0_b', 'u1_a', 'u1_b', 'u2_a', 'u2_b'],
      equipment: ['u0', 'u1', 'u2'],
      sampling: { periodMs: 1000, window: 8, stride: 4 },
      verdictTask: 'fault',
      fittedOn: { passes: [{ file: 'nominal.csv', sha256: 'd'.repeat(64), frames: 4000 }], seed: 1 },
    });
    expect(manifest.detector).toMatch(/^pca \(\d+ components\)$/);
    expect(manifest.tasks.map(({ classes }) => classes)).toEqual(
      manifest.tasks.map(() => ['nominal', 'offset', 'impulse', 'unknown']),
    );
    const { scaling, calibration } = manifest;
    expect(relativeDifference(scaling.mean, [0, 1, 2, 3, 4, 5].map(levelOf))).toBeLessThan(0.3);
    expect(
      relativeDifference(
        scaling.std.map((value, row) => value / scaleOf(row)),
        [1, 1, 1, 1, 1, 1],
      ),
    ).toBeLessThan(0.25);
    expect(calibration.budgets.map(({ falseAlarmsPerDay }) => falseAlarmsPerDay)).toEqual([
      0.1, 0.2, 0.5, 1, 2, 5, 10, 20,
    ]);
    expect(calibration.budgets.at(-1)).toEqual({
      falseAlarmsPerDay: 20,
      threshold: calibration.threshold,
      returnThreshold: calibration.threshold - 1,
    });
  });

  test('says how often verdicts were right by the confidence they stated, over every case that was held back', async () => {
    const { manifest } = await fitting;
    const bins = readReliability(manifest.quality);
    const { heldCases, heldAccuracy } = manifest.quality['fused'] as { heldCases: number; heldAccuracy: number };
    const sum = (of: (bin: ReliabilityBin) => number): number => bins.reduce((total, bin) => total + of(bin), 0);
    expect(sum(({ n }) => n)).toBe(heldCases);
    expect(sum(({ right }) => right) / heldCases).toBeCloseTo(heldAccuracy, 3);
    expect(bins.map(({ from }) => from)).toEqual(bins.map(({ from }) => from).sort((a, b) => a - b));
  });

  test('gives every output of the contract in its shape, for one window and for three', async () => {
    const { model, manifest } = await fitting;
    const windows = windowsOf(MISSION, NOMINAL).map(({ values }) => values);
    for (const n of [1, 3]) {
      const outputs = await inferAll(model, manifest, windows.slice(0, n));
      expect(Object.fromEntries(Object.entries(outputs).map(([name, { dims }]) => [name, [...dims]]))).toEqual({
        reconstruction: [n, 6, 8],
        score: [n],
        expected: [n, 48],
        equipment_score: [n, 3],
        joined: [n, 3 * 48 + 1 + 1 + 6 + 3 + HEADS.length * 3 + 3 * 6 + 2 * 6 + manifest.tasks.length * 12],
        ...Object.fromEntries(manifest.tasks.map(({ output }) => [output, [n, 3, 4]])),
      });
    }
  });

  test('is one graph of standard operators', async () => {
    const { model } = await fitting;
    const { opsetImport, graph } = onnx.ModelProto.decode(model);
    expect((opsetImport ?? []).map(({ domain }) => domain)).toEqual(['']);
    expect([...new Set((graph?.node ?? []).map(({ domain }) => domain ?? ''))]).toEqual(['']);
  });

  test('holds every output in one tensor too, in the order that its manifest tells', async () => {
    const { model, manifest } = await fitting;
    const windows = windowsOf(MISSION, NOMINAL).map(({ values }) => values);
    const outputs = await inferAll(model, manifest, windows.slice(0, 3));
    const all = everyOutput(outputs, manifest, 3);
    expect(manifest.joined?.parts).toEqual([
      { name: 'reconstruction', size: 48 },
      { name: 'score', size: 1 },
      { name: 'p_value', size: 1 },
      { name: 'expected', size: 48 },
      { name: 'deviation', size: 48 },
      { name: 'parameter_score', size: 6 },
      { name: 'equipment_score', size: 3 },
      { name: 'evidence', size: HEADS.length * 3 },
      { name: 'own_past', size: 3 * 6 },
      { name: 'head/slow16/deviation', size: 6 },
      { name: 'head/slow64/deviation', size: 6 },
      ...manifest.tasks.map(({ output }) => ({ name: output, size: 12 })),
    ]);
    for (const name of ['reconstruction', 'score', 'expected', ...manifest.tasks.map(({ output }) => output)])
      expect([name, all[name]?.data]).toEqual([name, outputs[name]?.data]);
  });

  test('answers a window the same alone and among others', async () => {
    const { model, manifest } = await fitting;
    const windows = windowsOf(MISSION, NOMINAL)
      .slice(10, 15)
      .map(({ values }) => values);
    const together = await inferAll(model, manifest, windows);
    const alone = await inferAll(model, manifest, windows.slice(3, 4));
    for (const [name, { data }] of Object.entries(alone)) {
      const width = data.length;
      expect(relativeDifference(together[name]?.data.slice(3 * width, 4 * width) ?? [], data)).toBeLessThan(1e-4);
    }
  });

  test('its golden vector is reproduced by a fresh session', async () => {
    const { model, manifest } = await fitting;
    const outputs = await inferAll(model, manifest, [Float32Array.from(manifest.golden.window)]);
    expect(Object.keys(manifest.golden.outputs).sort()).toEqual(Object.keys(outputs).sort());
    for (const [name, expected] of Object.entries(manifest.golden.outputs)) {
      expect(relativeDifference(outputs[name]?.data ?? [], expected)).toBeLessThan(1e-5);
    }
  });

  test('measures what it says: expected plus deviation in sigmas is the window, and the posteriors of an equipment sum to one', async () => {
    const { model, manifest } = await fitting;
    const windows = await score(model, manifest, MISSION, syntheticFrames(MISSION, 400, 2));
    for (const { window, inference } of windows) {
      for (let p = 0; p < 6; p += 1) {
        const ratios = Array.from({ length: 8 }, (_, t) => {
          const i = p * 8 + t;
          return (
            ((window.values[i] ?? NaN) - (inference.expected[i] ?? NaN)) / (inference.deviation[i] ?? NaN) / scaleOf(p)
          );
        });
        // One nominal standard deviation given the others: well below that of the parameter, and nearly the same at all frames.
        expect(Math.min(...ratios)).toBeGreaterThan(0.1);
        expect(Math.max(...ratios)).toBeLessThan(0.6);
      }
      inference.peepholes.forEach((posterior) => {
        const sums = [0, 1, 2].map((row) => posterior.slice(row * 4, (row + 1) * 4).reduce((a, b) => a + b, 0));
        expect(relativeDifference(sums, [1, 1, 1])).toBeLessThan(1e-4);
      });
      expect(Math.min(...inference.parameterScore)).toBeGreaterThanOrEqual(0);
    }
  });

  test('nominal telemetry it never saw: deviations have variance one, p-values are even, few alarms', async () => {
    const { model, manifest } = await fitting;
    const windows = await score(model, manifest, MISSION, syntheticFrames(MISSION, 8000, 3));
    const squares = windows.flatMap(({ inference }) => [...inference.deviation].map((value) => value * value));
    const variance = squares.reduce((a, b) => a + b, 0) / squares.length;
    expect(variance).toBeGreaterThan(0.9);
    expect(variance).toBeLessThan(1.3);
    const shareBelow = (p: number): number =>
      windows.filter(({ inference }) => inference.pValue <= p).length / windows.length;
    expect(Math.abs(shareBelow(0.5) - 0.5)).toBeLessThan(0.15);
    expect(Math.abs(shareBelow(0.1) - 0.1)).toBeLessThan(0.08);
    expect(openedOf(track(manifest, windows)).length).toBeLessThanOrEqual(10);
  });

  test.each([
    ['u0', 0],
    ['u0', 1],
    ['u1', 3],
    ['u2', 4],
  ])(
    'an offset on %s (row %i) is detected once, isolated, identified, and attributed to its parameter',
    async (equipment, target) => {
      const { model, manifest } = await fitting;
      const size = target % 2 === 0 ? 2 : -2;
      const windows = await score(
        model,
        manifest,
        MISSION,
        syntheticFrames(MISSION, 400, 4, offsetOn(target, 200, size)),
      );
      const revisions = track(manifest, windows);
      expect(openedOf(revisions)).toEqual([equipment]);
      const last = revisions.at(-1)?.anomaly;
      expect({ equipment: last?.verdict.equipment, fault: last?.verdict.fault }).toEqual({
        equipment,
        fault: 'offset',
      });
      expect(last?.worst.window.end).toBeGreaterThan(
        (NOMINAL[200]?.kind === 'frame' ? NOMINAL[200].frame.time : NaN) - 1,
      );
      const scores = last?.worst.inference.parameterScore ?? new Float32Array();
      expect(scores.indexOf(Math.max(...scores))).toBe(target);
      const deviation = last?.worst.inference.deviation[target * 8 + 5] ?? NaN;
      expect(Math.sign(deviation)).toBe(Math.sign(size));
    },
  );

  test('a fault a tenth as large scores higher than nominal and lower than the large one', async () => {
    const { model, manifest } = await fitting;
    const at = async (size: number): Promise<number> =>
      meanScore(await score(model, manifest, MISSION, syntheticFrames(MISSION, 300, 5, offsetOn(2, 0, size))));
    const [none, faint, large, huge] = [await at(0), await at(0.4), await at(4), await at(40)];
    expect(none).toBeLessThan(faint);
    expect(faint).toBeLessThan(large);
    expect(large).toBeLessThan(huge);
  });

  test('a slew that all equipments follow is no fault of any', async () => {
    const { model, manifest } = await fitting;
    const common: Change = (value, row, frame) => (frame >= 100 ? value + 0.8 * scaleOf(row) : value);
    const windows = await score(model, manifest, MISSION, syntheticFrames(MISSION, 200, 6, common));
    const own = await score(model, manifest, MISSION, syntheticFrames(MISSION, 200, 6, offsetOn(0, 100, 0.8)));
    expect(meanScore(windows.slice(-20))).toBeLessThan(meanScore(own.slice(-20)));
  });

  test.each([
    ['its own mean', (row: number) => levelOf(row)],
    ['zero', () => 0],
    ['a billion', () => 1e9],
  ])('a window that stands still at %s has finite outputs', async (_, value) => {
    const { model, manifest } = await fitting;
    const still = Float32Array.from({ length: 48 }, (__, i) => value(Math.floor(i / 8)));
    const outputs = everyOutput(await inferAll(model, manifest, [still]), manifest, 1);
    for (const name of [
      'score',
      'p_value',
      'expected',
      'deviation',
      'parameter_score',
      'equipment_score',
      ...manifest.tasks.map(({ output }) => output),
    ]) {
      expect([name, [...(outputs[name]?.data ?? [NaN])].every(Number.isFinite)]).toEqual([name, true]);
    }
  });

  test('the mean of everything has a finite score', async () => {
    const { model, manifest } = await fitting;
    const mean = Float32Array.from({ length: 48 }, (_, i) => manifest.scaling.mean[Math.floor(i / 8)] ?? NaN);
    const outputs = await inferAll(model, manifest, [mean]);
    expect(Number.isFinite(outputs['score']?.data[0])).toBe(true);
  });
});

test('two fits give the same bytes and the same manifest; another seed gives others', async () => {
  const mission = syntheticMission(alikeParameters(2));
  const frames = syntheticFrames(mission, 1500, 7);
  const fit = (seed: number) =>
    fitOn(mission, [frames], { casesPerClass: 48, settings: { ...DEFAULT_SETTINGS, components: 2, seed } });
  const [one, two, other] = [await fit(1), await fit(1), await fit(2)];
  expect(Buffer.from(two.model).equals(Buffer.from(one.model))).toBe(true);
  expect(two.manifest).toEqual(one.manifest);
  expect(other.manifest.sha256).not.toBe(one.manifest.sha256);
});

describe('other missions', () => {
  test('without equipment: anomalies are of the nameless one, with the right fault', async () => {
    const mission = syntheticMission([{ id: 'p' }, { id: 'q' }, { id: 'r' }]);
    const { model, manifest } = await fitOn(mission, [syntheticFrames(mission, 2500, 8)]);
    expect(manifest.equipment).toEqual([]);
    const revisions = track(
      manifest,
      await score(model, manifest, mission, syntheticFrames(mission, 400, 9, offsetOn([0, 1, 2], 200, 1))),
    );
    expect(openedOf(revisions)).toEqual([UNKNOWN]);
    expect(revisions.at(-1)?.anomaly.verdict.fault).toBe('offset');
  });

  test('of unlike equipments, one parameter belonging to none: every one is isolated', async () => {
    const parameters = [
      { id: 'u0_a', equipment: 'u0', units: 'V' },
      { id: 'u0_b', equipment: 'u0', units: 'A' },
      { id: 'u1_a', equipment: 'u1', units: 'rpm' },
      { id: 'bus' },
      { id: 'u1_b', equipment: 'u1', units: 'A' },
      { id: 'u1_c', equipment: 'u1', units: 'degC' },
    ];
    const mission = syntheticMission(parameters);
    const { model, manifest } = await fitOn(mission, [syntheticFrames(mission, 3000, 10)]);
    for (const [row, equipment] of [
      [1, 'u0'],
      [4, 'u1'],
    ] as const) {
      const windows = await score(model, manifest, mission, syntheticFrames(mission, 400, 11, offsetOn(row, 200, 5)));
      expect(openedOf(track(manifest, windows))).toEqual([equipment]);
    }
    // A fault of the parameter that belongs to none is found and attributed, whoever is named.
    const bus = await score(model, manifest, mission, syntheticFrames(mission, 400, 11, offsetOn(3, 200, 5)));
    expect(openedOf(track(manifest, bus))).not.toEqual([]);
    const scores = bus.at(-1)?.inference.parameterScore ?? new Float32Array();
    expect(scores.indexOf(Math.max(...scores))).toBe(3);
  });

  test('of one single parameter', async () => {
    const mission = syntheticMission([{ id: 'only', equipment: 'u0' }]);
    const { model, manifest } = await fitOn(mission, [syntheticFrames(mission, 2000, 12)]);
    const windows = await score(model, manifest, mission, syntheticFrames(mission, 400, 13, offsetOn(0, 200, 9)));
    expect(openedOf(track(manifest, windows))).toEqual(['u0']);
  });

  test.each([[['offset']], [['offset', 'impulse']]])(
    'of a window shorter than the upper bands, classes %j: posteriors are probabilities, the equipment is right, no wrong class is named',
    async (faults) => {
      const mission = syntheticMission(alikeParameters(2), { window: 4, stride: 2, faults });
      const { model, manifest } = await fitOn(mission, [syntheticFrames(mission, 3000, 14)]);
      const windows = await score(model, manifest, mission, syntheticFrames(mission, 200, 15, offsetOn(2, 0, 2)));
      const posteriors = windows.flatMap(({ inference }) => inference.peepholes.flatMap((all) => [...all]));
      expect(posteriors.every((value) => value > -1e-5 && value < 1 + 1e-5)).toBe(true);
      const verdicts = track(manifest, windows).map(({ anomaly }) => anomaly.verdict);
      expect(verdicts.length).toBeGreaterThan(0);
      expect(verdicts.filter(({ equipment, fault }) => equipment !== 'u1' || fault === 'impulse')).toEqual([]);
    },
  );

  test('with so few cases that none is held back still gives a package with every class and the unknown', async () => {
    const mission = syntheticMission(alikeParameters(3));
    const { model, manifest } = await fitOn(mission, [NOMINAL], { casesPerClass: 18 });
    const [window] = windowsOf(mission, NOMINAL);
    const outputs = await inferAll(model, manifest, [window?.values ?? new Float32Array()]);
    expect(manifest.tasks.map(({ output }) => [...(outputs[output]?.dims ?? [])])).toEqual(
      manifest.tasks.map(() => [1, 3, 4]),
    );
  });
});

describe('other peepholes', () => {
  test('the published method: two whole-window tasks, scores of the reconstruction error, a fault detected', async () => {
    const mission = syntheticMission(alikeParameters(2));
    const { model, manifest } = await fitOn(mission, [syntheticFrames(mission, 2500, 28)], { method: 'paper' });
    expect(manifestSchema.parse(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
    expect(manifest.method).toBe('paper');
    expect(manifest.taps.map(({ kind, perEquipment }) => ({ kind, perEquipment }))).toEqual([
      { kind: 'layer', perEquipment: false },
    ]);
    expect(manifest.tasks.map(({ name, classes }) => ({ name, classes }))).toEqual([
      { name: 'fault', classes: ['nominal', 'offset', 'impulse'] },
      { name: 'equipment', classes: ['nominal', 'u0', 'u1'] },
    ]);
    const windows = await score(model, manifest, mission, syntheticFrames(mission, 400, 29, offsetOn(2, 200, 8)));
    for (const { inference } of windows) {
      const sums = inference.peepholes.map((posterior) => posterior.reduce((a, b) => a + b, 0));
      expect(relativeDifference(sums, [1, 1])).toBeLessThan(1e-4);
    }
    expect(meanScore(windows.slice(-40))).toBeGreaterThan(meanScore(windows.slice(0, 40)) + 1);
    const opened = openedOf(track(manifest, windows));
    expect(opened.length).toBeGreaterThan(0);
    expect(opened.filter((name) => !manifest.equipment.includes(name))).toEqual([]);
  });

  test('of several shared taps are pooled, and the verdict is read from the pool', async () => {
    const mission = syntheticMission(alikeParameters(2));
    const taps = ['residual', 'detector-residual'];
    const { model, manifest } = await fitOn(mission, [syntheticFrames(mission, 2500, 30)], { taps });
    expect(manifest.tasks.map(({ tap }) => tap)).toEqual(['fused', 'residual', 'detector-residual']);
    const windows = await score(model, manifest, mission, syntheticFrames(mission, 300, 31, offsetOn(3, 150, -2)));
    for (const { inference } of windows) {
      const sums = inference.peepholes.flatMap((posterior) =>
        [0, 1].map((row) => posterior.slice(row * 4, (row + 1) * 4).reduce((a, b) => a + b, 0)),
      );
      expect(relativeDifference(sums, [1, 1, 1, 1, 1, 1])).toBeLessThan(1e-4);
    }
    expect(new Set(openedOf(track(manifest, windows)))).toEqual(new Set(['u1']));
  });

  test('need a shared tap: a layer alone cannot tell equipments apart', async () => {
    const mission = syntheticMission(alikeParameters(2));
    expect(await errorOf(fitOn(mission, [syntheticFrames(mission, 1000, 32)], { taps: ['encode'] }))).toMatchObject({
      code: 'usage',
      message:
        'the equipment method reads its verdict from a shared tap: name residual or detector-residual among --taps',
    });
  });
});

describe('short recordings', () => {
  // Four parameters of 16 frames are 64 samples: 400 frames give 96 windows.
  const mission = syntheticMission(alikeParameters(2), { window: 16, stride: 4 });

  test('say so, and give a package whose nominal alarms are few and that finds a fault, on telemetry it never saw', async () => {
    const seeds = [31, 32, 33, 34, 35, 36];
    let [alarms, found] = [0, 0];
    for (const seed of seeds) {
      const { model, manifest, reports } = await fitOn(mission, [syntheticFrames(mission, 400, seed)], {
        casesPerClass: 60,
      });
      expect(reports.some((line) => line.startsWith('96 nominal windows of 64 samples are few'))).toBe(true);
      const calm = await score(model, manifest, mission, syntheticFrames(mission, 400, 100 + seed));
      alarms += openedOf(track(manifest, calm)).length;
      const faulted = syntheticFrames(mission, 400, 200 + seed, offsetOn(2, 200, 5));
      found += openedOf(track(manifest, await score(model, manifest, mission, faulted))).length > 0 ? 1 : 0;
    }
    // The threshold is the highest that any of six left-out blocks opens an anomaly at: about one in six such stretches passes it.
    expect(alarms).toBeLessThanOrEqual(3);
    expect(found).toBe(seeds.length);
  });

  test('the nominal windows of the p-values were scored by models that had not seen them', async () => {
    const { manifest } = await fitOn(mission, [syntheticFrames(mission, 400, 41)], { casesPerClass: 60 });
    expect(manifest.calibration.calibrationWindows).toBe(96);
    const { model, manifest: own } = await fitOn(mission, [syntheticFrames(mission, 400, 42)], { casesPerClass: 60 });
    const fresh = await score(model, own, mission, syntheticFrames(mission, 4000, 43));
    // Fitted on all windows and calibrated on the same, p-values of new windows would crowd at zero.
    const small = fresh.filter(({ inference }) => inference.pValue <= 0.1).length / fresh.length;
    expect(small).toBeLessThan(0.3);
  });

  test('a foreign detector is as welcome', async () => {
    const { manifest } = await fitOn(mission, [syntheticFrames(mission, 400, 44)], {
      casesPerClass: 60,
      detector: {
        file: 'affine.onnx',
        bytes: affineDetector({ dims: [4, 16], factor: 0.5, shift: 0 }),
      },
    });
    expect(manifestSchema.safeParse(manifest).success).toBe(true);
  });

  test('two fits give the same bytes', async () => {
    const fit = () => fitOn(mission, [syntheticFrames(mission, 400, 45)], { casesPerClass: 60 });
    const [one, two] = [await fit(), await fit()];
    expect(Buffer.from(two.model).equals(Buffer.from(one.model))).toBe(true);
  });
});

describe('recordings that teach less than they seem to', () => {
  const mission = syntheticMission(alikeParameters(2));
  const nominal = syntheticFrames(mission, 1500, 61);
  const labelledBy = (labels: readonly Label[]) =>
    fitOn(mission, [nominal], {
      casesPerClass: 48,
      labelled: [{ pass: { file: 'faulted.csv', sha256: 'e'.repeat(64), assembled: nominal }, labels }],
    });
  const time = (frame: number): number => {
    const item = nominal[frame];
    return item?.kind === 'frame' ? item.frame.time : NaN;
  };
  const inside: Label = { start: time(100), end: time(200), equipment: 'u0', fault: 'offset' };

  test('too few windows are refused with the parameter that is missing and the gaps', async () => {
    const holed = syntheticFrames(mission, 1500, 61, (value, row) => (row === 3 ? NaN : value));
    const failed = fitOn(mission, [withGap(holed, 500, 510)], { casesPerClass: 48 });
    await expect(failed).rejects.toMatchObject({
      code: 'input',
      problems: [
        expect.objectContaining({
          message: expect.stringMatching(/^\d+ windows hold unusable samples of parameter "u1_b"/) as string,
        }),
        expect.objectContaining({ message: expect.stringMatching(/^\d+ windows span a gap$/) as string }),
      ],
    });
  });

  test('labels outside the pass, of unknown equipment, or shorter than a window are told, and the others taught', async () => {
    const { reports, leftOut } = await labelledBy([
      inside,
      { ...inside, start: 0, end: 1000 },
      { ...inside, equipment: 'u9' },
      { ...inside, end: time(103) },
    ]);
    const told = reports.filter((line) => line.startsWith('faulted.csv: 1 label is left out: '));
    expect(told.map((line) => line.replace(/^.* is left out: (.*) \(.*$/, '$1'))).toEqual([
      'outside the pass',
      'the mission has no equipment "u9"',
      'shorter than a window of 8 frames, or samples that are unusable',
    ]);
    expect(leftOut.map(({ pass }) => pass)).toEqual(['faulted.csv', 'faulted.csv', 'faulted.csv']);
  });

  test('a labelled pass of which nothing is left is refused', async () => {
    await expect(labelledBy([{ ...inside, start: 0, end: 1000 }])).rejects.toMatchObject({
      code: 'input',
      problems: [
        expect.objectContaining({
          file: 'faulted.csv',
          message: expect.stringContaining('outside the pass') as string,
        }),
      ],
    });
    await expect(labelledBy([])).rejects.toMatchObject({
      problems: [{ file: 'faulted.csv', message: 'its labels file holds no label' }],
    });
  });
});

describe('odd recordings', () => {
  const mission = syntheticMission(alikeParameters(2));

  test('missing samples and gaps cost their windows and nothing else', async () => {
    const whole = syntheticFrames(mission, 2000, 16);
    const holed = syntheticFrames(mission, 2000, 16, (value, row, frame) =>
      row === 1 && frame % 200 === 50 ? NaN : value,
    );
    const { manifest } = await fitOn(mission, [withGap(holed, 1000, 1040)], { casesPerClass: 48 });
    const of = (frames: readonly AssemblyItem[]): number => windowsOf(mission, frames).length;
    expect(of(withGap(holed, 1000, 1040))).toBeLessThan(of(whole));
    expect(
      [...manifest.scaling.mean, ...manifest.scaling.std, manifest.calibration.threshold].every(Number.isFinite),
    ).toBe(true);
    expect(manifest.fittedOn.passes[0]?.frames).toBe(2000 - 41);
  });

  test('too few windows are refused', async () => {
    expect(await errorOf(fitOn(mission, [syntheticFrames(mission, 200, 17)]))).toMatchObject({
      code: 'input',
      message: expect.stringMatching(
        /^the nominal recordings give 48 usable windows; at least 64 are needed/,
      ) as string,
    });
  });

  test('a constant parameter is reported, any change of it counts, and nothing else suffers', async () => {
    const still: Change = (value, row) => (row === 2 ? 5 : value);
    const { model, manifest, reports } = await fitOn(mission, [syntheticFrames(mission, 2500, 18, still)]);
    expect(reports.filter((report) => report.includes('never changes'))).toEqual([
      'parameter u1_a never changes in the nominal recordings: any change will count as anomalous',
    ]);
    const moved: Change = (value, row, frame) => (row === 2 ? (frame >= 200 ? 5.5 : 5) : value);
    const windows = await score(model, manifest, mission, syntheticFrames(mission, 400, 19, moved));
    const revisions = track(manifest, windows);
    expect(openedOf(revisions)).toEqual(['u1']);
    const calm = await score(model, manifest, mission, syntheticFrames(mission, 400, 20, still));
    expect(openedOf(track(manifest, calm))).toEqual([]);
  });

  test('telemetry of which nothing ever changes is refused', async () => {
    expect(await errorOf(fitOn(mission, [syntheticFrames(mission, 1000, 21, (_, row) => row)]))).toEqual({
      code: 'input',
      message: 'no parameter ever changes in the nominal recordings: there is nothing to learn from them',
      problems: [],
    });
  });

  test('a fault class that neither the library nor a labelled pass has is refused by name', async () => {
    const own = syntheticMission(alikeParameters(2), { faults: ['offset', 'bearing-wear'] });
    expect(await errorOf(fitOn(own, [syntheticFrames(own, 1000, 22)]))).toEqual({
      code: 'input',
      message: 'some fault classes have no calibration windows',
      problems: [
        '"bearing-wear" is no class of the fault library and no labelled pass has it: give --labelled PASS --labels L with it, or remove it from the mission\'s faults',
      ],
    });
  });

  test('a class of its own is learnt from a labelled pass', async () => {
    const own = syntheticMission(alikeParameters(2), { faults: ['offset', 'chatter'] });
    const chatter: Change = (value, row, frame) =>
      row === 3 && frame >= 100 && frame < 900 ? value + (frame % 2 === 0 ? 3 : -3) * scaleOf(row) : value;
    const labelled = syntheticFrames(own, 1000, 23, chatter);
    const timeOf = (index: number): number => (labelled[index]?.kind === 'frame' ? labelled[index].frame.time : NaN);
    const labels = Array.from({ length: 8 }, (_, i) => ({
      start: timeOf(100 + 100 * i),
      end: timeOf(199 + 100 * i),
      equipment: 'u1',
      fault: 'chatter',
    }));
    const { model, manifest } = await fitOn(own, [syntheticFrames(own, 2500, 24)], {
      labelled: [{ pass: { file: 'labelled.csv', sha256: 'e'.repeat(64), assembled: labelled }, labels }],
    });
    expect(manifest.fittedOn.passes.map(({ file, frames }) => [file, frames])).toEqual([
      ['nominal.csv', 2500],
      ['labelled.csv', 1000],
    ]);
    const elsewhere: Change = (value, row, frame) =>
      row === 1 && frame >= 100 ? value + (frame % 2 === 0 ? 3 : -3) * scaleOf(row) : value;
    const revisions = track(manifest, await score(model, manifest, own, syntheticFrames(own, 300, 25, elsewhere)));
    // Learnt on u1, named on u0: the driller is shared by like equipments.
    expect(revisions.at(-1)?.anomaly.verdict).toMatchObject({ equipment: 'u0', fault: 'chatter' });
  });
});

describe('foreign detectors', () => {
  const mission = syntheticMission(alikeParameters(2));
  const frames = syntheticFrames(mission, 1500, 26);
  const fit = (bytes: Uint8Array) =>
    fitOn(mission, [frames], { casesPerClass: 48, detector: { file: 'theirs.onnx', bytes } });

  test.each([11, 13, 18])('of opset %i work, standardised values told from engineering ones', async (opset) => {
    // It halves standardised values: of engineering values of 2000 half is nowhere near.
    const { model, manifest, reports } = await fit(affineDetector({ dims: [1, 4, 8], opset, factor: 0.5, shift: 0 }));
    expect(manifest.detector).toBe('theirs.onnx');
    const reconstruction = manifest.golden.outputs['reconstruction'] ?? [];
    const expected = manifest.golden.window.map((value, i) => {
      const mean = manifest.scaling.mean[Math.floor(i / 8)] ?? NaN;
      return mean + 0.5 * (value - mean);
    });
    expect(relativeDifference(reconstruction, expected)).toBeLessThan(1e-4);
    // Of half of the signal a quarter of the variance is left.
    expect(Number(manifest.quality['reconstructionMse'])).toBeCloseTo(0.25, 1);
    expect(reports.filter((report) => report.includes('explains little'))).toEqual([]);
    const revisions = track(
      manifest,
      await score(model, manifest, mission, syntheticFrames(mission, 400, 27, offsetOn(3, 200, 5))),
    );
    expect(openedOf(revisions)).toEqual(['u1']);
  });

  test('that want engineering values get them', async () => {
    const { manifest } = await fit(affineDetector({ dims: [4, 8], factor: 0.99, shift: 0 }));
    const reconstruction = manifest.golden.outputs['reconstruction'] ?? [];
    // 0.99 of standardised values is better still: what is detected is what reconstructs better.
    expect(relativeDifference(reconstruction, manifest.golden.window)).toBeLessThan(0.02);
  });

  test('that explain nothing are reported', async () => {
    const { reports } = await fit(affineDetector({ dims: [4, 8], factor: 0, shift: 0 }));
    expect(reports.filter((report) => report.includes('explains little'))).toEqual([
      expect.stringMatching(/mean squared error [01]\.\d\d of variance 1\): was it trained on this mission\?$/),
    ]);
  });

  test('of another window are refused before anything is fitted', async () => {
    expect(await errorOf(fit(affineDetector({ dims: [4, 9] })))).toEqual({
      code: 'model',
      message: 'theirs.onnx cannot serve as a detector',
      problems: ['its input [n, 4, 9] does not hold a window of 4 parameters x 8 frames'],
    });
  });
});
