/** `fdir note`: what people write for the next shift, kept in the log, and the hand-over of a shift. */
import type { Command } from 'commander';
import { systemClock } from '../adapters/host/system-clock';
import { readLogFilter } from '../core/log-filter';
import { FdirError } from '../domain/errors';
import { MAX_ROWS } from '../domain/log-query';
import type { NoteRecord, NoteSubject } from '../domain/note';
import { asking, order, ordering, question, type AskingOptions, type OrderOptions } from './ask';
import { writeJson, writeLine } from './output';

interface SubjectOptions {
  readonly anomaly?: string;
  readonly alarm?: string;
}

/** What it is about; the shift unless something is named. */
const subjectOf = ({ anomaly, alarm }: SubjectOptions): { readonly about: NoteSubject; readonly target: string } => {
  if (anomaly !== undefined && alarm !== undefined)
    throw new FdirError('usage', 'a note is on one thing: give --anomaly or --alarm');
  if (anomaly !== undefined) return { about: 'anomaly', target: anomaly };
  return alarm === undefined ? { about: 'shift', target: '' } : { about: 'alarm', target: alarm };
};

const linesOf = ({ sequence, time, kind, about, target, by, text }: NoteRecord): readonly string[] => {
  const number = String(sequence);
  const what = {
    note: about === 'shift' ? 'on the shift' : `on ${about} ${target}`,
    'hand-over': `hands over the shift (${number})`,
    confirmation: `confirms the hand-over ${target}`,
  }[kind];
  return [`${time}  ${by} ${what}`, ...text.split('\n').map((line) => `    ${line}`)];
};

type ListOptions = AskingOptions & SubjectOptions & { readonly since?: string; readonly until?: string };

const list = async (options: ListOptions): Promise<void> => {
  const { since, until } = readLogFilter(
    { since: options.since, until: options.until },
    systemClock.now(),
    (name) => `--${name}`,
  );
  const subject = subjectOf(options);
  const about = subject.target === '' ? {} : subject;
  const asked = { ...about, ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
  const filter = { ...asked, limit: MAX_ROWS };
  const notes = await question<readonly NoteRecord[]>(options, 'note-list', filter, (ledger) => ledger.notes(filter));
  if (options.json === true) writeJson(notes);
  else if (notes.length === 0) writeLine('no note');
  else [...notes].reverse().flatMap(linesOf).forEach(writeLine);
};

const withSubject = (command: Command, verb: string): Command =>
  command.option('--anomaly <id>', `${verb} this anomaly`).option('--alarm <name>', `${verb} this alarm`);

/** Adds the verb `note` to the program. */
export const register = (program: Command): void => {
  const note = program.command('note').description('write notes for the next shift, and hand a shift over');
  withSubject(ordering(note.command('add').description('write a note on an anomaly, an alarm or the shift')), 'on')
    .argument('<text>')
    .action((text: string, options: OrderOptions & SubjectOptions) =>
      order(options, 'note-add', { ...subjectOf(options), text }),
    );
  withSubject(asking(note.command('list').description('list notes, newest last')), 'only on')
    .option('--since <time>', 'at or after: 8h (back from now), or 2026-03-01T04:12:08Z')
    .option('--until <time>', 'before; the same forms')
    .action(list);
  ordering(note.command('hand-over').description('hand over the shift with a text that the next one confirms'))
    .argument('<text>')
    .action((text: string, options: OrderOptions) => order(options, 'shift-hand-over', { text }));
  ordering(note.command('confirm').description('confirm a hand-over: the shift is yours'))
    .argument('<number>', 'as "fdir note list" and the report show it')
    .action((number: string, options: OrderOptions) => order(options, 'shift-confirm', { number: numberOf(number) }));
};

const numberOf = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new FdirError('usage', `${text} is not the number of a hand-over`);
  return number;
};
