/**
 * Tables of the fleet in PostgreSQL. They have the names and columns of the log in SQLite, so that one reader reads both. They
 * also have `partition`, whose worker wrote a row, and `at`, when it was written. The tables of records are partitioned by that
 * time. Each partition of the fleet has a chain of its own.
 */
import { LINKED, linkedTables, quoted, type LinkedTable } from '../log/log-chain';

/** Raised when a table that is there changes; tables that are missing are made at every start. */
export const PG_SCHEMA_VERSION = 1;

const INTEGERS = new Set(['run', 'sequence', 'revision', 'level', 'explanation_revision', 'step']);
const REALS = new Set(['confidence', 'score', 'value', 'low', 'high']);

const typeOf = (column: string): string => {
  if (column === 'frame') return 'bytea';
  if (INTEGERS.has(column)) return 'bigint';
  return REALS.has(column) ? 'double precision' : 'text';
};

/** Columns that records are looked for by. */
const INDEXED: Readonly<Partial<Record<LinkedTable, readonly string[]>>> = {
  anomaly: ['(id, run, revision)'],
  action: ['(explanation_id)'],
  check_transition: ['(time)'],
  monitor_event: ['(time)'],
  daemon_event: ['(wall_time)'],
  recovery_step: ['(recovery, sequence)'],
  alarm_step: ['(name, sequence)', '(time, change)'],
  verdict: ['(anomaly, sequence)'],
  telecommand: ['(time)'],
  onboard_event: ['(time)'],
};

const linkedTable = (table: LinkedTable): string => {
  const columns = LINKED[table].map((column) => `${quoted(column)} ${typeOf(column)}`).join(', ');
  const indexes = (INDEXED[table] ?? []).map(
    (on, index) => `CREATE INDEX IF NOT EXISTS ${table}_by_${String(index)} ON ${table} ${on};`,
  );
  return `CREATE TABLE IF NOT EXISTS ${table} (${columns}, chain bigint NOT NULL, mac bytea NOT NULL,
  partition integer NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (partition, chain, at)) PARTITION BY RANGE (at);
${indexes.join('\n')}`;
};

/** The newest of something, replaced in place. */
export interface StateTable {
  readonly columns: Readonly<Record<string, string>>;
  readonly key: readonly string[];
}

export const STATE = {
  recovery: {
    columns: {
      ...{ id: 'text', started_at: 'text', rule: 'text', equipment: 'text', explanation_id: 'text', state: 'text' },
      ...{ is_over: 'integer', record: 'text' },
    },
    key: ['id'],
  },
  rule_state: { columns: { rule: 'text', equipment: 'text', record: 'text' }, key: ['rule', 'equipment'] },
  rule_override: { columns: { rule: 'text', record: 'text' }, key: ['rule'] },
  equipment_health: { columns: { equipment: 'text', health: 'text', record: 'text' }, key: ['equipment'] },
  alarm: {
    columns: {
      ...{ name: 'text', sequence: 'bigint', state: 'text', severity: 'text', changed_at: 'text', record: 'text' },
    },
    key: ['name', 'sequence'],
  },
  memory: { columns: { name: 'text', value: 'text' }, key: ['name'] },
  checkpoint: { columns: { part: 'text', basis: 'text', value: 'bytea' }, key: ['part'] },
  publication: { columns: { sequence: 'bigint', topic: 'text', payload: 'text' }, key: ['partition', 'sequence'] },
  outbox: {
    columns: { sequence: 'bigint', request: 'text', until: 'double precision', message: 'text' },
    key: ['request'],
  },
  chain_key: { columns: { first: 'bigint', key_id: 'text' }, key: ['partition', 'first'] },
  chain_head: { columns: { sequence: 'bigint', mac: 'bytea' }, key: ['partition'] },
} as const satisfies Readonly<Record<string, StateTable>>;
export type StateTableName = keyof typeof STATE;
export const stateTables = Object.keys(STATE) as readonly StateTableName[];

const EXTRA: Readonly<Partial<Record<StateTableName, string>>> = { recovery: ', anomaly_key bigint' };

const stateTable = (table: StateTableName): string => {
  const { columns, key }: StateTable = STATE[table];
  const defined = Object.entries(columns).map(([column, type]) => `${quoted(column)} ${type}`);
  return `CREATE TABLE IF NOT EXISTS ${table} (${defined.join(', ')}, partition integer NOT NULL${EXTRA[table] ?? ''},
  PRIMARY KEY (${key.map(quoted).join(', ')}));`;
};

