/** A package taken over for another spacecraft of its type: other offsets, another gain, a few nominal hours. */
import { createOnnxScorer } from '../../src/adapters/model/onnx-scorer';
import { openSession } from '../../src/adapters/model/onnx-session';
import type { AssemblyItem } from '../../src/core/telemetry/assembler-state';
import { FdirError } from '../../src/domain/errors';
import { manifestSchema, type Manifest } from '../../src/domain/manifest';
import { isoTime } from '../../src/domain/units';
import { adaptPackage } from '../../src/fit/adapt/adapt-package';
import { shiftGraph } from '../../src/fit/adapt/shift-graph';
import { judgePass } from '../../src/fit/evaluate/evaluate-pass';
import { windowsToJudge } from '../../src/fit/evaluate/evaluate-windows';
import { windowsOf } from '../../src/fit/nominal-windows';
import { fitOn, recorded } from '../support/fit-request';
import {
  alikeParameters,
  scaleOf,
  syntheticFrames,
  syntheticMission,
  type Change,
} from '../support/synthetic-telemetry';

const SEED = 71;
const mission = syntheticMission(alikeParameters(3));
/** The sister reads every parameter off by some nominal deviations, and u1_a on a scale half as large again. */
const OFFSETS = [3, -2, 4, 1, -5, 2];
const GAINED = 2;
const GAIN = 1.5;
/** Frames a second. */
const HOURS = 2000;
const sister: Change = (value, row) => (row === GAINED ? GAIN * value : value) + (OFFSETS[row] ?? 0) * scaleOf(row);

let fitted: Awaited<ReturnType<typeof fitOn>>;
beforeAll(async () => {
  fitted = await fitOn(mission, [syntheticFrames(mission, 3000, SEED)]);
}, 240_000);

const adapt = (hours: readonly AssemblyItem[], from: Manifest = fitted.manifest) =>
  adaptPackage({
    id: 'sister',
    mission: { ...mission, spacecraft: 'SYN-2' },
    nominal: [recorded(hours, 'hours.csv')],
    from: { manifest: from, model: fitted.model, detector: fitted.detector },
    openGraph: (bytes) => openSession(bytes),
    openScorer: (manifest, model) => createOnnxScorer({ folder: 'sister', manifest, readGraph: () => model }),
    report: () => undefined,
  });

const judge = async (manifest: Manifest, model: Uint8Array, assembled: readonly AssemblyItem[]) => {
  const scorer = await createOnnxScorer({ folder: manifest.id, manifest, readGraph: () => model });
  try {
    const due = windowsToJudge('stream', mission, assembled, true);
    return await judgePass({ scorer, mode: 'stream', due, labels: [], report: () => undefined });
  } finally {
    await scorer.close();
  }
};

/** Nominal telemetry of the sister in another hour. */
const later = (assembled: readonly AssemblyItem[]): AssemblyItem[] =>
  assembled.map((item): AssemblyItem =>
    item.kind === 'frame'
      ? { ...item, slot: item.slot + 100_000, frame: { ...item.frame, time: item.frame.time + 100_000_000 } }
      : item,
  );

test(`a graph that is shifted answers for the shifted window as before for the plain one (seed ${String(SEED)})`, async () => {
  const [window] = windowsOf(mission, syntheticFrames(mission, 40, SEED + 1), true).slice(-1);
  if (window === undefined) throw new Error('no window');
  const frames = mission.sampling.window;
  const { mean: fittedMean } = fitted.manifest.scaling;
  const shift = {
    fitted: Float64Array.from(fittedMean),
    mean: Float64Array.from(fittedMean, (value, row) => value + (OFFSETS[row] ?? 0) * scaleOf(row)),
    gain: Float64Array.from(fittedMean, (_, row) => (row === GAINED ? 1 / GAIN : 1)),
  };
  const to = (value: number, row: number): number =>
    (value - (shift.fitted[row] ?? 0)) / (shift.gain[row] ?? 1) + (shift.mean[row] ?? 0);
  const moved = Float32Array.from(window.values, (value, index) => to(value, Math.floor(index / frames)));
  const run = async (model: Uint8Array, data: Float32Array) => {
    const session = await openSession(model);
    const outputs = await session.run('window', { data, dims: [1, 6, frames] });
    await session.close();
    return outputs;
  };
  const plain = await run(fitted.detector, window.values);
  const graph = shiftGraph(fitted.detector, shift, { frames, file: 'detector.onnx' });
  const shifted = await run(graph, moved);
  const expected = [...(plain['reconstruction']?.data ?? [])].map((value, index) =>
    to(value, Math.floor(index / frames)),
  );
  const actual = [...(shifted['reconstruction']?.data ?? [])];
  const worst = actual.map(
    (value, index) => Math.abs(value - (expected[index] ?? NaN)) / scaleOf(Math.floor(index / frames)),
  );
  expect({ values: actual.length, isClose: Math.max(...worst) < 1e-3 }).toEqual({ values: 6 * frames, isClose: true });
});

