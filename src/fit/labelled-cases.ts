/** Calibration cases that labelled passes teach, and the labels that teach none. */
import type { Label, Window } from '../domain/telemetry';
import { isoTime } from '../domain/units';
import { TURNS, type Case } from './calibration-set';
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

/** The windows of a labelled pass, and its labels. */
export interface LabelledWindows {
  readonly windows: readonly Window[];
  readonly labels: readonly Label[];
}

/** An event that teaches: its windows lie wholly inside a label whose equipment and fault the model knows. */
interface Event {
  readonly pass: number;
  readonly fault: number;
  readonly group: number;
  readonly windows: readonly Window[];
}

const eventsOf = (
  { windows, labels }: LabelledWindows,
  pass: number,
  faults: readonly string[],
  layout: Layout,
): Event[] =>
  labels.flatMap((label) => {
    const fault = faults.indexOf(label.fault);
    const group = layout.equipment.length === 0 ? 0 : layout.equipment.indexOf(label.equipment);
    const own = windows.filter(({ start, end }) => start >= label.start && end <= label.end);
    return fault < 0 || group < 0 || own.length === 0 ? [] : [{ pass, fault, group, windows: own }];
  });

/**
 * When each event is kept back. Windows of one event are too alike to calibrate on, so a whole event is. Where several passes hold a fault,
 * all that one of them holds of it is kept back at once, for they may be of several spacecraft. A fault of one event is always learnt.
 */
const turnsOf = (events: readonly Event[]): readonly (number | 'never')[] =>
  events.map((event, index) => {
    const alike = events.filter(({ fault }) => fault === event.fault);
    if (alike.length < 2) return 'never';
    const turns = new Set(alike.map(({ pass }) => pass % TURNS));
    const before = events.slice(0, index).filter(({ fault }) => fault === event.fault).length;
    return (turns.size > 1 ? event.pass : before) % TURNS;
  });

/** What labelled passes teach, one list a pass. */
export const labelledCases = (
  passes: readonly LabelledWindows[],
  faults: readonly string[],
  layout: Layout,
): readonly (readonly Case[])[] => {
  const events = passes.flatMap((own, pass) => eventsOf(own, pass, faults, layout));
  const turns = turnsOf(events);
  return passes.map((_, at) =>
    events.flatMap(({ pass, fault, group, windows }, index) =>
      (pass === at ? windows : []).map((window) => ({
        ...besidesValues(window),
        values: window.values,
        ...{ group, fault, variant: 0, held: turns[index] ?? 'never', taught: true, event: index },
      })),
    ),
  );
};
