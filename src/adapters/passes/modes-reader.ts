/** Reads the operating modes beside a pass. */
import { decodeModes } from '../../core/telemetry/operating-mode';
import { FdirError } from '../../domain/errors';
import type { ModeChange } from '../../domain/telemetry';
import { readWholeText } from './text-source';

/** @throws FdirError `input` with every malformed line. */
export const readModes = async (file: string): Promise<readonly ModeChange[]> => {
  const { modes, problems } = decodeModes(await readWholeText(file));
  if (problems.length === 0) return modes;
  throw new FdirError(
    'input',
    `${file} is not a file of modes`,
    problems.map((problem) => ({ file, ...problem })),
  );
};
