/** Puts faults into the columns of a pass and says which samples change and what the label is. */
import type { Random } from '../../core/random';
import { FdirError } from '../../domain/errors';
import type { Label } from '../../domain/telemetry';
import type { FaultInjector } from './block';
import type { FaultClass } from '../../domain/fault-classes';
import { fitFault } from './fit-fault';
import type { FrameRange } from './place-faults';
import {
  blockOf,
  formatNumber,
  nominalBlocks,
  numberFormatOf,
  standardiseMovingColumn,
  type NumberFormat,
  type StandardisedColumn,
} from './standardise';

/** Where samples come from: the pass itself, or a nominal reference. */
export interface Recording {
  readonly times: readonly number[];
  /** NaN where a sample is missing. */
  column(parameter: string): Float64Array;
  /** Samples as written. */
  texts(parameter: string): readonly string[];
}

/** What a fault is put into: the channels of an equipment, or one parameter. */
export interface FaultTarget {
  /** The label's equipment. */
  readonly name: string;
  readonly parameters: readonly string[];
}

export interface Replacement {
  readonly parameter: string;
  readonly frame: number;
  readonly text: string;
}

export interface InjectedFault {
  readonly replacements: readonly Replacement[];
  /** From the first to the last changed frame, or the whole stretch; undefined when no sample changed. */
  readonly label: Label | undefined;
}

export interface InjectionSettings {
  readonly pass: Recording;
  /** Nominal telemetry that scaling and statistics are taken from. */
  readonly reference: Recording;
  readonly intensity: (fault: FaultClass) => number;
  /** The model's window, frames. */
  readonly window: number;
  /** The label covers the changed frames only, or the whole stretch. */
  readonly label: 'changed' | 'stretch';
}

interface Column {
  readonly parameter: string;
  readonly original: Float64Array;
  readonly format: NumberFormat;
  readonly scaled: StandardisedColumn;
}

/**
 * A bench on which faults are injected; columns are scaled and faults fitted once each, on nominal blocks as long as the
 * stretch. Missing samples stay missing. A label of changed frames begins where the fault shows: a step's at its instant.
 */
class InjectionBench {
  private readonly columns = new Map<string, Column>();
  private readonly faults = new Map<string, FaultInjector>();

  constructor(private readonly settings: InjectionSettings) {}

  private columnOf(parameter: string): Column {
    const known = this.columns.get(parameter);
    if (known !== undefined) return known;
    const { pass, reference } = this.settings;
    const original = pass.column(parameter);
    const scaled = standardiseMovingColumn(
      parameter,
      original,
      reference === pass ? original : reference.column(parameter),
    );
    const column = { parameter, original, format: numberFormatOf(pass.texts(parameter)), scaled };
    this.columns.set(parameter, column);
    return column;
  }

  private fit(fault: FaultClass, { parameters }: FaultTarget, frames: number): FaultInjector {
    const { pass, reference, intensity, window } = this.settings;
    const key = `${fault} ${String(frames)} ${parameters.join(' ')}`;
    const known = this.faults.get(key);
    if (known !== undefined) return known;
    const nominal = parameters.map((parameter) => {
      const { scaled } = this.columnOf(parameter);
      if (reference === pass) return scaled;
      const column = reference.column(parameter);
      return standardiseMovingColumn(parameter, column, column);
    });
    const options = { segment: Math.min(window, frames) };
    const blocks = nominalBlocks(nominal, frames);
    const fitted = fitFault(fault, intensity(fault), { blocks, channels: parameters.length, frames }, options);
    this.faults.set(key, fitted);
    return fitted;
  }

  inject(fault: FaultClass, target: FaultTarget, stretch: FrameRange, random: Random): InjectedFault {
    const frames = stretch.to - stretch.from + 1;
    const channels = target.parameters.map((parameter) => this.columnOf(parameter));
    const nominal = blockOf(
      channels.map(({ scaled }) => scaled),
      stretch,
    );
    const faulted = this.fit(fault, target, frames).apply(nominal, channels.length, frames, random);
    const replacements = channels.flatMap(({ parameter, original, format, scaled }, channel) =>
      Array.from({ length: frames }, (_, frame): readonly Replacement[] => {
        const before = original[stretch.from + frame] ?? NaN;
        const index = channel * frames + frame;
        const shift = (faulted[index] ?? 0) - (nominal[index] ?? 0);
        const text = formatNumber(before + scaled.deviation * shift, format);
        // A missing sample stays missing; what rounds to the sample it was keeps its spelling.
        return Number.isNaN(before) || Number(text) === before
          ? []
          : [{ parameter, frame: stretch.from + frame, text }];
      }).flat(),
    );
    return { replacements, label: this.labelOf(fault, target, stretch, replacements) };
  }

  private labelOf(
    fault: FaultClass,
    { name }: FaultTarget,
    stretch: FrameRange,
    replacements: readonly Replacement[],
  ): Label | undefined {
    const { pass, label } = this.settings;
    if (replacements.length === 0) return undefined;
    const changed = replacements.map(({ frame }) => frame).sort((a, b) => a - b);
    const from = label === 'stretch' ? stretch.from : changed[0];
    const to = label === 'stretch' ? stretch.to : changed.at(-1);
    const [start, end] = [pass.times[from ?? -1], pass.times[to ?? -1]];
    if (start === undefined || end === undefined) throw new Error('a stretch outside the pass');
    return { start, end, equipment: name, fault };
  }

  /** The first of `candidates`, in random order, that can reach the intensity on the target. */
  chooseReachable(candidates: readonly FaultClass[], target: FaultTarget, frames: number, random: Random): FaultClass {
    // What no class can help (a constant parameter) is told as such, not as an intensity out of reach.
    target.parameters.forEach((parameter) => this.columnOf(parameter));
    const left = [...candidates];
    let reason: FdirError | undefined;
    for (;;) {
      const [fault] = left.splice(random.int(left.length), 1);
      if (fault === undefined) throw reason ?? new Error('no fault class to choose from');
      try {
        this.fit(fault, target, frames);
        return fault;
      } catch (error) {
        if (!(error instanceof FdirError)) throw error;
        reason = error;
      }
    }
  }
}

export const createInjectionBench = (settings: InjectionSettings) => new InjectionBench(settings);
