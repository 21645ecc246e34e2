/** The calibration set of the drillers: nominal windows with faults injected, and windows of labelled passes. */
import type { Random } from '../core/random';
import type { InputWindow } from '../core/telemetry/model-input';
import { SPANS, SUMMARIES, SUMMARY } from '../core/telemetry/summaries';
import { FdirError } from '../domain/errors';
import type { Label, Window } from '../domain/telemetry';
import { isoTime } from '../domain/units';
import type { FaultInjector } from './faults/block';
import { isFaultClass, type FaultClass } from './faults/fault-classes';
import { fitFault } from './faults/fit-fault';
import type { Layout } from './layout';
import type { Scaling } from './graph/front';

/** One faulted window: engineering values, the group it is in and its class. */
export interface Case extends InputWindow {
  readonly group: number;
  readonly fault: number;
  /** Which intensity it was made with; 0 for recorded faults. Faint and strong faults of a class look different. */
  readonly variant: number;
  /** Kept back from fitting: temperature and levels are calibrated on these. */
  readonly held: boolean;
  /** From a labelled pass, not injected. */
  readonly taught: boolean;
}

export interface InjectionPlan {
  /** Cases a class, spread over intensities and equipments. */
  readonly perClass: number;
  readonly intensities: readonly number[];
  /**
   * Some cases disturb one channel alone, as a failing sensor does, and in some a part of the disturbance reaches the other equipments, as a
   * shared shaft or bus passes it on. The published method is calibrated without either.
   */
  readonly varied: boolean;
}

/** Intensities that the drillers learn: the published one, and faint ones, since those are what limit checks miss. */
export const INTENSITIES: readonly number[] = [1, 0.3, 0.1];
/** What the published method is calibrated at. */
export const PUBLISHED_INTENSITIES: readonly number[] = [1];
/** Subspace alteration saturates: the published protocol gives it half the intensity. */
const intensityOf = (fault: string, delta: number): number =>
  fault === 'subspace-alteration' ? (delta >= 1 ? 0.5 : delta >= 0.3 ? 0.35 : 0.26) : delta;
/** What a model is given of a window besides its values. */
const besidesValues = ({ measured, memory }: Window): Omit<InputWindow, 'values'> => ({
  ...(measured && { measured }),
  ...(memory && { memory }),
});

/** Nominal blocks that the fault classes with statistics are fitted on. */
const BLOCKS = 400;
/** One case in four is held back. */
const HELD = 4;
/** Nominal windows next to each other share frames: held cases come from stretches of their own, of so many windows. */
const HELD_STRETCH = 64;
/** Every so many-th case disturbs one channel alone; every so many-th reaches the other equipments. */
const ONE_CHANNEL = 4;
const LEAKING = 5;
/** Every so many-th offset or drift has lasted for longer than the window. */
const LASTING = 4;
/** Share of a disturbance that another equipment gets, at least and at most. */
const LEAK = [0.02, 0.35] as const;

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

/** The windows that cases are learnt in, and those that held cases are made in; all of them where there are too few to deal out. */
const pools = (nominal: readonly Window[]): readonly [readonly Window[], readonly Window[]] => {
  const isHeld = (index: number): boolean => Math.floor(index / HELD_STRETCH) % HELD === HELD - 1;
  const held = nominal.filter((_, index) => isHeld(index));
  return held.length === 0 ? [nominal, nominal] : [nominal.filter((_, index) => !isHeld(index)), held];
};

/** Puts a part of a disturbance into the other equipments: of one of its channels, into some of theirs. */
const leak = (values: Float32Array, change: Float64Array, group: number, at: Site, random: Random): void => {
  const { layout, scaling } = at;
  const { frames, groups } = layout;
  const source = random.int(change.length / frames);
  groups.forEach((other, index) => {
    if (index === group || random.uniform() < 0.3) return;
    const share = (LEAK[0] + (LEAK[1] - LEAK[0]) * random.uniform()) * (random.uniform() < 0.5 ? -1 : 1);
    for (const parameter of other) {
      if (random.uniform() < 0.4) continue;
      for (let t = 0; t < frames; t += 1) {
        const place = parameter * frames + t;
        const off = share * (change[source * frames + t] as number) * (scaling.std[parameter] as number);
        values[place] = (values[place] as number) + off;
      }
    }
  });
};

/** Frames that a lasting fault has been there for at most, and its size at least, nominal deviations. */
const LONGEST_FAULT = 600;
const FAINTEST = 0.05;

/**
 * A window in the middle of an offset or a drift that has lasted for longer than the window: the memory holds its share. What faint faults do
 * is seen by the heads of the memory alone.
 */
