/** Reads the notes of a log. Knows SQL, and not the SQLite package. */
import { noteRecordSchema, type NoteFilter, type NoteRecord } from '../../domain/note';
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
