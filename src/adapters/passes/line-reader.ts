/** Reads a recording in chunks and hands out its lines, however large it is. */
import type { Line } from '../../core/telemetry/pass-stream';
import { readTextChunks } from './text-source';

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

/** @throws FdirError `input` when the file cannot be read, or is a format that is not read. */
export async function* readLines(
  file: string,
  maxCharacters: number,
): AsyncGenerator<readonly Line[], void, undefined> {
  const splitter = new LineSplitter(maxCharacters);
  for await (const chunk of readTextChunks(file)) yield splitter.take(chunk);
  yield splitter.finish();
}
