/** How fast a recording is played: as fast as possible, at a multiple of packet time, or a frame a key. */
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { FdirError } from '../../domain/errors';
import type { Pace } from './file-source';

/** Waits of less than this are not made: timers are no finer. */
const SHORTEST_WAIT_MS = 2;

const scaledPace = (factor: number, now: () => number): Pace => {
  let origin: { readonly wall: number; readonly packet: number } | undefined;
  return (time) => {
    origin ??= { wall: now(), packet: time };
    const due = origin.wall + (time - origin.packet) / factor - now();
    return due < SHORTEST_WAIT_MS ? undefined : wait(due);
  };
};

/** A line on `input` for each frame; when it ends, the rest follows at once. */
const stepPace = (input: NodeJS.ReadableStream): Pace => {
  const lines = createInterface({ input })[Symbol.asyncIterator]();
  return async () => {
    await lines.next();
  };
};

/** @throws FdirError `usage` for a speed that is none of afap, realtime, step or a factor such as 10x. */
export const paceOf = (speed: string, now: () => number, input: NodeJS.ReadableStream): Pace | undefined => {
  if (speed === 'afap') return undefined;
  if (speed === 'realtime') return scaledPace(1, now);
  if (speed === 'step') return stepPace(input);
  const factor = Number(/^(\d+(?:\.\d+)?)x$/.exec(speed)?.[1]);
  if (!(factor > 0))
    throw new FdirError('usage', `--speed "${speed}" is none of afap, realtime, step, or a factor such as 10x`);
  return scaledPace(factor, now);
};
