/**
 * Forgets the oldest of the log by age and size. What is open, what a recovery is still under way for, and what says that something
 * was forgotten stay. Where links of the chain go, a sealed gap takes their place, so that what is left can still be verified.
 */
import { isoTime } from '../../domain/units';
import { sealOf } from './log-chain';
import { KEYS_PER_MS } from './log-list';
import type { Migratable } from './log-migrate';

/** What the log may keep; left out: everything. */
export interface Retention {
  /** Older than this before the newest entry, by packet time: a log of a simulated year must not be empty at once. */
  readonly ageMs?: number | undefined;
  readonly sizeBytes?: number | undefined;
}

export interface PruneResult {
  /** Rows that went, and the anomalies among them. */
  readonly removed: number;
  readonly anomalies: number;
  /** Nothing before this packet time is left but what must not go; null when nothing went. */
  readonly before: string | null;
  /** There is more to forget: come again soon. A call takes a fraction of a second, for the daemon watches a spacecraft meanwhile. */
  readonly isDone: boolean;
}

interface Link {
  readonly chain: number;
  readonly mac: Uint8Array;
}
interface Gap {
  readonly first: number;
  readonly last: number;
  readonly mac: Uint8Array;
}

/** Anomalies, and rows of each other table, in one transaction; and transactions in one call. */
const ROWS_PER_ROUND = 500;
const ROUNDS_PER_CALL = 8;
/** Pages given back in one call. */
const VACUUM_PAGES = 5000;

const NEWEST = `SELECT max(time) AS time FROM (
  SELECT max(start) AS time FROM anomaly_latest UNION ALL SELECT max(time) FROM check_transition
  UNION ALL SELECT max(time) FROM telecommand UNION ALL SELECT max(time) FROM onboard_event)`;
/** When the oldest entry that may go began. */
const OLDEST = `SELECT min(time) AS time FROM (
  SELECT * FROM (SELECT start AS time FROM anomaly_latest WHERE state = 'closed' ORDER BY key LIMIT 1)
  UNION ALL SELECT min(time) FROM check_transition UNION ALL SELECT min(time) FROM monitor_event
  UNION ALL SELECT min(time) FROM telecommand UNION ALL SELECT min(time) FROM onboard_event)`;
/** How far the first entries reach, for a log that is too large. */
const NEXT_TENTH = `SELECT max(time) AS time FROM (
  SELECT * FROM (SELECT start AS time FROM anomaly_latest WHERE state = 'closed' ORDER BY key LIMIT 1 OFFSET min(@offset, (SELECT count(*) / 10 FROM anomaly_latest)))
  UNION ALL SELECT * FROM (SELECT time FROM check_transition ORDER BY time LIMIT 1
    OFFSET min(@offset, (SELECT count(*) / 10 FROM check_transition)))
  UNION ALL SELECT * FROM (SELECT time FROM monitor_event ORDER BY time LIMIT 1
    OFFSET min(@offset, (SELECT count(*) / 10 FROM monitor_event)))
  UNION ALL SELECT * FROM (SELECT time FROM telecommand ORDER BY time LIMIT 1
    OFFSET min(@offset, (SELECT count(*) / 10 FROM telecommand)))
  UNION ALL SELECT * FROM (SELECT time FROM onboard_event ORDER BY time LIMIT 1
    OFFSET min(@offset, (SELECT count(*) / 10 FROM onboard_event))))`;

/** Closed, and no recovery of it is under way. */
const GOING = `SELECT key, id FROM anomaly_latest a WHERE key < @key AND state = 'closed'
  AND NOT EXISTS (SELECT 1 FROM recovery r WHERE r.explanation_id = a.id AND r.is_over = 0)
  ORDER BY key LIMIT ${String(ROWS_PER_ROUND)}`;
const IDS = 'SELECT value FROM json_each(@ids)';
/** Links that go with an anomaly. */
const OF_ANOMALIES = [
  `DELETE FROM recovery_step WHERE recovery IN (SELECT id FROM recovery WHERE explanation_id IN (${IDS})) RETURNING chain, mac`,
  `DELETE FROM action WHERE explanation_id IN (${IDS}) RETURNING chain, mac`,
  `DELETE FROM verdict WHERE anomaly IN (${IDS}) RETURNING chain, mac`,
  `DELETE FROM anomaly WHERE id IN (${IDS}) RETURNING chain, mac`,
];
const REST_OF_ANOMALIES = [
  `DELETE FROM recovery WHERE explanation_id IN (${IDS})`,
  `DELETE FROM anomaly_text WHERE rowid IN (SELECT key FROM anomaly_latest WHERE id IN (${IDS}))`,
  `DELETE FROM anomaly_latest WHERE id IN (${IDS})`,
];
const first = (table: string, where: string): string =>
  `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${where} LIMIT ${String(ROWS_PER_ROUND)}) RETURNING chain, mac`;
