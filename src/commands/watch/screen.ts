/** A terminal that shows lines: only those that changed are written, for lines that are slow. */

/** The part of an output stream that is used. */
export interface Terminal {
  readonly rows?: number;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Control sequences of ECMA-48 and DEC that a VT100 understands; the alternate screen is ignored where there is none. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[2J';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const at = (row: number): string => `\u001b[${String(row)};1H`;
const ERASE_REST = '\u001b[K';

/** A terminal that does not say how large it is. */
export const DEFAULT_SIZE = { rows: 24, columns: 80 } as const;

export class LineScreen {
  private shown: readonly string[] = [];
  private isLeft = false;

  constructor(private readonly terminal: Terminal) {}

  enter(): void {
    this.terminal.write(ENTER);
  }

  /** What is shown from now on is not written: the terminal belongs to the shell again. */
  leave(): void {
    this.isLeft = true;
    this.terminal.write(LEAVE);
  }

  /** The next `show` writes everything: the size changed, or another program wrote. */
  forget(): void {
    this.shown = [];
    this.terminal.write('\u001b[2J');
  }

  show(lines: readonly string[]): void {
    if (this.isLeft) return;
    const text = lines
      .map((line, index) => (line === this.shown[index] ? '' : `${at(index + 1)}${line}${ERASE_REST}`))
      .join('');
    if (text !== '') this.terminal.write(text);
    this.shown = lines;
  }
}