/** Columns of `anomaly_latest` that a commit brings. */
export const LATEST = {
  ...{ key: 'bigint', id: 'text', run: 'bigint', revision: 'bigint', state: 'text', spacecraft: 'text', start: 'text' },
  ...{ end: 'text', detected_at: 'text', delay: 'bigint', revised_at: 'text', trigger: 'text', equipment: 'text' },
  ...{ fault: 'text', confidence: 'double precision', score: 'double precision', threshold: 'double precision' },
  ...{ model: 'text', sentence: 'text', words: 'text' },
} as const;
export const latestColumns = Object.keys(LATEST);

/** The words of an anomaly as lexemes, as they are: no language is known, and none is needed. Longer ones PostgreSQL does not take. */
const MAX_LEXEME_BYTES = 2046;
const WORDS = `CREATE OR REPLACE FUNCTION fdir_words(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_to_tsvector(array_agg(word)) FROM unnest(string_to_array(words, ' ')) word
  WHERE word <> '' AND octet_length(word) <= ${String(MAX_LEXEME_BYTES)}
$$;`;

const LATEST_TABLE = `CREATE TABLE IF NOT EXISTS anomaly_latest (
  ${Object.entries(LATEST)
    .map(([column, type]) => `${quoted(column)} ${type}`)
    .join(', ')},
  severity text NOT NULL DEFAULT 'medium', verdict text NOT NULL DEFAULT '', partition integer NOT NULL, PRIMARY KEY (key));
CREATE UNIQUE INDEX IF NOT EXISTS latest_by_id ON anomaly_latest (id);
${['equipment', 'fault', 'spacecraft', 'state', 'severity', 'verdict', 'confidence', 'score']
  .map((column) => `CREATE INDEX IF NOT EXISTS latest_by_${column} ON anomaly_latest (${column}, key);`)
  .join('\n')}
CREATE INDEX IF NOT EXISTS latest_by_words ON anomaly_latest USING gin (fdir_words(words));
CREATE INDEX IF NOT EXISTS recovery_by_rule ON recovery (rule, anomaly_key, state);
CREATE INDEX IF NOT EXISTS recovery_by_anomaly ON recovery (anomaly_key);
CREATE INDEX IF NOT EXISTS recovery_by_explanation ON recovery (explanation_id);`;

/** Owners and workers: everything on the clock of the database. */
const OWNERS = `CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL);
CREATE TABLE IF NOT EXISTS lease (
  partition integer PRIMARY KEY, owner text NOT NULL, epoch bigint NOT NULL, expires timestamptz NOT NULL, wanted text);
CREATE TABLE IF NOT EXISTS worker (
  name text PRIMARY KEY, seen timestamptz NOT NULL, partitions integer NOT NULL, is_draining boolean NOT NULL DEFAULT false);
CREATE TABLE IF NOT EXISTS chain_gap (
  partition integer NOT NULL, first bigint NOT NULL, last bigint NOT NULL, mac bytea NOT NULL, seal bytea NOT NULL,
  PRIMARY KEY (partition, first));`;

/** Tables of records for the month of a time, where there are none yet. */
const MONTHS = `CREATE OR REPLACE FUNCTION fdir_ensure_month(t timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text; first timestamptz := date_trunc('month', t AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
BEGIN
  FOREACH name IN ARRAY ARRAY[${linkedTables.map((table) => `'${table}'`).join(', ')}] LOOP
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
      name || to_char(first AT TIME ZONE 'UTC', '_YYYY_MM'), name, first, first + interval '1 month');
  END LOOP;
END $$;`;

const insertLinks = (table: LinkedTable): string => {
  const columns = [...LINKED[table], 'chain', 'mac'].map(quoted).join(', ');
  return `  IF batch->'${table}' IS NOT NULL THEN
    INSERT INTO ${table} (${columns}, partition, at)
      SELECT ${columns}, p, now_at FROM json_populate_recordset(NULL::${table}, batch->'${table}');
  END IF;`;
};

