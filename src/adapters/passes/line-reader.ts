/** Reads a text file in chunks and hands out its lines, however large it is. */
import { createReadStream } from 'node:fs';
import { describeError, FdirError } from '../../domain/errors';

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** The line is longer than was kept; `text` is its beginning. */
  readonly isCut: boolean;
}

/** Some four hundred frames: large enough that reading costs nothing, small enough that the first result comes at once. */
const CHUNK_BYTES = 64 * 1024;

class LineSplitter {
  private rest = '';
  private restIsCut = false;
  private number = 0;

  constructor(private readonly maxCharacters: number) {}

  private line(text: string, isCut: boolean): Line {
    this.number += 1;
    const bare = this.number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
    const isTooLong = bare.length > this.maxCharacters;
    return {
      text: isTooLong ? bare.slice(0, this.maxCharacters) : bare.endsWith('\r') ? bare.slice(0, -1) : bare,
      number: this.number,
      isCut: isCut || isTooLong,
    };
  }

  /** Lines that end in `text`; the beginning of the next one is kept, up to the longest line. */
  take(text: string): Line[] {
    const pieces = text.split('\n');
    const last = pieces.pop() ?? '';
    const lines = pieces.map((piece, index) => {
      const line = index === 0 ? this.line(this.rest + piece, this.restIsCut) : this.line(piece, false);
      return line;
    });
    const keepsRest = pieces.length === 0;
    const rest = keepsRest ? this.rest + last : last;
    this.restIsCut = (keepsRest && this.restIsCut) || rest.length > this.maxCharacters;
    this.rest = rest.slice(0, this.maxCharacters + 1);
    return lines;
  }

  /** The line without a line end at the end of the file. */
  finish(): Line[] {
    return this.rest === '' ? [] : [this.line(this.rest, this.restIsCut)];
  }
}

/** @throws FdirError `input` when the file cannot be read. */
export async function* readLines(
  file: string,
  maxCharacters: number,
): AsyncGenerator<readonly Line[], void, undefined> {
  const splitter = new LineSplitter(maxCharacters);
  const stream = createReadStream(file, { encoding: 'utf8', highWaterMark: CHUNK_BYTES });
  try {
    for await (const chunk of stream) yield splitter.take(String(chunk));
  } catch (error) {
    throw new FdirError('input', `cannot read ${file}: ${describeError(error)}`);
  }
  yield splitter.finish();
}
