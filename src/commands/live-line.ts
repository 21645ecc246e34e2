/** Lines that stay, above one that is drawn anew while work goes on; elsewhere than on a terminal only the lines that stay. */
import { bar } from './render/bars';
import { percent } from './render/text';

export interface LiveLine {
  /** Draws the line that changes: `share` 0..1 of what `label` names. */
  draw(label: string, share: number): void;
  /** A line that stays. */
  print(line: string): void;
  /** Removes the line that changes. */
  end(): void;
}

const BAR_WIDTH = 40;
/** Redrawing more often than a person can see is work for nothing. */
const REDRAW_MS = 50;
const ERASE_LINE = '\r\u001b[K';

export const createLiveLine = (stream: NodeJS.WriteStream, now: () => number): LiveLine => {
  let drawn = '';
  let drawnAt = -Infinity;
  const erase = (): void => {
    if (drawn !== '') stream.write(ERASE_LINE);
  };
  return {
    draw(label, share) {
      if (!stream.isTTY || now() - drawnAt < REDRAW_MS) return;
      drawnAt = now();
      erase();
      drawn = `${label}  ${bar(share, BAR_WIDTH).padEnd(BAR_WIDTH)} ${percent(share)}`;
      stream.write(drawn);
    },
    print(line) {
      erase();
      stream.write(`${line}\n${drawn}`);
    },
    end() {
      erase();
      drawn = '';
    },
  };
};
