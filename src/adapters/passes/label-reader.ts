/** Reads the labels beside a pass. */
import { decodeLabels } from '../../core/telemetry/decode-labels';
import { FdirError } from '../../domain/errors';
import type { Label } from '../../domain/telemetry';
import { readWholeText } from './text-source';

/** Labels in file order. @throws FdirError `input` with every malformed line. */
export const readLabels = async (file: string): Promise<readonly Label[]> => {
  const { labels, problems } = decodeLabels(await readWholeText(file));
  if (problems.length === 0) return labels;
  const located = problems.map((problem) => ({ file, ...problem }));
  throw new FdirError('input', `${file} is not a file of labels`, located);
};
