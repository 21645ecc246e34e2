/** Whether a value stayed where it was after a command or a switch that moves it in nominal telemetry. */
import type { Reason } from '../../domain/explanation';
import type { Manifest } from '../../domain/manifest';
import type { Window } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';

export interface Following {
  readonly manifest: Manifest;
  readonly window: Window;
  readonly row: number;
  /** Of the parameter, frame by frame. */
  readonly values: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
}

interface Switch {
  readonly command: string;
  readonly frame: number;
  readonly to: number;
}

/** A switch explains a deviation when the value made at most this share of the expected change. */
const FOLLOWED = 0.5;
/** The expected change must be most of how the value moves in nominal telemetry from frame to frame: so many times that. */
const LEAST_CHANGE = 3;

const significant = (value: number): number => Number(value.toPrecision(4));

/** The last change of every condition (flag, mode, command) within the window. */
const switchesIn = ({ parameters, sampling, conditions = [] }: Manifest, { values }: Window): readonly Switch[] =>
  conditions.flatMap((row) => {
    const own = values.subarray(row * sampling.window, (row + 1) * sampling.window);
    for (let t = own.length - 1; t > 0; t -= 1)
      if (own[t] !== own[t - 1]) return [{ command: parameters[row] ?? '', frame: t, to: own[t] ?? 0 }];
    return [];
  });

const mean = (values: ArrayLike<number>, from: number, to: number): number => {
  let sum = 0;
  for (let t = from; t < to; t += 1) sum += values[t] ?? 0;
  return sum / Math.max(1, to - from);
};

/** Undefined when there was no switch, or the value moved as it should. */
export const unfollowedCommand = ({ manifest, window, row, values, expected }: Following): Reason | undefined => {
  const usual = manifest.observed?.[row]?.spread.high ?? 0;
  const found = switchesIn(manifest, window).flatMap(({ command, frame, to }) => {
    const change = (series: ArrayLike<number>): number => mean(series, frame, series.length) - mean(series, 0, frame);
    const [should, did] = [change(expected), change(values)];
    const missed = Math.abs(should) > LEAST_CHANGE * usual && did * Math.sign(should) < FOLLOWED * Math.abs(should);
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
