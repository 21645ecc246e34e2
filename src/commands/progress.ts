/** Progress of long work on stderr: one line that rewrites itself on a terminal, a line a step elsewhere. */

export interface Progress {
  /** `share` 0..1 of the named step; without it, a remark that stays. */
  report(message: string, share?: number): void;
  end(): void;
}

const BAR = 24;
/** Redrawing more often than a person can see is work for nothing. */
const REDRAW_MS = 100;

export const createProgress = (stream: NodeJS.WriteStream = process.stderr): Progress => {
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
      const now = Date.now();
      if (message !== step) {
        finishLine();
        step = message;
        started = now;
        drawn = 0;
        if (share === undefined || !stream.isTTY) stream.write(`${message}\n`);
      }
      if (share === undefined || !stream.isTTY || (share < 1 && now - drawn < REDRAW_MS)) return;
      drawn = now;
      const left = share > 0 ? ((now - started) / share) * (1 - share) : 0;
      const filled = Math.round(share * BAR);
      stream.write(
        `\r${message.padEnd(40)} ${'#'.repeat(filled)}${'.'.repeat(BAR - filled)} ${String(Math.round(share * 100)).padStart(3)} %  ${(left / 1000).toFixed(0)} s left  `,
      );
      open = true;
    },
    end: finishLine,
  };
};
