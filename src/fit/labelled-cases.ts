/** Calibration cases that labelled passes teach, and the labels that teach none. */
import type { Label, Window } from '../domain/telemetry';
import { isoTime } from '../domain/units';
import { HELD, type Case } from './calibration-set';
import { besidesValues } from './faulted-window';
import type { Layout } from './layout';

/** Labels that teach nothing, with the reason: a label nobody hears of is a fault class that stays weak. */
export const describeUseless = (
  windows: readonly Window[],
  labels: readonly Label[],
  faults: readonly string[],
  layout: Layout,
): string[] =>
  labels.flatMap((label) => {
    const name = `label "${label.fault}"${label.equipment === '' ? '' : ` of ${label.equipment}`} from ${isoTime(label.start)}`;
    if (!faults.includes(label.fault)) return [`${name} is left out: no such fault class in the mission`];
    if (layout.equipment.length > 0 && !layout.equipment.includes(label.equipment))
      return [`${name} is left out: the mission has no equipment "${label.equipment}"`];
    if (windows.some(({ start, end }) => start >= label.start && end <= label.end)) return [];
    return windows.some(({ start, end }) => start <= label.end && label.start <= end)
      ? [
          `${name} is left out: it is shorter than a window of ${String(layout.frames)} frames, or its samples are unusable`,
        ]
      : [`${name} is left out: it lies outside the pass`];
  });

/** Windows of a labelled pass that lie wholly inside a label whose equipment and fault the model knows. */
export const labelledCases = (
  windows: readonly Window[],
  labels: readonly Label[],
  faults: readonly string[],
  layout: Layout,
): Case[] =>
  labels.flatMap((label, index) => {
    const fault = faults.indexOf(label.fault);
    const group = layout.equipment.length === 0 ? 0 : layout.equipment.indexOf(label.equipment);
    if (fault < 0 || group < 0) return [];
    // Whole events are held back: windows of one event are too alike to calibrate on.
    const before = labels.slice(0, index).filter((other) => other.fault === label.fault).length;
    return windows
      .filter(({ start, end }) => start >= label.start && end <= label.end)
      .map((window) => ({
        ...besidesValues(window),
        values: window.values,
        group,
        fault,
        variant: 0,
        held: before % HELD === HELD - 1,
        taught: true,
      }));
  });
