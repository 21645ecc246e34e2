/** One nominal window with one fault: the disturbance of one equipment, in engineering values. */
import type { Random } from '../core/random';
import type { InputWindow } from '../core/telemetry/model-input';
import { BEHAVIOUR_SPAN, SPANS, SUMMARIES, SUMMARY } from '../core/telemetry/summaries';
import type { Window } from '../domain/telemetry';
import type { FaultInjector } from './faults/block';
import type { Scaling } from './graph/front';
import type { Layout } from './layout';

/** What every case is made with. */
export interface Site {
  readonly layout: Layout;
  readonly scaling: Scaling;
}

/** The equipment that has the fault. */
export interface TargetUnit extends Site {
  /** Its place among the groups of the layout. */
  readonly group: number;
}

/** What a model is given of a window besides its values. */
export const besidesValues = ({ measured, memory }: Window): Omit<InputWindow, 'values'> => ({
  ...(measured && { measured }),
  ...(memory && { memory }),
});

/** Share of a disturbance that another equipment gets, at least and at most. */
const LEAK = [0.02, 0.35] as const;

/** The samples of the equipment in units of their nominal spread: [channels, frames]. */
export const standardiseBlock = (
  window: Window,
  { layout, scaling: { mean, std }, group }: TargetUnit,
): Float64Array => {
  const { frames } = layout;
  const own = layout.groups[group] ?? [];
  const block = new Float64Array(own.length * frames);
  own.forEach((parameter, row) => {
    for (let t = 0; t < frames; t += 1) {
      block[row * frames + t] =
        ((window.values[parameter * frames + t] as number) - (mean[parameter] as number)) / (std[parameter] as number);
    }
  });
  return block;
};

/** The values of the window with those of the equipment replaced by a standardised block. */
const restoreBlock = (
  window: Window,
  block: Float64Array,
  { layout, scaling: { mean, std }, group }: TargetUnit,
): Float32Array => {
  const { frames } = layout;
  const own = layout.groups[group] ?? [];
  const values = window.values.slice();
  own.forEach((parameter, row) => {
    for (let t = 0; t < frames; t += 1)
      values[parameter * frames + t] =
        (block[row * frames + t] as number) * (std[parameter] as number) + (mean[parameter] as number);
  });
  return values;
};

/** Puts a part of a disturbance into the other equipments: of one of its channels, into some of theirs. */
const leak = (
  values: Float32Array,
  change: Float64Array,
  { layout, scaling, group }: TargetUnit,
  random: Random,
): void => {
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
export const makeLasting = (
  window: Window,
  fault: 'offset' | 'drift',
  { layout, scaling, group }: TargetUnit,
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
    const reach = Math.min(age, BEHAVIOUR_SPAN);
    const level = parameter * SUMMARIES + SUMMARY.level;
    if (memory !== undefined)
      memory[level] = (memory[level] as number) + (reach / BEHAVIOUR_SPAN) * (height - (slope * reach) / 2);
  });
  return { ...besidesValues(window), values, ...(memory && { memory }) };
};

/** A fault, and how far it reaches. */
export interface Disturbance {
  readonly injector: FaultInjector;
  /** It disturbs one channel of the equipment, not all of them. */
  readonly oneChannel: boolean;
  /** A part of it reaches the other equipments. */
  readonly leaks: boolean;
}

/** The values of a window with a fault in it. */
export const makeFaulted = (
  window: Window,
  { injector, oneChannel, leaks }: Disturbance,
  target: TargetUnit,
  random: Random,
): Float32Array => {
  const { layout, group } = target;
  const { frames } = layout;
  const own = layout.groups[group] ?? [];
  const before = standardiseBlock(window, target);
  const after = injector.apply(before, own.length, frames, random);
  if (oneChannel) {
    const kept = random.int(own.length);
    for (let i = 0; i < after.length; i += 1) if (Math.floor(i / frames) !== kept) after[i] = before[i] as number;
  }
  const values = restoreBlock(window, after, target);
  if (leaks)
    leak(
      values,
      after.map((value, i) => value - (before[i] as number)),
      target,
      random,
    );
  return values;
};