const makeLasting = (
  window: Window,
  fault: 'offset' | 'drift',
  group: number,
  { layout, scaling }: Site,
  random: Random,
): InputWindow => {
  const { frames } = layout;
  const own = layout.groups[group] ?? [];
  const values = window.values.slice();
  const memory = window.memory?.slice();
  const age = Math.round(frames * Math.max(1, LONGEST_FAULT / frames) ** random.uniform());
  const size = FAINTEST ** random.uniform();
  const alone = random.uniform() < 0.5 ? random.int(own.length) : -1;
  own.forEach((parameter, channel) => {
    const height = size * (scaling.std[parameter] as number) * (random.uniform() < 0.5 ? -1 : 1);
    if (alone >= 0 && alone !== channel) return;
    const slope = fault === 'drift' ? height / age : 0;
    for (let t = 0; t < frames; t += 1) {
      const ago = frames - 1 - t;
      const at = parameter * frames + t;
      if (ago < age) values[at] = (values[at] as number) + height - slope * ago;
    }
    SPANS.forEach((span, index) => {
      // An exponential mean of a level, and of a ramp that it lags behind.
      const share = 1 - Math.exp(-age / span);
      const lag = slope * (span * share - age * (1 - share));
      const at = parameter * SUMMARIES + (SUMMARY.mean[index] ?? 0);
      if (memory !== undefined) memory[at] = (memory[at] as number) + height * share - lag;
    });
  });
  return { ...besidesValues(window), values, ...(memory && { memory }) };
};

/** What every case is made with. */
interface Site {
  readonly layout: Layout;
  readonly scaling: Scaling;
}

/** One fault in one window. @param kind says which cases disturb one channel, and which leak. */
const makeCase = (
  window: Window,
  injector: FaultInjector,
  group: number,
  kind: { readonly oneChannel: boolean; readonly leaks: boolean },
  at: Site,
  random: Random,
): Float32Array => {
  const { layout, scaling } = at;
  const { frames } = layout;
  const own = layout.groups[group] ?? [];
  const before = standardise(window, own, scaling, frames);
  const after = injector.apply(before, own.length, frames, random);
  if (kind.oneChannel) {
    const kept = random.int(own.length);
    for (let i = 0; i < after.length; i += 1) if (Math.floor(i / frames) !== kept) after[i] = before[i] as number;
  }
  const values = restore(window, after, own, scaling, frames);
  if (kind.leaks)
    leak(
      values,
      after.map((value, i) => value - (before[i] as number)),
      group,
      at,
      random,
    );
  return values;
};

/**
 * Faults of the library in nominal windows. A class that cannot reach an intensity on these equipments is left out at that intensity; one
 * that reaches none is reported.
 */
export const injectedCases = (
  nominal: readonly Window[],
  faults: readonly string[],
  at: Site,
  { perClass, intensities, varied }: InjectionPlan,
  random: Random,
  report: (message: string) => void,
): Case[] => {
  const { layout, scaling } = at;
  const { groups, frames } = layout;
  const cases: Case[] = [];
  const step = Math.max(1, Math.floor(nominal.length / BLOCKS));
  const reference = nominal.filter((_, index) => index % step === 0);
  const [learn, kept] = pools(nominal);
  const share = Math.ceil(perClass / (intensities.length * groups.length));
  const inject = (fault: FaultClass, index: number, group: number, variant: number): number => {
    const delta = intensityOf(fault, intensities[variant] ?? 1);
    const own = groups[group] ?? [];
    const stream = random.fork(`${fault}/${String(group)}/${String(intensities[variant])}`);
    const blocks = reference.map((window) => standardise(window, own, scaling, frames));
    const injector = fitFault(fault, delta, blocks, own.length, frames, { stepsEitherWay: true });
    for (let i = 0; i < share; i += 1) {
      const held = i % HELD === HELD - 1;
      const pool = held ? kept : learn;
      const window = pool[stream.int(pool.length)];
      if (window === undefined) continue;
      // Held cases are varied as the others are: counted in rounds of four.
      const round = Math.floor(i / HELD) + (i % HELD);
      const oneChannel = varied && own.length > 1 && round % ONE_CHANNEL === 1;
      const leaks = varied && groups.length > 1 && round % LEAKING === 2;
      const lasts = varied && window.memory !== undefined && round % LASTING === 3;
      if (lasts && (fault === 'offset' || fault === 'drift')) {
        const lasting = makeLasting(window, fault, group, at, stream);
        cases.push({ ...lasting, group, fault: index, variant: intensities.length + 1, held, taught: false });
        continue;
      }
      cases.push({
        ...besidesValues(window),
        values: makeCase(window, injector, group, { oneChannel, leaks }, at, stream),
        group,
        fault: index,
        variant: oneChannel ? intensities.length : variant,
        held,
        taught: false,
      });
    }
    return share;
  };
  faults.forEach((fault, index) => {
    if (!isFaultClass(fault)) return;
    let made = 0;
    groups.forEach((_, group) => {
      intensities.forEach((delta, variant) => {
        try {
          made += inject(fault, index, group, variant);
        } catch (error) {
          if (!(error instanceof FdirError)) throw error;
          report(
            `${fault} at intensity ${String(intensityOf(fault, delta))} is left out for equipment ${layout.equipment[group] ?? 'all'}: ${error.message}`,
          );
        }
      });
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
