/**
 * Progress of long work on stderr. On a terminal it is one line that rewrites itself. Elsewhere it is a line a step, and one now
 * and then while it lasts.
 */

export interface Progress {
  /** `share` 0..1 of the named step; without it, a remark that stays. */
  report(message: string, share?: number): void;
  end(): void;
}

const BAR = 24;
/** Redrawing more often than a person can see is work for nothing. */
const REDRAW_MS = 100;
/** What reads a file or a journal does not want more. */
const REPEAT_MS = 10_000;

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export const createProgress = (
  stream: ProgressStream = process.stderr,
  clock: () => number = () => Date.now(),
): Progress => {
  let step = '';
  let started = 0;
  let drawn = 0;
  let open = false;
  const finishLine = (): void => {
    if (open) stream.write('\n');
    open = false;
  };
  return {
    report(message, share) {
      const now = clock();
      const isNew = message !== step;
      if (isNew) {
        finishLine();
        step = message;
        started = now;
        drawn = stream.isTTY === true ? -Infinity : now;
        if (share === undefined || stream.isTTY !== true) stream.write(`${message}\n`);
      }
      if (share === undefined || (isNew && stream.isTTY !== true)) return;
      const isDue = now - drawn >= (stream.isTTY === true ? REDRAW_MS : REPEAT_MS);
      if (!isDue && !(share >= 1 && stream.isTTY === true)) return;
      drawn = now;
      const left = share > 0 ? `${((((now - started) / share) * (1 - share)) / 1000).toFixed(0)} s left` : '';
      const percent = String(Math.round(share * 100));
      if (stream.isTTY !== true) {
        stream.write(`${message}: ${percent} %, ${left}\n`);
        return;
      }
      const filled = Math.round(share * BAR);
      const bar = `${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}`;
      stream.write(`\r${message.padEnd(40)} ${bar} ${percent.padStart(3)} %  ${left}  `);
      open = true;
    },
    end: finishLine,
  };
};
