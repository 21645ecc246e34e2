/**
 * Detectors that others exported (PyTorch, three architectures, three sets of exporter options; test/support/foreign-detectors/make.py):
 * their layers are listed, a package is fitted on each with a peephole at every layer, and it finds a fault.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSession } from '../../src/adapters/model/onnx-session';
import { GRAPH } from '../../src/domain/manifest';
import { runRows } from '../../src/core/graph-session';
import { windowsOf } from '../../src/fit/nominal-windows';
import { readDetector } from '../../src/fit/onnx/read-model';
import { listTaps } from '../../src/fit/taps';
import { fitOn } from '../support/fit-request';
import { alikeParameters, scaleOf, syntheticFrames, syntheticMission } from '../support/synthetic-telemetry';

const bytesOf = (name: string): Uint8Array =>
  readFileSync(join(__dirname, '../support/foreign-detectors', `${name}.onnx`));
const mission = syntheticMission(alikeParameters(2));

const listed = (name: string) => {
  const { taps, refused } = listTaps(readDetector(bytesOf(name), `${name}.onnx`));
  return {
    taps: taps.map(
      ({ name: tap, opType, weights }) => `${tap} ${opType} ${String(weights.columns - 1)}>${String(weights.rows)}`,
    ),
    refused: refused.map(({ name: tap, opType, reason }) => `${tap} ${opType}: ${reason}`),
  };
};

test('weight layers are listed; what cannot be tapped is named with the reason', () => {
  expect(listed('image-opset11')).toEqual({
    taps: ['encoder.encoder.0 Conv 9>6', 'latent Gemm 96>12', 'back Gemm 12>96', 'decoder ConvTranspose 12>1'],
    refused: [],
  });
  expect(listed('sequence-opset14')).toEqual({
    taps: ['out MatMul 10>4'],
    refused: ['rnn LSTM: it is recurrent: its weights act on its own past, not on one input'],
  });
  expect(listed('series-opset16')).toEqual({
    taps: ['mix Conv 12>6', 'down Conv 6>5', 'up ConvTranspose 15>4'],
    refused: ['each Conv: it has 3 groups: their kernels share no inputs'],
  });
});

test.each([
  ['image-opset11', ['encoder.encoder.0', 'latent', 'back', 'decoder']],
  ['sequence-opset14', ['out']],
  ['series-opset16', ['mix', 'down', 'up']],
  // Exported for one window, and used on many.
  ['sequence-one-window', ['out']],
] as const)(
  '%s: a package with a peephole at every layer reconstructs, and tells a fault from nominal',
  async (name, layers) => {
    const { model, manifest, reports } = await fitOn(mission, [syntheticFrames(mission, 2500, 51)], {
      casesPerClass: 60,
      detector: { file: `${name}.onnx`, bytes: bytesOf(name) },
      taps: ['residual', ...layers],
    });
    expect(manifest.taps.map(({ name: tap }) => tap)).toEqual(['fused', 'residual', ...layers]);
    expect(Number(manifest.quality['reconstructionMse'])).toBeLessThan(0.15);
    expect(reports.filter((line) => line.includes('explains little'))).toEqual([]);
    const session = await openSession(model);
    const run = async (fault: number) => {
      const frames = syntheticFrames(mission, 400, 52, (value, row) =>
        row === 2 ? value + fault * scaleOf(2) : value,
      );
      const windows = windowsOf(mission, frames);
      const data = new Float32Array(windows.length * 32);
      windows.forEach(({ values }, index) => {
        data.set(values, index * 32);
      });
      return runRows(session, data, { n: windows.length, parameters: 4, frames: 8 });
    };
    const [calm, faulted] = [await run(0), await run(3)];
    await session.close();
    const share = (scores: Float32Array): number =>
      scores.filter((score) => score >= manifest.calibration.threshold).length / scores.length;
    expect(share(calm[GRAPH.score]?.data ?? new Float32Array())).toBeLessThan(0.05);
    expect(share(faulted[GRAPH.score]?.data ?? new Float32Array())).toBeGreaterThan(0.95);
    // Every peephole is a probability over its classes, window by window.
    for (const { output, classes } of manifest.tasks) {
      const data = [...(faulted[output]?.data ?? [])];
      const sums = Array.from({ length: data.length / classes.length }, (_, i) =>
        data.slice(i * classes.length, (i + 1) * classes.length).reduce((a, b) => a + b, 0),
      );
      expect(sums.length).toBeGreaterThan(0);
      expect(Math.max(...sums.map((sum) => Math.abs(sum - 1)))).toBeLessThan(1e-3);
    }
  },
);
