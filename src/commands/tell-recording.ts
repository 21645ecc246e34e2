/** What people are told of a recording that was read: how it was read, and everything of it that was not used. */
import type { LoadedPass } from '../adapters/passes/pass-reader';
import { countDrops } from '../core/telemetry/drop';
import { formatProblem } from '../domain/errors';
import { note } from './output';

/** Problems that are told one by one; all are in the counts. */
const TOLD_PROBLEMS = 5;

/** Writes notes, the first problems, and one line that counts what was dropped by its reason. */
export const tellRecording = (file: string, { problems, notes, drops }: LoadedPass): void => {
  for (const problem of notes) note(formatProblem(problem));
  for (const problem of problems.slice(0, TOLD_PROBLEMS)) note(formatProblem(problem));
  if (problems.length > TOLD_PROBLEMS) note(`${file}: ${String(problems.length - TOLD_PROBLEMS)} more problems`);
  for (const { message } of drops.filter(({ reason }) => reason === 'same-instant').slice(0, TOLD_PROBLEMS))
    note(`${file}: ${message}`);
  const counts = Object.entries(countDrops({}, drops)).map(([reason, count]) => `${String(count)} ${reason}`);
  if (counts.length > 0) note(`${file}: not used: ${counts.join(', ')}`);
};
