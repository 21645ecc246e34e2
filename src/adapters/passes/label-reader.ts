/** Reads the labels beside a pass. */
import { readFile } from 'node:fs/promises';
import { decodeLabels } from '../../core/telemetry/decode-labels';
import { describeError, FdirError } from '../../domain/errors';
import type { Label } from '../../domain/telemetry';

/** Labels in file order. @throws FdirError `input` with every malformed line. */
export const readLabels = async (file: string): Promise<readonly Label[]> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new FdirError('input', `cannot read ${file}: ${describeError(error)}`);
  }
  const { labels, problems } = decodeLabels(text);
  if (problems.length === 0) return labels;
  const located = problems.map((problem) => ({ file, ...problem }));
  throw new FdirError('input', `${file} is not a file of labels`, located);
};
