/** The report of a shift, and notes. */
import { z } from 'zod';
import { noteRecordSchema, noteSubjects } from '../../domain/note';
import { comment, idText } from './common';

/** `8h` back from the end, or a time; the end is now unless it is given. */
export const reportQuery = z.strictObject({
  since: z.string().max(40).default('8h'),
  until: z.string().max(40).optional(),
  format: z.enum(['html', 'md', 'json']).default('html'),
});

export const noteListQuery = z.strictObject({
  about: z.enum(noteSubjects).optional(),
  target: idText.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export const noteListSchema = z.object({ items: z.array(noteRecordSchema) });

const text = z.string().trim().min(1).max(4000);
export const noteBody = z.strictObject({ about: z.enum(noteSubjects), target: z.string().max(300).default(''), text });
export const handOverBody = z.strictObject({ text });
export const confirmBody = z.strictObject({ comment }).prefault({});
