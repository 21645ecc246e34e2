/** Brings a log of an older version to the present one: a copy first, then all or nothing. */
import { existsSync } from 'node:fs';
import type { Alarm } from '../../domain/alarm';
import { FdirError } from '../../domain/errors';
import { explanationSchema } from '../../domain/explanation';
import { Chain } from './log-chain';
import { LatestWriter } from './log-latest';
import type { Tables } from './sqlite-tables';
import { MIGRATIONS, SCHEMA_VERSION } from './sqlite-schema';

/** The part of a database that a migration needs. */
export interface Migratable extends Tables {
  exec(sql: string): unknown;
  transaction(work: () => void): () => void;
  pragma(text: string, options?: { readonly simple?: boolean }): unknown;
}

/** What lists are made from came with this version, and the chain. */
const LINKED_VERSION = 3;
/** Rows read at once. */
const CHUNK = 500;

export const versionOf = (database: Pick<Migratable, 'pragma'>, path: string): number => {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > SCHEMA_VERSION) {
    throw new FdirError(
      'input',
      `${path} was written by a later version of fdir (schema ${String(version)}, and this one knows ${String(SCHEMA_VERSION)}); use that version`,
    );
  }
  return version;
};

/** A copy of the file as it is, beside it; an earlier copy is never overwritten. @returns its path. */
const backUp = (database: Migratable, path: string, version: number): string => {
  for (let number = 1; ; number += 1) {
    const copy = `${path}.v${String(version)}-backup${number === 1 ? '' : `-${String(number)}`}`;
    if (existsSync(copy)) continue;
    database.prepare('VACUUM INTO @copy').run({ copy });
    return copy;
  }
};

/** Makes the rows that lists are made from, and the text index, of what older versions wrote. */
const fillLatest = (database: Migratable): void => {
  const latest = new LatestWriter(database);
  const next = database.prepare(
    `SELECT rowid AS place, run, record FROM anomaly WHERE rowid > @after ORDER BY rowid LIMIT ${String(CHUNK)}`,
  );
  for (let after = 0; ;) {
    const rows = next.all({ after }) as { place: number; run: number; record: string }[];
    if (rows.length === 0) break;
    for (const { place, run, record } of rows) {
      latest.anomaly(explanationSchema.parse(JSON.parse(record)), run);
      after = place;
    }
  }
  const alarms = database.prepare('SELECT record FROM alarm ORDER BY changed_at').all({}) as { record: string }[];
  for (const { record } of alarms) latest.alarm(JSON.parse(record) as Alarm);
};

/** Brings a log to the present version, and makes the tables of a new one. @returns the path of the copy, when one was made. */
export const migrate = (
  database: Migratable,
  path: string,
  version: number,
  chainKey: Uint8Array | undefined,
): string | undefined => {
  if (version === 0 && database.prepare('SELECT 1 FROM sqlite_master').get({}) !== undefined) {
    throw new FdirError('runtime', `${path} is an SQLite file, but not a log of fdir`);
  }
  if (version === SCHEMA_VERSION) return undefined;
  const copy = version > 0 ? backUp(database, path, version) : undefined;
  // All or nothing, also when the power goes.
  database.transaction(() => {
    MIGRATIONS.slice(version).forEach((statements) => database.exec(statements));
    if (version > 0 && version < LINKED_VERSION) {
      fillLatest(database);
      new Chain(database, chainKey).adopt();
    }
  })();
  return copy;
};
