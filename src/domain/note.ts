/** What people write for the next shift: a note on an anomaly, an alarm or the shift, and the hand-over of a shift. */
import { z } from 'zod';

/** `hand-over` passes a shift on; `confirmation` is the word of the one who takes it, and `target` names the hand-over. */
export const noteKinds = ['note', 'hand-over', 'confirmation'] as const;
export type NoteKind = (typeof noteKinds)[number];

/** What a note is about. The target of `shift` is empty, except in a confirmation. */
export const noteSubjects = ['anomaly', 'alarm', 'shift'] as const;
export type NoteSubject = (typeof noteSubjects)[number];

/** A note as it is written; when, the log knows. */
export const noteSchema = z.object({
  kind: z.enum(noteKinds),
  about: z.enum(noteSubjects),
  /** Id of the anomaly, name of the alarm, or number of the hand-over that is confirmed. */
  target: z.string(),
  by: z.string(),
  text: z.string(),
});
export type Note = z.infer<typeof noteSchema>;

/** A note as the log keeps it. */
export const noteRecordSchema = noteSchema.extend({
  /** Number of the record in the log's chain: what a confirmation names. */
  sequence: z.int(),
  /** Wall clock: people act on it. */
  time: z.iso.datetime(),
});
export type NoteRecord = z.infer<typeof noteRecordSchema>;

/** Which notes are listed; what is left out lets everything pass. */
export interface NoteFilter {
  /** At or after, and before: wall clock, ISO 8601. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly about?: NoteSubject | undefined;
  readonly target?: string | undefined;
  readonly kinds?: readonly NoteKind[] | undefined;
  /** The newest so many. */
  readonly limit: number;
}