/** Links of their own time. */
const OF_TIME = [
  first('check_transition', 'time < @time'),
  first('monitor_event', 'time < @time'),
  first('telecommand', 'time < @time'),
  first('onboard_event', 'time < @time'),
  first(
    'alarm_step',
    `time < @time AND NOT EXISTS (SELECT 1 FROM alarm WHERE alarm.name = alarm_step.name
       AND alarm.sequence = alarm_step.sequence AND alarm.state <> 'cleared')`,
  ),
  // Recoveries that answer no anomaly: of a monitor, of a model that failed.
  first(
    'recovery_step',
    `recovery IN (SELECT id FROM recovery WHERE is_over = 1 AND anomaly_key IS NULL AND started_at < @time)`,
  ),
  first('operator_action', 'wall_time < @time'),
  first('note', 'wall_time < @time'),
  first('daemon_event', "wall_time < @time AND kind <> 'forgotten'"),
];
const REST_OF_TIME = [
  `DELETE FROM recovery WHERE is_over = 1 AND anomaly_key IS NULL AND started_at < @time
     AND NOT EXISTS (SELECT 1 FROM recovery_step WHERE recovery_step.recovery = recovery.id)`,
  `DELETE FROM alarm WHERE state = 'cleared' AND changed_at < @time`,
];

/** Numbers that follow each other, with the code of the last of each stretch. */
const stretchesOf = (links: readonly Gap[]): readonly Gap[] => {
  const stretches: { first: number; last: number; mac: Uint8Array }[] = [];
  for (const { first: start, last, mac } of [...links].sort((a, b) => a.first - b.first)) {
    const before = stretches.at(-1);
    if (before === undefined || before.last + 1 !== start) stretches.push({ first: start, last, mac });
    else Object.assign(before, { last, mac });
  }
  return stretches;
};

export class LogPruner {
  constructor(
    private readonly database: Migratable,
    private readonly chainKey: Uint8Array | undefined,
  ) {}

  prune({ ageMs, sizeBytes }: Retention): PruneResult {
    let [removed, anomalies] = [0, 0];
    let before: string | null = null;
    let isDone = false;
    for (let round = 0; round < ROUNDS_PER_CALL && !isDone; round += 1) {
      const time = this.cutOff(ageMs, sizeBytes);
      const went = time === undefined ? { rows: 0, anomalies: 0 } : this.forgetBefore(time);
      removed += went.rows;
      anomalies += went.anomalies;
      if (went.rows > 0 && time !== undefined) before = time;
      isDone = went.rows === 0;
    }
    if (removed > 0) this.database.pragma(`incremental_vacuum(${String(VACUUM_PAGES)})`);
    return { removed, anomalies, before, isDone };
  }

  /** Before which packet time entries are to go; undefined when none are. */
  private cutOff(ageMs: number | undefined, sizeBytes: number | undefined): string | undefined {
    const newest = this.timeOf(NEWEST);
    const oldest = this.timeOf(OLDEST);
    if (newest === undefined || oldest === undefined) return undefined;
    const byAge = ageMs === undefined ? undefined : isoTime(Date.parse(newest) - ageMs);
    if (byAge !== undefined && oldest < byAge) return byAge;
    if (sizeBytes === undefined || this.bytesInUse() <= sizeBytes) return undefined;
    const next = this.timeOf(NEXT_TENTH, { offset: ROWS_PER_ROUND }) ?? newest;
    // What begins at that very time goes too, or a log of one moment would never shrink.
    return isoTime(Date.parse(next) + 1);
  }

  private forgetBefore(time: string): { readonly rows: number; readonly anomalies: number } {
    let [rows, anomalies] = [0, 0];
    this.database.transaction(() => {
      const links: Link[] = [];
      const going = this.database.prepare(GOING).all({ key: Date.parse(time) * KEYS_PER_MS }) as { id: string }[];
      const ids = JSON.stringify(going.map(({ id }) => id));
      const take = (statement: string, parameters: Readonly<Record<string, string>>): void => {
        for (const link of this.database.prepare(statement).all(parameters)) links.push(link as Link);
      };
      if (going.length > 0) {
        for (const statement of OF_ANOMALIES) take(statement, { ids });
        for (const statement of REST_OF_ANOMALIES) this.database.prepare(statement).run({ ids });
      }
      for (const statement of OF_TIME) take(statement, { time });
      for (const statement of REST_OF_TIME) this.database.prepare(statement).run({ time });
      this.sealGaps(links);
      anomalies = going.length;
      rows = links.length;
    })();
    return { rows, anomalies };
  }

  private sealGaps(links: readonly Link[]): void {
    if (links.length === 0) return;
    const known = this.database.prepare('SELECT first, last, mac FROM chain_gap').all({}) as Gap[];
    const gone = links.map(({ chain, mac }) => ({ first: chain, last: chain, mac }));
    this.database.prepare('DELETE FROM chain_gap').run({});
    const put = this.database.prepare('INSERT INTO chain_gap VALUES (@first, @last, @mac, @seal)');
    for (const { first: start, last, mac } of stretchesOf([...known, ...gone])) {
      put.run({ first: start, last, mac, seal: sealOf(this.chainKey, start, last, mac) });
    }
  }

  private timeOf(statement: string, parameters: Readonly<Record<string, number>> = {}): string | undefined {
    const row = this.database.prepare(statement).get(parameters) as { readonly time: string | null };
    return row.time ?? undefined;
  }

  private bytesInUse(): number {
    const pragma = (name: string): number => Number(this.database.pragma(name, { simple: true }));
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
  }
}
