/** A labelled pass teaches what a fault looks like: after that it is found where nothing else sees it, and nowhere else. */
import { createOnnxScorer } from '../../src/adapters/model/onnx-scorer';
import type { AssemblyItem } from '../../src/core/telemetry/assembler-state';
import type { Label } from '../../src/domain/telemetry';
import { judgePass } from '../../src/fit/evaluate/evaluate-pass';
import { windowsToJudge } from '../../src/fit/evaluate/evaluate-windows';
import { readSight } from '../../src/fit/head-sight';
import { fitOn, recorded } from '../support/fit-request';
import {
  alikeParameters,
  scaleOf,
  syntheticFrames,
  syntheticMission,
  type Change,
} from '../support/synthetic-telemetry';

const SEED = 20261130;
const FRAMES = 2000;
const EVENT = 24;
const mission = syntheticMission(alikeParameters(3), { faults: ['offset', 'impulse', 'leak'] });

/** Starts of the events, in frames; a leak lifts both parameters of u1 a little, as their common cause also does. */
const starts = Array.from({ length: 12 }, (_, index) => 120 + 150 * index);
const isIn = (frame: number): boolean => starts.some((start) => frame >= start && frame < start + EVENT);
const leak: Change = (value, row, frame) =>
  isIn(frame) && (row === 2 || row === 3) ? value + 0.34 * scaleOf(row) : value;
const labelsOf = (frames: readonly AssemblyItem[]): Label[] =>
  starts.map((start) => {
    const timeOf = (index: number): number => {
      const item = frames[index];
      return item?.kind === 'frame' ? item.frame.time : NaN;
    };
    return { start: timeOf(start), end: timeOf(start + EVENT - 1), equipment: 'u1', fault: 'leak' };
  });

const fit = (taught: readonly AssemblyItem[]) =>
  fitOn(mission, [syntheticFrames(mission, 6000, SEED)], {
    casesPerClass: 96,
    labelled: [{ pass: recorded(taught, 'taught.csv'), labels: labelsOf(taught) }],
  });

describe(`a faint leak (seed ${String(SEED)})`, () => {
  let fitted: Awaited<ReturnType<typeof fit>>;
  beforeAll(async () => {
    fitted = await fit(syntheticFrames(mission, FRAMES, SEED + 1, leak));
  });

  const judge = async (frames: readonly AssemblyItem[], labels: readonly Label[]) => {
    const scorer = await createOnnxScorer({
      folder: 'p',
      readGraph: () => fitted.model,
      manifest: fitted.manifest,
    });
    try {
      const due = windowsToJudge('stream', mission, frames, true);
      return await judgePass({ scorer, mode: 'stream', due, labels, leaveOut: ['taught'], report: () => undefined });
    } finally {
      await scorer.close();
    }
  };

  test('is seen by the head of taught faults, and by that of the window much less', () => {
    const sight = new Map(readSight(fitted.manifest.quality['seenByHead']).map(({ head, shares }) => [head, shares]));
    expect(sight.get('taught')?.['leak']).toBeGreaterThan(1.3 * (sight.get('window')?.['leak'] ?? NaN));
  });

  test('is found, named and located on a pass that nothing was fitted on, and not without what was taught', async () => {
    const unseen = syntheticFrames(mission, FRAMES, SEED + 2, leak);
    const labels = labelsOf(unseen);
    const { anomalies, leftOut = [] } = await judge(unseen, labels);
    const found = labels.filter(({ start, end }) => anomalies.some((own) => own.start <= end && own.lastHit >= start));
    const right = anomalies.filter(({ verdict }) => verdict.equipment === 'u1' && verdict.fault === 'leak');
    expect(found.length).toBeGreaterThanOrEqual(10);
    expect(right.length).toBeGreaterThanOrEqual(0.9 * anomalies.length);
    const without = leftOut[0]?.anomalies ?? [];
    expect(
      labels.filter(({ start, end }) => without.some((own) => own.start <= end && own.lastHit >= start)).length,
    ).toBeLessThanOrEqual(found.length / 2);
  });

  test('accuses nobody on nominal telemetry', async () => {
    const { anomalies } = await judge(syntheticFrames(mission, FRAMES, SEED + 3), []);
    expect(anomalies.map(({ start, verdict }) => [start, verdict.equipment, verdict.fault])).toEqual([]);
  });
});

test('a package that nothing was taught has no such head', async () => {
  const plain = syntheticMission(alikeParameters(3));
  const { manifest } = await fitOn(plain, [syntheticFrames(plain, 2500, SEED + 4)], { casesPerClass: 48 });
  expect(manifest.calibration.sustained?.heads.map(({ name }) => name)).not.toContain('taught');
});
