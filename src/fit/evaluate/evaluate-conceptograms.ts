/** The conceptogram a fault class leaves on average: what its windows light up at every tap. */
import { verdictEquipment } from '../../core/anomaly/verdict';
import type { Manifest } from '../../domain/manifest';
import type { EvaluatedWindow } from './evaluate-pass';

export interface ConceptRow {
  readonly tap: string;
  readonly task: string;
  /** Of an equipment-shared tap: the equipment at fault, or the mean of the others. */
  readonly whose: 'equipment at fault' | 'other equipments' | 'whole window';
  readonly classes: readonly string[];
  readonly posterior: readonly number[];
}

export interface MeanConceptogram {
  readonly fault: string;
  /** Detected windows inside labels of the fault. */
  readonly windows: number;
  readonly rows: readonly ConceptRow[];
}

const meanOf = (rows: readonly Float32Array[], width: number): number[] =>
  Array.from({ length: width }, (_, column) =>
    rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + (row[column] ?? 0), 0) / rows.length,
  );

interface LabelledPeepholes {
  readonly equipment: string;
  readonly peepholes: readonly Float32Array[];
}

/** For the task that names the equipment the classes differ from label to label; what can be averaged is right and wrong. */
const equipmentRow = (
  classes: readonly string[],
  own: readonly LabelledPeepholes[],
  at: number,
): Pick<ConceptRow, 'classes' | 'posterior'> => {
  const right = own.map(({ equipment, peepholes }) => peepholes[at]?.[classes.indexOf(equipment)] ?? 0);
  const mean = right.reduce((a, b) => a + b, 0) / Math.max(1, right.length);
  return { classes: ['right equipment', 'any other'], posterior: [mean, 1 - mean] };
};

const rowsOf = (manifest: Manifest, own: readonly LabelledPeepholes[]): ConceptRow[] => {
  const equipment = verdictEquipment(manifest);
  return manifest.tasks.flatMap(({ tap, name: task, classes }, at): ConceptRow[] => {
    const width = classes.length;
    const isShared = manifest.taps.find((item) => item.name === tap)?.perEquipment ?? false;
    const place = { tap, task };
    if (!isShared && equipment.every((name) => classes.includes(name))) {
      return [{ ...place, whose: 'whole window', ...equipmentRow(classes, own, at) }];
    }
    const rows = (wanted: (row: number, truth: string) => boolean): Float32Array[] =>
      own.flatMap((item) => {
        const posterior = item.peepholes[at] ?? new Float32Array();
        const count = posterior.length / width;
        return Array.from({ length: count }, (_, row) => posterior.subarray(row * width, (row + 1) * width)).filter(
          (_, row) => wanted(row, item.equipment),
        );
      });
    if (!isShared)
      return [
        {
          ...place,
          whose: 'whole window',
          classes,
          posterior: meanOf(
            rows(() => true),
            width,
          ),
        },
      ];
    const faulty = rows((row, truth) => equipment[row] === truth);
    const others = rows((row, truth) => equipment[row] !== truth);
    return [
      { ...place, whose: 'equipment at fault', classes, posterior: meanOf(faulty, width) },
      ...(others.length === 0
        ? []
        : [{ ...place, whose: 'other equipments' as const, classes, posterior: meanOf(others, width) }]),
    ];
  });
};

/** By fault, in the order the faults first occur; detected windows inside labels that name an equipment of the model only. */
export const meanConceptograms = (
  manifest: Manifest,
  windows: readonly EvaluatedWindow[],
  threshold: number,
): readonly MeanConceptogram[] => {
  const byFault = new Map<string, LabelledPeepholes[]>();
  const equipment = verdictEquipment(manifest);
  for (const { truth, score, peepholes } of windows) {
    if (truth.kind !== 'inside' || score < threshold || truth.label.fault === '') continue;
    const named = manifest.equipment.length === 0 ? (equipment[0] ?? '') : truth.label.equipment;
    if (!equipment.includes(named)) continue;
    byFault.set(truth.label.fault, [...(byFault.get(truth.label.fault) ?? []), { equipment: named, peepholes }]);
  }
  return [...byFault].map(([fault, own]) => ({ fault, windows: own.length, rows: rowsOf(manifest, own) }));
};
