/** Whether a value stayed where it was after a command or a switch that moves it in nominal telemetry. */
import type { Reason } from '../../domain/explanation';
import type { Manifest } from '../../domain/manifest';
import type { Window } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';

/** The equipment of each parameter that has one. */
export type Owners = ReadonlyMap<string, string>;

export const ownersOf = (parameters: readonly { id: string; equipment?: string | undefined }[]): Owners =>
  new Map(parameters.flatMap(({ id, equipment }) => (equipment === undefined ? [] : [[id, equipment]])));

export interface Following {
  readonly manifest: Manifest;
  readonly window: Window;
  readonly row: number;
  /** Of the parameter, frame by frame. */
  readonly values: ArrayLike<number>;
  /** What the others imply of it, within what it can take. */
  readonly expected: ArrayLike<number>;
  /** Left out: nobody knows which command is whose, and all count alike. */
  readonly owners?: Owners | undefined;
}

/** One change of a condition, and the frames around it that no other change of it disturbs. */
interface Switch {
  readonly command: string;
  readonly frame: number;
  readonly to: number;
  readonly from: number;
  readonly until: number;
}

/** A switch explains a deviation when the value made at most this share of the expected change. */
const FOLLOWED = 0.5;
/** The expected change must be most of how the value moves in nominal telemetry from frame to frame: so many times that. */
const LEAST_CHANGE = 3;

const significant = (value: number): number => Number(value.toPrecision(4));

/** Every change of every condition (flag, mode, command) within the window. */
const switchesIn = ({ parameters, sampling, conditions = [] }: Manifest, { values }: Window): readonly Switch[] =>
  conditions.flatMap((row) => {
    const own = values.subarray(row * sampling.window, (row + 1) * sampling.window);
    const frames = Array.from({ length: own.length }, (_, t) => t).filter((t) => t > 0 && own[t] !== own[t - 1]);
    return frames.map((frame, index): Switch => ({
      command: parameters[row] ?? '',
      frame,
      to: own[frame] ?? 0,
      from: frames[index - 1] ?? 0,
      until: frames[index + 1] ?? own.length,
    }));
  });

/**
 * The switches that may be charged with the value: those of its own equipment. If none of them changed, a single command of no
 * equipment, else of another one. Of several strangers nobody can tell which one it was.
 */
const chargeable = (all: readonly Switch[], parameter: string, owners: Owners | undefined): readonly Switch[] => {
  if (owners === undefined) return all;
  const own = owners.get(parameter);
  const ofOwn = all.filter(({ command }) => owners.get(command) === own);
  if (ofOwn.length > 0) return ofOwn;
  const common = all.filter(({ command }) => !owners.has(command));
  const strangers = common.length > 0 ? common : all;
  return new Set(strangers.map(({ command }) => command)).size === 1 ? strangers : [];
};

const mean = (values: ArrayLike<number>, from: number, to: number): number => {
  let sum = 0;
  for (let t = from; t < to; t += 1) sum += values[t] ?? 0;
  return sum / Math.max(1, to - from);
};

/**
 * Undefined when there was no switch, or the value moved as it should. A value that was elsewhere before the switch did not fail to
 * follow this one: a valve that never opened does not fail to close.
 */
export const unfollowedCommand = ({
  manifest,
  window,
  row,
  values,
  expected,
  owners,
}: Following): Reason | undefined => {
  const usual = manifest.observed?.[row]?.spread.high ?? 0;
  const switches = chargeable(switchesIn(manifest, window), manifest.parameters[row] ?? '', owners);
  const found = switches.flatMap(({ command, frame, to, from, until }) => {
    const [before, wasAt] = [mean(expected, from, frame), mean(values, from, frame)];
    const [should, did] = [mean(expected, frame, until) - before, mean(values, frame, until) - wasAt];
    const half = FOLLOWED * Math.abs(should);
    const missed =
      Math.abs(should) > LEAST_CHANGE * usual && did * Math.sign(should) < half && Math.abs(wasAt - before) < half;
    return missed ? [{ command, frame, to, should, did }] : [];
  });
  const [largest] = found.sort((a, b) => Math.abs(b.should) - Math.abs(a.should));
  if (largest === undefined) return undefined;
  return {
    kind: 'unfollowed',
    command: largest.command,
    to: significant(largest.to),
    at: isoTime(window.start + largest.frame * manifest.sampling.periodMs),
    expectedChange: significant(largest.should),
    measuredChange: significant(largest.did),
  };
};
