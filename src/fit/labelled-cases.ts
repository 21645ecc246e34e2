/** Calibration cases that labelled passes teach, and the labels that teach none. */
import type { Label, Window } from '../domain/telemetry';
import { isoTime } from '../domain/units';
import { HELD, type Case } from './calibration-set';
import { besidesValues } from './faulted-window';
import type { Layout } from './layout';

/** A label that teaches nothing. */
export interface UselessLabel {
  readonly label: string;
  readonly reason: string;
}

/** Labels that teach nothing, with the reason: a label nobody hears of is a fault class that stays weak. */
export const uselessLabels = (
  windows: readonly Window[],
  labels: readonly Label[],
  faults: readonly string[],
  layout: Layout,
): UselessLabel[] =>
  labels.flatMap(({ fault, equipment, start: from, end: to }) => {
    const label = `"${fault}"${equipment === '' ? '' : ` of ${equipment}`} from ${isoTime(from)}`;
    if (!faults.includes(fault)) return [{ label, reason: `the mission has no fault class "${fault}"` }];
    if (layout.equipment.length > 0 && !layout.equipment.includes(equipment))
      return [{ label, reason: `the mission has no equipment "${equipment}"` }];
    if (windows.some(({ start, end }) => start >= from && end <= to)) return [];
    const isInside = windows.some(({ start, end }) => start <= to && from <= end);
    const short = `shorter than a window of ${String(layout.frames)} frames, or samples that are unusable`;
    return [{ label, reason: isInside ? short : 'outside the pass' }];
  });

/** With the recording that its file of labels belongs to. */
export interface LeftOutLabel extends UselessLabel {
  readonly pass: string;
}

/** Examples a reason: the rest is only counted. */
const TOLD_LABELS = 3;

/** A line a reason, with how many labels it leaves out and the first of them. */
export const describeUseless = (useless: readonly UselessLabel[]): string[] =>
  [...new Set(useless.map(({ reason }) => reason))].map((reason) => {
    const all = useless.filter((one) => one.reason === reason);
    const told = all.slice(0, TOLD_LABELS).map(({ label }) => label);
    const more = all.length - told.length;
    const count = all.length === 1 ? '1 label is' : `${String(all.length)} labels are`;
    return `${count} left out: ${reason} (${told.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''})`;
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
