/** Reads the notes of a log. Knows SQL, and not the SQLite package. */
import { noteRecordSchema, type Note, type NoteFilter, type NoteRecord } from '../../domain/note';
import { qualify, type LogScope } from './log-scope';
import type { Tables } from './sqlite-tables';

/** Times with and without fractions of a second do not sort as text. */
const MILLISECONDS = "CAST(round(unixepoch(wall_time, 'subsec') * 1000) AS INTEGER)";

/** Newest first. */
export const readNotes = (
  tables: Tables,
  { since, until, about, target, kinds, limit }: NoteFilter,
): readonly NoteRecord[] => {
  const conditions = [
    ...(since === undefined ? [] : [`${MILLISECONDS} >= @since`]),
    ...(until === undefined ? [] : [`${MILLISECONDS} < @until`]),
    ...(about === undefined ? [] : ['about = @about']),
    ...(target === undefined ? [] : ['target = @target']),
    ...(kinds === undefined ? [] : ['kind IN (SELECT value FROM json_each(@kinds))']),
  ];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return tables
    .prepare(
      `SELECT sequence, wall_time AS time, kind, about, target, by, text FROM note ${where} ORDER BY sequence DESC LIMIT @limit`,
    )
    .all({
      limit,
      ...(since !== undefined && { since: Date.parse(since) }),
      ...(until !== undefined && { until: Date.parse(until) }),
      ...(about !== undefined && { about }),
      ...(target !== undefined && { target }),
      ...(kinds !== undefined && { kinds: JSON.stringify(kinds) }),
    })
    .map((row) => noteRecordSchema.parse(row));
};

/** In the log of a fleet an alarm is found by whose it is; a shift is one for all spacecraft. */
export const scopedNote = (scope: LogScope, note: Note): Note =>
  note.about === 'alarm' ? { ...note, target: qualify(scope, note.target) } : note;

const CONFIRMED = "SELECT by FROM note WHERE kind = 'confirmation' AND target = @target";

/** Why a note is on nothing; undefined: it can be kept. */
export const noteProblem = (tables: Tables, { kind, about, target, by }: Note): string | undefined => {
  if (kind === 'confirmation') {
    const found = tables
      .prepare("SELECT by FROM note WHERE kind = 'hand-over' AND CAST(sequence AS TEXT) = @target")
      .get({ target }) as { readonly by: string } | undefined;
    if (found === undefined) return `no hand-over has the number ${target}`;
    if (found.by === by) return `${by} wrote the hand-over ${target}: the one who takes the shift confirms it`;
    const before = tables.prepare(CONFIRMED).get({ target }) as { readonly by: string } | undefined;
    return before === undefined ? undefined : `the hand-over ${target} was confirmed by ${before.by}`;
  }
  if (about === 'anomaly')
    return tables.prepare('SELECT 1 FROM anomaly_latest WHERE id = @target').get({ target }) === undefined
      ? `no anomaly has the id ${target}`
      : undefined;
  if (about === 'alarm')
    return tables.prepare('SELECT 1 FROM alarm WHERE name = @target LIMIT 1').get({ target }) === undefined
      ? `no alarm is called ${target}`
      : undefined;
  return undefined;
};
