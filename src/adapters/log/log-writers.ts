/** Whether two daemons wrote one log at once: a run that went on after the next one had begun. */
import type { Finding } from './log-verify';
import type { Tables } from './sqlite-tables';

/** @param tables of one daemon; workers of a fleet have runs beside one another. @returns a finding for each run that went on. */
export const secondWriters = (tables: Tables): readonly Finding[] => {
  const rows = tables
    .prepare(
      `SELECT run, min(chain) AS first, max(chain) AS last FROM (
         SELECT run, chain FROM run UNION ALL SELECT run, chain FROM daemon_event
       ) WHERE chain IS NOT NULL GROUP BY run ORDER BY run`,
    )
    .all({}) as readonly { readonly run: number; readonly first: number; readonly last: number }[];
  return rows.flatMap(({ run, last }, index) => {
    const next = rows[index + 1];
    if (next === undefined || last < next.first) return [];
    const message = `run ${String(run)} wrote link ${String(last)} after run ${String(next.run)} had begun with link ${String(next.first)}: two daemons wrote this log at once`;
    return [{ kind: 'writers' as const, message, first: next.first, last }];
  });
};
