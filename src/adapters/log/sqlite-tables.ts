/** The part of a database that those who know SQL use; the SQLite package itself is known to one file. */
import { ZodError } from 'zod';

export interface Tables {
  /** `column`: the index of words is one of `anomaly_latest`, and the database decides what leads. Left out: a table of its own. */
  readonly textIndex?: 'column';
  prepare(sql: string): {
    run(parameters: Readonly<Record<string, string | number | null | Uint8Array>>): unknown;
    all(parameters: Readonly<Record<string, string | number | null | Uint8Array>>): unknown[];
    get(parameters: Readonly<Record<string, string | number | null | Uint8Array>>): unknown;
  };
}

/** A row that is there and is not what the program writes: nothing else checks the content of a page. */
export class UnreadableRecord extends Error {}

/** What SQLite says of a text that it was to look into. */
const MALFORMED = 'malformed JSON';

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

/** Reads records. @throws UnreadableRecord for one that is no JSON, or not of the form it was written in. */
export const readingRecords = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    const message = messageOf(error);
    if (!(error instanceof SyntaxError || error instanceof ZodError || message === MALFORMED)) throw error;
    throw new UnreadableRecord(`a record of the log cannot be read: ${message.slice(0, 300)}`, { cause: error });
  }
};
