/** Recordings of others that are not part of the project (their licences differ): tests that read them are skipped without them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = process.env['FDIR_DATA'] ?? join(__dirname, '../../../shared/data');

export const sharedData = (name: string): string => join(FOLDER, name);

/** `describe`, or a skipped one that says what is missing. */
export const describeWithSharedData = (title: string, body: () => void): void => {
  if (existsSync(FOLDER)) describe(title, body);
  else describe.skip(`${title} (set FDIR_DATA to the folder of recordings)`, body);
};
