/** The calibration set of the drillers: nominal windows with faults injected, and windows of labelled passes. */
import type { Random } from '../core/random';
import { FdirError } from '../domain/errors';
import type { Label, Window } from '../domain/telemetry';
import { isoTime } from '../domain/units';
import { isFaultClass } from './faults/fault-classes';
import { fitFault } from './faults/fit-fault';
import type { Layout } from './layout';
import type { Scaling } from './graph/front';

/** One faulted window: engineering values, the group it is in and its class. */
export interface Case {
  readonly values: Float32Array;
  readonly group: number;
  readonly fault: number;
  /** Which intensity it was made with; 0 for recorded faults. Faint and strong faults of a class look different. */
  readonly variant: number;
  /** Kept back from fitting: temperature and levels are calibrated on these. */
  readonly held: boolean;
}

/** Intensities that the drillers learn: the published one, and faint ones, since those are what limit checks miss. */
export const INTENSITIES: readonly number[] = [1, 0.3, 0.1];
/** What the published method is calibrated at. */
export const PUBLISHED_INTENSITIES: readonly number[] = [1];
/** Subspace alteration saturates: the published protocol gives it half the intensity. */
const intensityOf = (fault: string, delta: number): number =>
  fault === 'subspace-alteration' ? (delta >= 1 ? 0.5 : delta >= 0.3 ? 0.35 : 0.26) : delta;
/** Nominal blocks that the fault classes with statistics are fitted on. */
const BLOCKS = 400;
/** One case in four is held back. */
const HELD = 4;

const standardise = (
  window: Window,
  group: readonly number[],
  { mean, std }: Scaling,
  frames: number,
): Float64Array => {
  const block = new Float64Array(group.length * frames);
  group.forEach((parameter, row) => {
    for (let t = 0; t < frames; t += 1) {
      block[row * frames + t] =
        ((window.values[parameter * frames + t] as number) - (mean[parameter] as number)) / (std[parameter] as number);
    }
  });
  return block;
};

const restore = (
  window: Window,
  block: Float64Array,
  group: readonly number[],
  { mean, std }: Scaling,
  frames: number,
): Float32Array => {
  const values = window.values.slice();
  group.forEach((parameter, row) => {
    for (let t = 0; t < frames; t += 1)
      values[parameter * frames + t] =
        (block[row * frames + t] as number) * (std[parameter] as number) + (mean[parameter] as number);
  });
  return values;
};

/**
 * Faults of the library in nominal windows: `perClass` cases a class, spread over intensities and equipments.
 * A class that cannot reach an intensity on these equipments is left out at that intensity; one that reaches none is reported.
 */
export const injectedCases = (
  nominal: readonly Window[],
  faults: readonly string[],
  layout: Layout,
  scaling: Scaling,
  perClass: number,
  intensities: readonly number[],
  random: Random,
  report: (message: string) => void,
): Case[] => {
  const { groups, frames } = layout;
  const cases: Case[] = [];
  const step = Math.max(1, Math.floor(nominal.length / BLOCKS));
  const reference = nominal.filter((_, index) => index % step === 0);
  faults.forEach((fault, index) => {
    if (!isFaultClass(fault)) return;
    const share = Math.ceil(perClass / (intensities.length * groups.length));
    let made = 0;
    groups.forEach((group, groupIndex) => {
      const blocks = reference.map((window) => standardise(window, group, scaling, frames));
      for (const [variant, delta] of intensities.entries()) {
        const stream = random.fork(`${fault}/${String(groupIndex)}/${String(delta)}`);
        try {
          const injector = fitFault(fault, intensityOf(fault, delta), blocks, group.length, frames);
          for (let i = 0; i < share; i += 1) {
            const window = nominal[stream.int(nominal.length)];
            if (window === undefined) continue;
            const block = injector.apply(standardise(window, group, scaling, frames), group.length, frames, stream);
            cases.push({
              values: restore(window, block, group, scaling, frames),
              group: groupIndex,
              fault: index,
              variant,
              held: i % HELD === HELD - 1,
            });
            made += 1;
          }
        } catch (error) {
          if (!(error instanceof FdirError)) throw error;
          report(
            `${fault} at intensity ${String(intensityOf(fault, delta))} is left out for equipment ${layout.equipment[groupIndex] ?? 'all'}: ${error.message}`,
          );
        }
      }
    });
    if (made === 0)
      throw new FdirError(
        'input',
        `fault class "${fault}" cannot be injected into this telemetry at any intensity: remove it from the mission's faults`,
      );
  });
  return cases;
};

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
      .map((window) => ({ values: window.values, group, fault, variant: 0, held: before % HELD === HELD - 1 }));
  });
