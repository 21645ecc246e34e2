/** What the options of `fdir inject` mean: which classes, which equipments, which stretches of the pass. */
import type { PassText } from '../adapters/passes/pass-text';
import { parseTimeText } from '../core/telemetry/packet-time';
import type { Random } from '../core/random';
import { FdirError } from '../domain/errors';
import { equipmentIds, type Mission } from '../domain/mission';
import { parseDuration } from '../domain/units';
import { faultClasses, isFaultClass, type FaultClass } from '../domain/fault-classes';
import type { FaultTarget } from '../fit/faults/inject-faults';
import { independentStretches, spreadStretches, stretchAt, type FrameRange } from '../fit/faults/place-faults';

export interface InjectOptions {
  readonly mission: string;
  readonly pass?: string;
  readonly out?: string;
  readonly labels?: string;
  readonly reference?: string;
  readonly fault?: string;
  readonly equipment?: string;
  readonly intensity: string;
  readonly seed: string;
  readonly at?: string;
  readonly duration?: string;
  readonly count?: string;
  readonly independent?: boolean;
  readonly share?: string;
}

/** A stretch long enough for the persistence of a detection, in windows. */
const DEFAULT_WINDOWS = 4;
const MAX_EVENTS = 100_000;

export const positive = (text: string, option: string, largest = Infinity): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0 || value > largest) {
    const range = largest === Infinity ? 'a positive number' : `a number above 0 and up to ${String(largest)}`;
    throw new FdirError('usage', `${option} "${text}" is not ${range}`);
  }
  return value;
};

export const whole = (text: string, option: string, lowest: number, highest: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < lowest || value > highest) {
    throw new FdirError(
      'usage',
      `${option} "${text}" is not a whole number from ${String(lowest)} to ${String(highest)}`,
    );
  }
  return value;
};

/** `1` for every class, or `1,subspace-alteration=0.5`: exceptions after a comma. */
export const parseIntensity = (text: string): ((fault: FaultClass) => number) => {
  const [general = '', ...exceptions] = text.split(',').map((item) => item.trim());
  const common = positive(general, '--intensity');
  const own = new Map(
    exceptions.map((item) => {
      const [name = '', value = ''] = item.split('=');
      if (!isFaultClass(name))
        throw new FdirError('usage', `--intensity "${item}" names no fault class: write CLASS=NUMBER`);
      return [name, positive(value, `--intensity ${name}=`)];
    }),
  );
  return (fault) => own.get(fault) ?? common;
};

const list = (text: string): readonly string[] => [...new Set(text.split(',').map((item) => item.trim()))];

export const parseFaults = (text: string | undefined): readonly FaultClass[] =>
  text === undefined
    ? faultClasses
    : list(text).map((name) => {
        if (isFaultClass(name)) return name;
        throw new FdirError('usage', `there is no fault class "${name}"; the classes are ${faultClasses.join(', ')}`);
      });

/** Equipments, or parameters that were named; a mission without equipments offers its parameters. */
export const parseTargets = (
  mission: Mission,
  pass: PassText,
  file: string,
  text: string | undefined,
): readonly FaultTarget[] => {
  const equipments = equipmentIds(mission);
  const all = equipments.length > 0 ? equipments : mission.parameters.map(({ id }) => id);
  const targets = (text === undefined ? all : list(text)).map((name): FaultTarget => {
    const parameters = mission.parameters.filter(({ equipment }) => equipment === name).map(({ id }) => id);
    if (parameters.length > 0) return { name, parameters };
    const parameter = mission.parameters.find(({ id }) => id === name);
    if (parameter !== undefined) return { name: parameter.equipment ?? name, parameters: [name] };
    throw new FdirError(
      'usage',
      `the mission has no equipment or parameter "${name}"; its equipments are ${equipments.join(', ') || 'none'}`,
    );
  });
  const missing = (target: FaultTarget): readonly string[] =>
    target.parameters.filter((id) => !pass.parameters.has(id));
  const present = targets.filter((target) => missing(target).length === 0);
  // Of equipments that were named, each has to be there; of all, those that are.
  const [incomplete] =
    text === undefined && present.length > 0 ? [] : targets.filter((target) => missing(target).length > 0);
  if (incomplete !== undefined) {
    throw new FdirError(
      'input',
      `${file} has no samples of ${missing(incomplete).join(', ')}, needed for "${incomplete.name}"`,
    );
  }
  return present;
};

const parseStart = (text: string, pass: PassText): number => {
  const offset = parseDuration(text);
  const time = offset === undefined ? parseTimeText(text) : (pass.times[0] ?? 0) + offset;
  if (time !== undefined) return time;
  throw new FdirError(
    'usage',
    `--at "${text}" is neither a time such as 2026-03-01T04:12:08Z nor an offset from the start of the pass such as 40m`,
  );
};

export const place = (
  options: InjectOptions,
  mission: Mission,
  pass: PassText,
  random: Random,
): readonly FrameRange[] => {
  const { window, periodMs } = mission.sampling;
  if (options.independent === true) {
    const stretches = independentStretches(pass.times.length, window, positive(options.share ?? '0.5', '--share', 1));
    if (stretches.length > 0) return stretches;
    throw new FdirError(
      'input',
      `the pass is too short: ${String(pass.times.length)} frames hold no block of ${String(window)} frames to be faulted`,
    );
  }
  const durationMs =
    options.duration === undefined ? DEFAULT_WINDOWS * window * periodMs : parseDuration(options.duration);
  const frames = Math.round((durationMs ?? NaN) / periodMs);
  if (!(frames >= 2)) {
    throw new FdirError(
      'usage',
      `--duration "${options.duration ?? ''}" is not a duration of at least two sampling periods, such as 5m`,
    );
  }
  if (options.at !== undefined) return [stretchAt(pass.times, periodMs, parseStart(options.at, pass), frames)];
  const count = whole(options.count ?? '1', '--count', 1, MAX_EVENTS);
  // A single fault may fill a short pass; between several there are whole nominal windows.
  const margin = count > 1 ? window : Math.min(window, Math.max(0, Math.floor((pass.times.length - frames) / 2)));
  return spreadStretches({ times: pass.times, periodMs }, { count, frames, margin }, random);
};

/** Options that contradict each other. */
export const checkOptions = (options: InjectOptions): void => {
  const given = (names: readonly (keyof InjectOptions)[]) => names.filter((name) => options[name] !== undefined);
  const clash = (having: string, names: readonly (keyof InjectOptions)[]): void => {
    const [name] = given(names);
    if (name !== undefined) throw new FdirError('usage', `${having} and --${name} exclude each other`);
  };
  if (options.independent === true) clash('--independent', ['at', 'duration', 'count']);
  else if (options.share !== undefined) throw new FdirError('usage', '--share belongs to --independent');
  if (options.at !== undefined) clash('--at', ['count']);
};
