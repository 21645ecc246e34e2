/** What a filter names that the log does not have: a misspelled name finds nothing, and looks like good news. */
import type { LogFilter } from '../domain/log-query';

/** Names that a message lists. */
const MAX_NAMES = 30;

/** A log that can say which equipments and fault classes its anomalies have. */
export interface NamedLog {
  namesOf(column: 'equipment' | 'fault'): readonly string[];
}

/** @returns one sentence for each filter that names what no anomaly of the log has. */
export const unknownNames = (
  log: NamedLog,
  filter: { readonly [K in 'equipment' | 'fault']?: LogFilter[K] },
): readonly string[] =>
  (['equipment', 'fault'] as const).flatMap((column) => {
    const wanted = filter[column];
    if (wanted === undefined) return [];
    const known = log.namesOf(column);
    const missing = wanted.filter((name) => !known.includes(name));
    if (missing.length === 0) return [];
    const has = known.length === 0 ? 'it has none' : `it has ${known.slice(0, MAX_NAMES).join(', ')}`;
    return [`no anomaly of the log has the ${column} ${missing.join(', ')}; ${has}`];
  });
