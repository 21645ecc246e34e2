/** Counts and rates of the log: what was found, how often, what became of it, and what people said of it. Knows SQL only. */
import type { LogFilter } from '../../domain/log-query';
import { isoTime } from '../../domain/units';
import { DELAY_UNIT_MS } from './log-latest';
import { fromWhere, KEYS_PER_MS } from './log-list';
import type { Tables } from './sqlite-tables';

/** EEMUA 191: alarms in ten minutes after which an operator cannot follow, and what is manageable on average. */
export const EEMUA_FLOOD = 10;
export const EEMUA_MANAGEABLE = 1;
const TEN_MINUTES_MS = 600_000;
const DAY_MS = 86_400_000;

export interface VerdictCounts {
  readonly true: number;
  readonly false: number;
  readonly rareNominal: number;
  readonly unjudged: number;
  /** True among those judged true or false; null when none was. */
  readonly precision: number | null;
}

export interface Group extends VerdictCounts {
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
  readonly judged: VerdictCounts;
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

interface Cell {
  readonly equipment: string;
  readonly fault: string;
  readonly model: string;
  readonly verdict: string;
  readonly state: string;
  readonly count: number;
}

const judgedOf = (cells: readonly Cell[]): VerdictCounts => {
  const judged = (word: string): number =>
    cells.reduce((sum, { verdict, count }) => sum + (verdict === word ? count : 0), 0);
  const [yes, no] = [judged('true'), judged('false')];
  return {
    true: yes,
    false: no,
    rareNominal: judged('rare-nominal'),
    unjudged: judged(''),
    precision: yes + no === 0 ? null : yes / (yes + no),
  };
};

/** The middle of counted delays, in seconds; null of none. */
const medianOf = (counted: readonly { delay: number; count: number }[], total: number): number | null => {
  let passed = 0;
  for (const { delay, count } of counted) {
    passed += count;
    if (passed > total / 2) return (delay * DELAY_UNIT_MS) / 1000;
  }
  return null;
};

export const statsOf = (tables: Tables, filter: LogFilter): LogStats => {
  const { sql, parameters, key } = fromWhere(tables, filter);
  const one = <T>(text: string): T => tables.prepare(text).get(parameters) as T;
  const all = <T>(text: string): readonly T[] => tables.prepare(text).all(parameters) as T[];
  // Asked one by one and only when the filter leaves them open: an index has either end, and both at once are a walk.
  const end = (which: 'min' | 'max'): number | null => {
    const { found } = one<{ found: number | null }>(`SELECT ${which}(${key}) AS found ${sql}`);
    return found === null ? null : found / KEYS_PER_MS;
  };
  // One walk over what passes; everything that is counted follows from its few groups.
  const cells = all<Cell>(
    `SELECT a.equipment, a.fault, a.model, a.verdict, a.state, count(*) AS count ${sql}
     GROUP BY a.equipment, a.fault, a.model, a.verdict, a.state`,
  );
  const anomalies = cells.reduce((sum, { count }) => sum + count, 0);
  const from = filter.since === undefined ? end('min') : Date.parse(filter.since);
  const to = filter.until === undefined ? end('max') : Date.parse(filter.until);
  const days = from === null || to === null ? 0 : Math.max(0, to - from) / DAY_MS;
  const rate = (count: number): number | null => (days === 0 ? null : count / days);
  const groups = (column: 'equipment' | 'fault' | 'model'): readonly Group[] =>
    [...new Set(cells.map((cell) => cell[column]))]
      .map((name) => ({ name, own: cells.filter((cell) => cell[column] === name) }))
      .map(({ name, own }) => {
        const count = own.reduce((sum, cell) => sum + cell.count, 0);
        return { name, count, perDay: rate(count), ...judgedOf(own) };
      })
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const delays = all<{ delay: number; count: number }>(
    `SELECT a.delay, count(*) AS count ${sql} GROUP BY a.delay ORDER BY a.delay`,
  );
  const rules = all<{ name: string; state: string; count: number }>(
    `SELECT r.rule AS name, r.state, count(*) AS count
     FROM (SELECT ${key} AS key ${sql}) f CROSS JOIN recovery r INDEXED BY recovery_by_anomaly ON r.anomaly_key = f.key
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
    anomalies,
    open: cells.reduce((sum, { state, count }) => sum + (state === 'open' ? count : 0), 0),
    perDay: rate(anomalies),
    medianDelaySeconds: medianOf(delays, anomalies),
    judged: judgedOf(cells),
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
