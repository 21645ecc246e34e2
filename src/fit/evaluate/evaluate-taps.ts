/** What each tap alone would have said: the verdict of all taps together has to be better than any of them. */
import { confusionOf } from '../../core/metrics/confusion';
import { verdictEquipment, verdictFaults } from '../../core/anomaly/verdict';
import { UNKNOWN } from '../../domain/explanation';
import type { Manifest, TaskInfo } from '../../domain/manifest';
import type { EvaluatedWindow } from './evaluate-pass';

export interface TapFigures {
  readonly tap: string;
  /** Detected windows inside labels whose equipment and fault the model knows. */
  readonly windows: number;
  /** Balanced accuracies of the likeliest class, and the share of windows where equipment and fault are both right; null without any. */
  readonly equipment: number | null;
  readonly fault: number | null;
  readonly both: number | null;
}

interface Truth {
  readonly equipment: string;
  readonly fault: string;
  readonly peepholes: readonly Float32Array[];
}

const likeliest = (values: ArrayLike<number>, columns: readonly number[]): number =>
  columns.reduce((best, column) => ((values[column] ?? 0) > (values[best] ?? 0) ? column : best), columns[0] ?? 0);

/** The likeliest pair at a tap whose rows are equipments. */
const ofShared = (task: TaskInfo, rows: Float32Array, equipment: readonly string[], faults: readonly string[]) => {
  const width = task.classes.length;
  const columns = equipment.flatMap((_, row) => faults.map((fault) => row * width + task.classes.indexOf(fault)));
  const best = likeliest(rows, columns);
  return { equipment: equipment[Math.floor(best / width)] ?? UNKNOWN, fault: task.classes[best % width] ?? UNKNOWN };
};

/** The likeliest class of one task of a whole-window tap, of those that are named. */
const ofWhole = (task: TaskInfo | undefined, row: Float32Array | undefined, names: readonly string[]): string => {
  if (task === undefined || row === undefined) return names[0] ?? UNKNOWN;
  return (
    task.classes[
      likeliest(
        row,
        names.map((name) => task.classes.indexOf(name)).filter((column) => column >= 0),
      )
    ] ?? UNKNOWN
  );
};

/** Figures of every tap, in the manifest's order, with the class that it gives most. */
export const tapFigures = (
  manifest: Manifest,
  windows: readonly EvaluatedWindow[],
  threshold: number,
): readonly TapFigures[] => {
  const equipment = verdictEquipment(manifest);
  const faults = verdictFaults(manifest).filter((fault) => fault !== UNKNOWN);
  const cases = windows.flatMap(({ truth, score, peepholes }): Truth[] => {
    if (truth.kind !== 'inside' || score < threshold || !faults.includes(truth.label.fault)) return [];
    const named = manifest.equipment.length === 0 ? (equipment[0] ?? UNKNOWN) : truth.label.equipment;
    return equipment.includes(named) ? [{ equipment: named, fault: truth.label.fault, peepholes }] : [];
  });
  return manifest.taps.map(({ name, perEquipment }): TapFigures => {
    const at = (task: string): number => manifest.tasks.findIndex((item) => item.tap === name && item.name === task);
    const [faultAt, equipmentAt] = [at('fault'), at('equipment')];
    const said = cases.map(({ peepholes }) => {
      const task = manifest.tasks[faultAt];
      const rows = peepholes[faultAt];
      if (perEquipment && task !== undefined && rows !== undefined) return ofShared(task, rows, equipment, faults);
      return {
        equipment: ofWhole(manifest.tasks[equipmentAt], peepholes[equipmentAt], equipment),
        fault: ofWhole(task, rows, faults),
      };
    });
    const judged = (of: 'equipment' | 'fault', order: readonly string[]): number | null =>
      confusionOf(
        cases.map((item, index) => ({ truth: item[of], verdict: said[index]?.[of] ?? UNKNOWN })),
        order,
        UNKNOWN,
      ).balancedAccuracy;
    const right = cases.filter(
      (item, index) => said[index]?.equipment === item.equipment && said[index].fault === item.fault,
    );
    return {
      tap: name,
      windows: cases.length,
      equipment: judged('equipment', equipment),
      fault: judged('fault', faults),
      both: cases.length === 0 ? null : right.length / cases.length,
    };
  });
};
