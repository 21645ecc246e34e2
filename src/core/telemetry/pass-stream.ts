/**
 * From lines of a recording to partial frames. It finds out how the file is written, joins records whose quoted cells hold line
 * ends, and counts by column what is no number. Pure but for its own state; whoever has lines can use it.
 */
import type { DropReason } from '../../domain/drops';
import type { PartialFrame } from '../../domain/telemetry';
import type { MissingValues } from './cell';
import { isComment, isOpenRecord, isWholeRecord, MAX_RECORD_LINES } from './csv-record';
import { HEADER_LINES, MAX_LINE_CHARACTERS, readPassHeader, type PassHeader } from './decode-pass';
import type { DecodedMessage } from './decode-telemetry';
import type { Drop } from './drop';

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** The line is longer than was kept; `text` is its beginning. */
  readonly isCut: boolean;
}

/** A drop and where it was; several of one column are told together once the file ends. */
export interface LocatedDrop {
  readonly line: number;
  readonly drop: Drop;
}

export interface PassStep {
  readonly frames: readonly PartialFrame[];
  /** Line of each frame. */
  readonly lines: readonly number[];
  /** Everything that was dropped by these lines, to be counted. */
  readonly drops: readonly Drop[];
  /** What people are told of now. */
  readonly told: readonly LocatedDrop[];
  readonly notes: readonly string[];
}

const MAX_RECORD_CHARACTERS = 1 << 16;

interface Column {
  readonly line: number;
  readonly reason: DropReason;
  readonly message: string;
  count: number;
}

interface Step {
  readonly frames: PartialFrame[];
  readonly lines: number[];
  readonly drops: Drop[];
  readonly told: LocatedDrop[];
  readonly notes: string[];
}

const emptyStep = (): Step => ({ frames: [], lines: [], drops: [], told: [], notes: [] });

/** Why a file is no pass, and the line that shows it. */
export interface PassRefusal {
  readonly line: number;
  readonly message: string;
}

export class PassStream {
  header: PassHeader | undefined;
  refusal: PassRefusal | undefined;
  private waiting: Line[] = [];
  private open: Line[] = [];
  private comments = 0;
  private readonly columns = new Map<string, Column>();

  constructor(
    private readonly parameters: ReadonlySet<string>,
    private readonly missing?: MissingValues,
  ) {}

  /** Takes the next lines; after a refusal nothing more is read. */
  take(lines: readonly Line[]): PassStep {
    const step = emptyStep();
    if (this.header === undefined) {
      this.waiting.push(...lines);
      if (this.waiting.length <= HEADER_LINES) return step;
      this.begin(step);
    } else this.records(lines, step);
    return step;
  }

  /** The file has ended: what waits is read, and what was counted by column is told. */
  finish(): PassStep {
    const step = emptyStep();
    if (this.header === undefined) this.begin(step);
    while (this.open.length > 0) this.giveUpOpen(step);
    for (const { line, reason, message, count } of this.columns.values()) {
      const more = count > 1 ? ` (and ${String(count - 1)} more in this column)` : '';
      step.told.push({ line, drop: { reason, message: `${message}${more}`, count } });
    }
    if (this.comments > 0) step.notes.push(`${String(this.comments)} lines that begin with "#" are comments`);
    return step;
  }

  private begin(step: Step): void {
    const lines = this.waiting;
    this.waiting = [];
    const sample = lines.slice(0, HEADER_LINES).map(({ text, isCut }) => (isCut ? '' : text));
    if (lines.every(({ text }) => text.trim() === '')) {
      this.refuse(lines[0]?.number ?? 1, 'it is empty');
      return;
    }
    const header = readPassHeader(sample, this.parameters, this.missing);
    this.header = header;
    const at = lines[Math.max(0, header.consumed - 1)]?.number ?? 1;
    step.notes.push(...header.notes);
    if (header.problem !== undefined) {
      this.refuse(at, header.problem);
      return;
    }
    this.drop(header.drops, at, step);
    this.comments += lines
      .slice(0, header.consumed)
      .filter(({ text }, index) => index < header.consumed - 1 && isComment(text, header.separator)).length;
    this.records(lines.slice(header.consumed), step);
  }

  private refuse(line: number, message: string): void {
    this.refusal ??= { line, message };
  }

  private records(lines: readonly Line[], step: Step): void {
    if (this.refusal !== undefined) return;
    for (const line of lines) this.line(line, step);
  }

  private line(line: Line, step: Step): void {
    if (this.open.length > 0) {
      this.continueOpen(line, step);
      return;
    }
    const { text, number, isCut } = line;
    if (isCut) {
      const message = `longer than ${String(MAX_LINE_CHARACTERS)} characters`;
      this.drop([{ reason: 'oversized', message }], number, step);
    } else if (text === '' || text.trim() === '') return;
    else if (isComment(text, this.separator)) this.comments += 1;
    else if (this.separator !== undefined && isOpenRecord(text, this.separator)) this.open.push(line);
    else this.decode(text, number, step);
  }

  private get separator(): string | undefined {
    return this.header?.separator;
  }

  /** A record whose quoted cell goes on. What does not become one in the end costs its first line only. */
  private continueOpen(line: Line, step: Step): void {
    this.open.push(line);
    const characters = this.open.reduce((sum, { text }) => sum + text.length, 0);
    const isTooLong = line.isCut || this.open.length > MAX_RECORD_LINES || characters > MAX_RECORD_CHARACTERS;
    if (isTooLong) this.giveUpOpen(step);
    if (isTooLong || !line.text.includes('"')) return;
    const text = this.open.map((part) => part.text).join('\n');
    if (isOpenRecord(text, this.separator)) return;
    const decoded = isWholeRecord(text, this.separator) ? this.header?.decode(text) : undefined;
    if (decoded === undefined || (decoded.frames.length === 0 && this.hidesRecord())) {
      this.giveUpOpen(step);
      return;
    }
    const number = this.open[0]?.number ?? line.number;
    this.open = [];
    this.keep(decoded, number, step);
  }

  /** Whether one of the lines after the first is a record of its own: then the quote before it was a stray one. */
  private hidesRecord(): boolean {
    return this.open.slice(1).some(({ text }) => (this.header?.decode(text).frames.length ?? 0) > 0);
  }

  private giveUpOpen(step: Step): void {
    const [first, ...rest] = this.open;
    this.open = [];
    if (first === undefined) return;
    this.drop([{ reason: 'malformed', message: 'a quote is opened and never closed' }], first.number, step);
    this.records(rest, step);
  }

  private decode(text: string, number: number, step: Step): void {
    if (this.header !== undefined) this.keep(this.header.decode(text), number, step);
  }

  private keep(decoded: DecodedMessage, number: number, step: Step): void {
    for (const frame of decoded.frames) {
      step.frames.push(frame);
      step.lines.push(number);
    }
    this.drop(decoded.drops, number, step);
  }

  private drop(drops: readonly Drop[], line: number, step: Step): void {
    for (const drop of drops) {
      step.drops.push(drop);
      if (drop.parameter === undefined) {
        step.told.push({ line, drop });
        continue;
      }
      const key = `${drop.reason} ${drop.parameter}`;
      const column = this.columns.get(key);
      if (column === undefined) this.columns.set(key, { line, reason: drop.reason, message: drop.message, count: 1 });
      else column.count += 1;
    }
  }
}