describe(`a sister adapted on half an hour (seed ${String(SEED)})`, () => {
  const hours = syntheticFrames(mission, HOURS, SEED + 2, sister);
  let made: Awaited<ReturnType<typeof adapt>>;
  beforeAll(async () => {
    made = await adapt(hours);
  });

  test('gets offsets and the one scale that differs, and says what it is adapted from', () => {
    const { manifest, shift } = made;
    const off = OFFSETS.map((_, row) => ((shift.mean[row] ?? 0) - (shift.fitted[row] ?? 0)) / scaleOf(row));
    // Of the parameter with another gain the level grows with it.
    const wanted = OFFSETS.map((value, row) => (row === GAINED ? value + ((GAIN - 1) * 2000) / scaleOf(row) : value));
    off.forEach((value, row) => {
      expect(Math.abs(value - (wanted[row] ?? NaN))).toBeLessThan(0.35);
    });
    expect([...shift.gain].map((gain) => Number(gain.toFixed(1)))).toEqual([1, 1, 0.7, 1, 1, 1]);
    expect(manifestSchema.safeParse(manifest).success).toBe(true);
    expect(manifest.adapted).toMatchObject({
      from: { id: 'synthetic', sha256: fitted.manifest.sha256, spacecraft: 'SYN-1' },
      passes: [{ file: 'hours.csv', sha256: 'd'.repeat(64), frames: HOURS }],
      judgesFrom: isoTime(windowsOf(mission, hours, true).at(-1)?.end ?? NaN),
    });
  });

  test('judges its later telemetry with few alarms, where the package as it was is in alarm throughout', async () => {
    const next = later(syntheticFrames(mission, 1000, SEED + 3, sister));
    const own = await judge(made.manifest, made.model, next);
    const old = await judge({ ...fitted.manifest, spacecraft: 'SYN-2' }, fitted.model, next);
    const share = ({ windows }: typeof own, threshold: number): number =>
      windows.filter(({ score }) => score >= threshold).length / windows.length;
    expect(share(old, fitted.manifest.calibration.threshold)).toBeGreaterThan(0.9);
    expect(share(own, made.manifest.calibration.threshold)).toBeLessThan(0.02);
    expect(own.anomalies.length).toBeLessThanOrEqual(1);
  });

  test('finds a fault of the sister', async () => {
    const faulty: Change = (value, row, frame) =>
      sister(value, row, frame) + (row === 4 && frame >= 600 && frame < 800 ? 3 * scaleOf(row) : 0);
    const { anomalies } = await judge(
      made.manifest,
      made.model,
      later(syntheticFrames(mission, 1000, SEED + 4, faulty)),
    );
    expect(anomalies.map(({ verdict }) => verdict.equipment)).toContain('u2');
  });

  test('never lowers a threshold, and says nothing about the hours it was adapted on', async () => {
    const { manifest, model } = made;
    const before = fitted.manifest.calibration.budgets;
    expect(manifest.calibration.budgets.every(({ threshold }, i) => threshold >= (before[i]?.threshold ?? 0))).toBe(
      true,
    );
    const { windows, unscored, anomalies } = await judge(manifest, model, hours);
    expect({ windows: windows.length, anomalies: anomalies.length, isCounted: unscored > 490 }).toEqual({
      windows: 0,
      anomalies: 0,
      isCounted: true,
    });
  });

  test('is not adapted again', async () => {
    await expect(adapt(hours, made.manifest)).rejects.toThrow('is itself adapted, from "synthetic": adapt that one');
  });
});

test(`of hours like those of the fit no scale is taken (seed ${String(SEED)})`, async () => {
  const { taken, shift } = await adapt(syntheticFrames(mission, HOURS, SEED + 5));
  expect(taken).not.toBe('offsets and scales');
  expect([...shift.gain]).toEqual([1, 1, 1, 1, 1, 1]);
});

test('too few hours are refused with what is there and what is needed', async () => {
  await expect(adapt(syntheticFrames(mission, 900, SEED + 5))).rejects.toThrow(
    new FdirError(
      'input',
      'the nominal recordings give 223 usable windows, 0.25 h of telemetry; to adapt a package, at least 0.28 h are needed: record more',
    ),
  );
});
