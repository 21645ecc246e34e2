import { openSession } from '../../src/adapters/onnx-session';
import { windowsOf } from '../../src/fit/nominal-windows';
import { fitOn } from '../support/fit-request';
import { alikeParameters, scaleOf, syntheticFrames, syntheticMission, type Change } from '../support/synthetic-telemetry';
const offs = (rows: number[], size: number): Change => (v, r) => (rows.includes(r) ? v + (r % 2 ? -1 : 1) * size * scaleOf(r) : v);
test.each([
  ['noeq', [{ id: 'p' }, { id: 'q' }, { id: 'r' }], {}, [[0, 1, 2], [1]]],
  ['short1', alikeParameters(2), { window: 4, stride: 2, faults: ['offset'] }, [[2, 3], [2]]],
  ['short2', alikeParameters(2), { window: 4, stride: 2, faults: ['offset', 'impulse'] }, [[2, 3], [2]]],
  ['short3', alikeParameters(2), { window: 4, stride: 2, faults: ['offset', 'impulse', 'white-noise', 'drift'] }, [[2, 3], [2]]],
] as const)('%s', async (name, params, choice, targets) => {
  const mission = syntheticMission(params as never, choice as never);
  const { model, manifest } = await fitOn(mission, [syntheticFrames(mission, 3000, 14)]);
  const s = await openSession(model);
  for (const rows of targets) for (const size of [1, 5]) {
    const ws = windowsOf(mission, syntheticFrames(mission, 200, 15, offs([...rows] as number[], size)));
    const data = new Float32Array(ws.length * ws[0]!.values.length);
    ws.forEach((w, i) => data.set(w.values, i * w.values.length));
    const out = await s.run('window', { data, dims: [ws.length, mission.parameters.length, mission.sampling.window] });
    const p = out[manifest.tasks[0]!.output]!;
    const width = p.dims.slice(1).reduce((a, b) => a * b, 1);
    const mean = Array.from({ length: width }, (_, j) => ws.reduce((a, _w, i) => a + p.data[i * width + j]!, 0) / ws.length);
    console.log(name, rows, size, mean.map((v) => v.toFixed(3)).join(' '), JSON.stringify(manifest.quality));
  }
});
