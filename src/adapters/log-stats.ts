/** Counts and rates of the log: what was found, how often, what became of it, and what people said of it. Knows SQL only. */
import type { LogFilter } from '../domain/log-query';
import { isoTime } from '../domain/units';
import { fromWhere, KEYS_A_MS } from './log-list';
import type { Tables } from './sqlite-tables';

/** EEMUA 191: alarms in ten minutes after which an operator cannot follow, and what is manageable on average. */
export const EEMUA_FLOOD = 10;
export const EEMUA_MANAGEABLE = 1;
const TEN_MINUTES_MS = 600_000;
const DAY_MS = 86_400_000;

export interface Judged {
  readonly true: number;
  readonly false: number;
  readonly rareNominal: number;
  readonly unjudged: number;
  /** True among those judged true or false; null when none was. */
  readonly precision: number | null;
}

export interface Group extends Judged {
  readonly name: string;
  readonly count: number;
  readonly perDay: number | null;
}

export interface LogStats {
  readonly from: string | null;
  readonly to: string | null;
  readonly days: number;
  readonly anomalies: number;
  readonly open: number;
  readonly perDay: number | null;
  readonly medianDelaySeconds: number | null;
  readonly judged: Judged;
  readonly byEquipment: readonly Group[];
  readonly byFault: readonly Group[];
  readonly byModel: readonly Group[];
  readonly byRule: readonly {
    readonly name: string;
    readonly count: number;
    readonly states: Readonly<Record<string, number>>;
  }[];
  /** Alarms triggered, in stretches of ten minutes from the first to the last; EEMUA 191 wants one on average, ten at most. */
  readonly alarms: {
    readonly triggered: number;
    readonly perTenMinutes: number | null;
    readonly worstTenMinutes: number;
    readonly floods: number;
  };
}

const JUDGED = `count(*) AS count, sum(a.verdict = 'true') AS isTrue, sum(a.verdict = 'false') AS isFalse,
  sum(a.verdict = 'rare-nominal') AS isRare`;

interface Row {
  readonly name: string;
  readonly count: number;
  readonly isTrue: number | null;
  readonly isFalse: number | null;
  readonly isRare: number | null;
}

const judgedOf = ({ count, isTrue, isFalse, isRare }: Omit<Row, 'name'>): Judged => {
  const [yes, no, rare] = [isTrue ?? 0, isFalse ?? 0, isRare ?? 0];
  return {
    true: yes,
    false: no,
    rareNominal: rare,
    unjudged: count - yes - no - rare,
    precision: yes + no === 0 ? null : yes / (yes + no),
  };
};

export const statsOf = (tables: Tables, filter: LogFilter): LogStats => {
  const { sql, parameters, key } = fromWhere(tables, filter);
  const one = <T>(text: string, given: typeof parameters = parameters): T => tables.prepare(text).get(given) as T;
  const all = <T>(text: string, given: typeof parameters = parameters): readonly T[] =>
    tables.prepare(text).all(given) as T[];
  const total = one<Omit<Row, 'name'> & { first: number | null; last: number | null; open: number | null }>(
    `SELECT ${JUDGED}, min(${key}) AS first, max(${key}) AS last, sum(a.state = 'open') AS open ${sql}`,
  );
  const from = filter.since === undefined ? total.first && total.first / KEYS_A_MS : Date.parse(filter.since);
  const to = filter.until === undefined ? total.last && total.last / KEYS_A_MS : Date.parse(filter.until);
  const days = from === null || to === null ? 0 : Math.max(0, to - from) / DAY_MS;
  const rate = (count: number): number | null => (days === 0 ? null : count / days);
  const groups = (column: string): readonly Group[] =>
    all<Row>(`SELECT a.${column} AS name, ${JUDGED} ${sql} GROUP BY a.${column} ORDER BY count DESC, name`).map(
      (row) => ({
        name: row.name,
        count: row.count,
        perDay: rate(row.count),
        ...judgedOf(row),
      }),
    );
  const middle =
    total.count === 0
      ? undefined
      : one<{ delay: number } | undefined>(
          `SELECT (julianday(a.detected_at) - julianday(a.start)) * 86400 AS delay ${sql} ORDER BY delay LIMIT 1 OFFSET ${String(Math.floor(total.count / 2))}`,
        );
  const rules = all<{ name: string; state: string; count: number }>(
    `SELECT r.rule AS name, r.state, count(*) AS count FROM recovery r JOIN (SELECT ${key} AS key ${sql}) f ON f.key = r.anomaly_key
     GROUP BY r.rule, r.state ORDER BY r.rule`,
  );
  const byRule = new Map<string, { count: number; states: Record<string, number> }>();
  for (const { name, state, count } of rules) {
    const before = byRule.get(name) ?? { count: 0, states: {} };
    byRule.set(name, { count: before.count + count, states: { ...before.states, [state]: count } });
  }
  return {
    from: from === null ? null : isoTime(Math.floor(from)),
    to: to === null ? null : isoTime(Math.floor(to)),
    days,
    anomalies: total.count,
    open: total.open ?? 0,
    perDay: rate(total.count),
    medianDelaySeconds: middle === undefined ? null : Math.round(middle.delay * 10) / 10,
    judged: judgedOf(total),
    byEquipment: groups('equipment'),
    byFault: groups('fault'),
    byModel: groups('model'),
    byRule: [...byRule].map(([name, rest]) => ({ name, ...rest })),
    alarms: alarmsOf(tables, from, to),
  };
};

/** Of all alarms of the time, whatever the filter: an operator has to follow all of them. */
const alarmsOf = (tables: Tables, from: number | null, to: number | null): LogStats['alarms'] => {
  if (from === null || to === null) return { triggered: 0, perTenMinutes: null, worstTenMinutes: 0, floods: 0 };
  const rows = tables
    .prepare(
      `SELECT CAST(unixepoch(time) / 600 AS INTEGER) AS slot, count(*) AS count FROM alarm_step
       WHERE time >= @from AND time <= @to AND change IN ('triggered', 'retriggered') GROUP BY slot`,
    )
    .all({ from: isoTime(Math.floor(from)), to: isoTime(Math.ceil(to)) }) as { count: number }[];
  const triggered = rows.reduce((sum, { count }) => sum + count, 0);
  const slots = Math.max(1, (to - from) / TEN_MINUTES_MS);
  return {
    triggered,
    perTenMinutes: triggered / slots,
    worstTenMinutes: rows.reduce((most, { count }) => Math.max(most, count), 0),
    floods: rows.filter(({ count }) => count > EEMUA_FLOOD).length,
  };
};
