/**
 * The one error class of the project: a code to decide on, a message for people, and where it happened.
 * What goes wrong in operation (a bad sample, a lost broker) is a value or an event, not an exception.
 */

/** Where in an input a problem sits; `line` counts from 1. */
export interface Problem {
  readonly file?: string;
  readonly line?: number;
  readonly path?: string;
  readonly message: string;
}

export type FdirErrorCode =
  | 'usage' // the command line is wrong
  | 'config' // a configuration, mission, rules or model file is wrong
  | 'input' // a recording, labels file or log is unusable
  | 'model' // a model package is refused or cannot be built
  | 'runtime'; // the world did not do what it should: broker, disk, inference

export class FdirError extends Error {
  constructor(
    readonly code: FdirErrorCode,
    message: string,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
    this.name = 'FdirError';
  }
}

/** `file:line: path: message`, leaving out what is not known. */
export const formatProblem = ({ file, line, path, message }: Problem): string => {
  const place = file === undefined ? '' : line === undefined ? `${file}: ` : `${file}:${String(line)}: `;
  return `${place}${path === undefined || path === '' ? '' : `${path}: `}${message}`;
};

/** What was thrown, as an Error: code of others may throw anything. */
export const toError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** The message with the place it was thrown at, for a defect of the program. */
export const describeDefect = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);

/** The message and every problem, a line each. */
export const describeError = (error: unknown): string => {
  if (!(error instanceof FdirError)) return toError(error).message;
  return [error.message, ...error.problems.map((problem) => `  ${formatProblem(problem)}`)].join('\n');
};

/** Exit status of CONTRACTS section 5: 2 for usage and configuration, 3 for everything that failed at run time. */
export const exitStatus = (error: unknown): 2 | 3 => (error instanceof FdirError && error.code !== 'runtime' ? 2 : 3);
