/** Reads an XTCE definition from a file. */
import { MAX_DEFINITION_BYTES, readBounded, type ReadFile } from '../../config/read-bounded';
import { describeError, FdirError, formatProblem, type Problem } from '../../domain/errors';
import type { PacketSource } from '../../domain/packet-source';
import { compileDecoder, type Decoder } from '../../packets/decode/compile-decoder';
import type { DefinitionProblem } from '../../packets/xtce/model';
import { readLeapSeconds, type LeapSeconds } from '../../packets/time/leap-seconds';
import { readDefinition, type ReadDefinition } from '../../packets/xtce/read-definition';

/** A problem of the definition in the form of all others: file, line, what. */
export const definitionProblem = (file: string, { line, element, effect, message }: DefinitionProblem): Problem => ({
  file,
  line,
  message: `${effect === 'refused' ? '' : `${effect}: `}${element} ${message}`,
});

const readText = (file: string, what: string, read: ReadFile): string => {
  try {
    return read(file, MAX_DEFINITION_BYTES).toString('utf8');
  } catch (error) {
    const problems = error instanceof FdirError ? error.problems : [{ message: describeError(error) }];
    const reasons = problems.map(({ message }) => message).join('; ');
    throw new FdirError('config', `cannot read the ${what} ${file}: ${reasons}`);
  }
};

/** @throws FdirError `config` when the file cannot be read; what it holds is in the result */
export const readDefinitionFile = (
  file: string,
  leadingSize?: PacketSource['leadingSize'],
  read: ReadFile = readBounded,
): ReadDefinition => readDefinition(readText(file, 'definition', read), { leadingSize });

/** @throws FdirError `config` with the line that is none */
const openLeapSeconds = (file: string, read: ReadFile): LeapSeconds => {
  const found = readLeapSeconds(readText(file, 'table of leap seconds', read));
  if (found.ok) return found.table;
  const { line, message } = found;
  throw new FdirError('config', `the table of leap seconds ${file} cannot be used`, [{ file, line, message }]);
};

/** What the files of a mission's packets hold. */
export interface PacketParts {
  readonly decoder: Decoder;
  /** Left out: the table built in. */
  readonly leapSeconds?: LeapSeconds;
  /** Elements of the definition that are left out; packets that need them are malformed. */
  readonly refused: readonly Problem[];
}

/** @throws FdirError `config` when nothing can be decoded, with every element that is refused */
export const openPackets = (
  { xtce, container, leadingSize, leapSeconds }: PacketSource,
  read: ReadFile = readBounded,
): PacketParts => {
  const table = leapSeconds === undefined ? {} : { leapSeconds: openLeapSeconds(leapSeconds, read) };
  const { definition, problems } = readDefinitionFile(xtce, leadingSize, read);
  const compiled = definition === undefined ? undefined : compileDecoder(definition, { container, ...table });
  const refused = [...problems, ...(compiled?.problems ?? [])]
    .filter(({ effect }) => effect === 'refused')
    .map((problem) => definitionProblem(xtce, problem));
  const decoder = compiled?.decoder;
  if (decoder === undefined) throw new FdirError('config', `the definition ${xtce} cannot be used`, refused);
  return { decoder, ...table, refused };
};

/** One sentence on what is left out; undefined when everything is honoured. */
export const refusedNote = ({ refused }: PacketParts): string | undefined => {
  const [first] = refused;
  if (first === undefined) return undefined;
  const count = `${String(refused.length)} element${refused.length === 1 ? ' is' : 's are'}`;
  return `${formatProblem(first)}; ${count} refused and left out of the definition, "fdir decode --check" lists all`;
};