const upsert = (table: StateTableName): string => {
  const { columns, key }: StateTable = STATE[table];
  const names = Object.keys(columns).map(quoted).join(', ');
  const changed = [...Object.keys(columns), 'partition'].filter((column) => !key.includes(column));
  const sets = changed.map((column) => `${quoted(column)} = excluded.${quoted(column)}`).join(', ');
  return `  IF batch->'${table}' IS NOT NULL THEN
    INSERT INTO ${table} (${names}, partition)
      SELECT ${names}, p FROM json_populate_recordset(NULL::${table}, batch->'${table}')
      ON CONFLICT (${key.map(quoted).join(', ')}) DO UPDATE SET ${sets};
  END IF;`;
};

/**
 * Everything that a commit writes, in one statement and so in one transaction, if the lease is still held. The row of the lease stays
 * locked until the end. A worker that takes the partition over waits for a commit that has begun, and finds what it wrote.
 *
 * A commit whose answer was lost is tried again. The end of the chain then tells that it was made: nothing is written twice.
 */
const COMMIT = `CREATE OR REPLACE FUNCTION fdir_commit(p integer, o text, e bigint, batch json) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE now_at timestamptz := clock_timestamp(); r record; k bigint;
BEGIN
  SELECT * INTO r FROM lease WHERE partition = p AND owner = o AND epoch = e FOR SHARE;
  IF NOT FOUND THEN RETURN 0; END IF;
  IF r.expires <= clock_timestamp() THEN RETURN -1; END IF;
  SELECT * INTO r FROM chain_head WHERE partition = p;
  IF coalesce(r.sequence, 0) <> (batch->>'base')::bigint THEN
    IF r.mac = (batch->'chain_head'->0->>'mac')::bytea THEN RETURN 1; END IF;
    RETURN 0;
  END IF;
${linkedTables.map(insertLinks).join('\n')}
${stateTables.map(upsert).join('\n')}
  IF batch->'anomaly_latest' IS NOT NULL THEN
    FOR r IN SELECT * FROM json_populate_recordset(NULL::anomaly_latest, batch->'anomaly_latest') LOOP
      UPDATE anomaly_latest SET ${latestColumns
        .filter((column) => column !== 'key' && column !== 'id')
        .map((column) => `${quoted(column)} = r.${quoted(column)}`)
        .join(', ')} WHERE id = r.id;
      CONTINUE WHEN FOUND;
      k := r.key;
      LOOP
        INSERT INTO anomaly_latest (${latestColumns.map(quoted).join(', ')}, partition)
          VALUES (k, ${latestColumns
            .filter((column) => column !== 'key')
            .map((column) => `r.${quoted(column)}`)
            .join(', ')}, p) ON CONFLICT (key) DO NOTHING;
        EXIT WHEN FOUND;
        k := k + 1;
      END LOOP;
      UPDATE recovery SET anomaly_key = k WHERE explanation_id = r.id;
    END LOOP;
  END IF;
  IF batch->'recovery' IS NOT NULL THEN
    UPDATE recovery SET anomaly_key = a.key FROM anomaly_latest a
      WHERE a.id = recovery.explanation_id AND recovery.anomaly_key IS NULL AND recovery.partition = p;
  END IF;
  IF batch->'severities' IS NOT NULL THEN
    UPDATE anomaly_latest a SET severity = s.severity
      FROM json_to_recordset(batch->'severities') AS s(id text, severity text) WHERE a.id = s.id;
  END IF;
  IF batch->'verdicts' IS NOT NULL THEN
    UPDATE anomaly_latest a SET verdict = s.verdict
      FROM json_to_recordset(batch->'verdicts') AS s(id text, verdict text) WHERE a.id = s.id;
  END IF;
  IF batch->'published' IS NOT NULL THEN
    DELETE FROM publication WHERE partition = p
      AND sequence IN (SELECT value::bigint FROM json_array_elements_text(batch->'published'));
  END IF;
  IF batch->'requested' IS NOT NULL THEN
    UPDATE outbox SET message = NULL WHERE request IN (SELECT value FROM json_array_elements_text(batch->'requested'));
  END IF;
  RETURN 1;
END $$;`;

/** Everything there is, made where it is missing. */
export const PG_SCHEMA = [
  OWNERS,
  ...linkedTables.map(linkedTable),
  ...stateTables.map(stateTable),
  WORDS,
  LATEST_TABLE,
  MONTHS,
  COMMIT,
].join('\n');
