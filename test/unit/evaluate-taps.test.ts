import type { Manifest } from '../../src/domain/manifest';
import type { EvaluatedWindow } from '../../src/fit/evaluate/evaluate-pass';
import { tapFigures } from '../../src/fit/evaluate/evaluate-taps';
import { trackerManifest } from '../support/scored-windows';

const base = trackerManifest({ equipment: ['rw0', 'rw1'], faults: ['offset', 'step'] });
const [task] = base.tasks;
const [tap] = base.taps;
if (task === undefined || tap === undefined) throw new Error('the support manifest has a tap');
/** A shared tap, and one on the whole window with a task each for equipment and fault. */
const manifest: Manifest = {
  ...base,
  taps: [tap, { ...tap, name: 'layer', kind: 'layer', perEquipment: false }],
  tasks: [
    task,
    { ...task, tap: 'layer', output: 'peephole/layer/fault', classes: ['nominal', 'offset', 'step'] },
    { name: 'equipment', tap: 'layer', output: 'peephole/layer/equipment', classes: ['nominal', 'rw0', 'rw1'] },
  ],
};

const inside = (
  equipment: string,
  fault: string,
  peepholes: readonly (readonly number[])[],
  score = 1,
): EvaluatedWindow => ({
  start: 0,
  end: 3000,
  score,
  truth: { kind: 'inside', label: { start: 0, end: 3000, equipment, fault } },
  verdict: undefined,
  peepholeEquipment: undefined,
  peepholes: peepholes.map((row) => Float32Array.from(row)),
});

// Rows [nominal, offset, step, unknown] of rw0 and rw1; then the layer's two tasks.
const sharedSaysOffsetOfRw0 = [0.3, 0.5, 0.1, 0.1, 0.8, 0.1, 0.1, 0];
const layerSaysStep = [0.6, 0.1, 0.3];
const layerSaysRw1 = [0.9, 0.02, 0.08];
const windows = [
  inside('rw0', 'offset', [sharedSaysOffsetOfRw0, layerSaysStep, layerSaysRw1]),
  inside('rw1', 'step', [sharedSaysOffsetOfRw0, layerSaysStep, layerSaysRw1]),
];

test('each tap is judged by its likeliest named class: nominal and unknown are no names', () => {
  expect(tapFigures(manifest, windows, 0)).toEqual([
    { tap: tap.name, windows: 2, equipment: 0.5, fault: 0.5, both: 0.5 },
    { tap: 'layer', windows: 2, equipment: 0.5, fault: 0.5, both: 0.5 },
  ]);
  expect(tapFigures(manifest, windows.slice(1), 0).map(({ both }) => both)).toEqual([0, 1]);
});

test('windows that were not detected, and faults that the model does not know, say nothing of a tap', () => {
  const unknown = inside('rw0', 'friction', [sharedSaysOffsetOfRw0, layerSaysStep, layerSaysRw1]);
  const faint = inside('rw0', 'offset', [sharedSaysOffsetOfRw0, layerSaysStep, layerSaysRw1], -1);
  expect(tapFigures(manifest, [unknown, faint], 0)[0]).toEqual({
    tap: tap.name,
    windows: 0,
    equipment: null,
    fault: null,
    both: null,
  });
});
