/** Reads the operating modes beside a pass. */
import { readFile } from 'node:fs/promises';
import { decodeModes } from '../../core/telemetry/operating-mode';
import { describeError, FdirError } from '../../domain/errors';
import type { ModeChange } from '../../domain/telemetry';

/** @throws FdirError `input` with every malformed line. */
export const readModes = async (file: string): Promise<readonly ModeChange[]> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new FdirError('input', `cannot read ${file}: ${describeError(error)}`);
  }
  const { modes, problems } = decodeModes(text);
  if (problems.length === 0) return modes;
  throw new FdirError(
    'input',
    `${file} is not a file of modes`,
    problems.map((problem) => ({ file, ...problem })),
  );
};
