/** Reads the telecommands beside a pass. */
import { readFile } from 'node:fs/promises';
import { decodeTelecommandFile } from '../../core/telemetry/decode-telecommands';
import { describeError, FdirError } from '../../domain/errors';
import type { Telecommand } from '../../domain/telecommand';

/** Ascending by time. @throws FdirError `input` with every malformed line. */
export const readTelecommands = async (file: string): Promise<readonly Telecommand[]> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new FdirError('input', `cannot read ${file}: ${describeError(error)}`);
  }
  const { telecommands, problems } = decodeTelecommandFile(text);
  if (problems.length === 0) return telecommands;
  throw new FdirError(
    'input',
    `${file} is not a file of telecommands`,
    problems.map((problem) => ({ file, ...problem })),
  );
};
