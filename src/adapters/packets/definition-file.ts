/** Reads an XTCE definition from a file. */
import { readFileSync } from 'node:fs';
import { describeError, FdirError, type Problem } from '../../domain/errors';
import type { DefinitionProblem } from '../../packets/xtce/model';
import { readDefinition, type ReadDefinition } from '../../packets/xtce/read-definition';

/** A problem of the definition in the form of all others: file, line, what. */
export const definitionProblem = (file: string, { line, element, effect, message }: DefinitionProblem): Problem => ({
  file,
  line,
  message: `${effect === 'refused' ? '' : `${effect}: `}${element} ${message}`,
});

/** @throws FdirError `config` when the file cannot be read; what it holds is in the result */
export const readDefinitionFile = (file: string): ReadDefinition => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new FdirError('config', `cannot read the definition ${file}: ${describeError(error)}`);
  }
  return readDefinition(text);
};
