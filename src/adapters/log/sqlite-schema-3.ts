/**
 * Version 3 of the log's tables: what lists are made from, freeze frames as bytes, verdicts, and the chain of all records
 * (log-chain.ts).
 */

/** Tables whose rows are written once and are links of the chain. */
const CHAINED = [
  'run',
  'anomaly',
  'check_transition',
  'monitor_event',
  'action',
  'daemon_event',
  'recovery_step',
  'alarm_step',
  'operator_action',
];

const LINK = 'chain INTEGER, mac BLOB';

/**
 * `anomaly_latest` has a row an anomaly; its words are those of the text index, for when few rows are looked at. Its key orders
 * by start (milliseconds times 1000, and a count within one). So every index ends in the order that lists have. With the columns
 * behind the key, a second filter is judged without reading the row.
 */
export const VERSION_3 = `
${CHAINED.map(
  (table) => `ALTER TABLE ${table} ADD COLUMN chain INTEGER;
ALTER TABLE ${table} ADD COLUMN mac BLOB;
CREATE UNIQUE INDEX ${table}_by_chain ON ${table} (chain);`,
).join('\n')}
ALTER TABLE anomaly ADD COLUMN frame BLOB;
CREATE TABLE verdict (
  sequence INTEGER PRIMARY KEY,
  wall_time TEXT NOT NULL,
  anomaly TEXT NOT NULL,
  verdict TEXT NOT NULL,
  by TEXT NOT NULL,
  comment TEXT NOT NULL,
  ${LINK}
) STRICT;
CREATE UNIQUE INDEX verdict_by_chain ON verdict (chain);
CREATE INDEX verdict_by_anomaly ON verdict (anomaly, sequence);
CREATE TABLE chain_head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  sequence INTEGER NOT NULL,
  mac BLOB NOT NULL
) STRICT;
CREATE TABLE chain_key (
  first INTEGER PRIMARY KEY,
  key_id TEXT NOT NULL
) STRICT;
CREATE TABLE chain_gap (
  first INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  mac BLOB NOT NULL,
  seal BLOB NOT NULL
) STRICT;
CREATE TABLE anomaly_latest (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  run INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  state TEXT NOT NULL,
  spacecraft TEXT NOT NULL,
  start TEXT NOT NULL,
  "end" TEXT,
  detected_at TEXT NOT NULL,
  delay INTEGER NOT NULL,
  revised_at TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  equipment TEXT NOT NULL,
  fault TEXT NOT NULL,
  confidence REAL NOT NULL,
  score REAL NOT NULL,
  threshold REAL NOT NULL,
  severity TEXT NOT NULL DEFAULT 'medium',
  verdict TEXT NOT NULL DEFAULT '',
  model TEXT NOT NULL,
  sentence TEXT NOT NULL,
  words TEXT NOT NULL
) STRICT;
CREATE INDEX latest_by_key ON anomaly_latest (key, equipment, fault, state, severity, verdict, confidence, spacecraft, model, delay);
CREATE INDEX latest_by_equipment ON anomaly_latest (equipment, key, fault, state, severity, verdict, confidence);
CREATE INDEX latest_by_fault ON anomaly_latest (fault, key, equipment, state, severity, verdict, confidence);
CREATE INDEX latest_by_spacecraft ON anomaly_latest (spacecraft, key, equipment, fault, state, severity, verdict, confidence);
CREATE INDEX latest_by_state ON anomaly_latest (state, key, equipment, fault, severity, verdict, confidence);
CREATE INDEX latest_by_severity ON anomaly_latest (severity, key, equipment, fault, state, verdict, confidence);
CREATE INDEX latest_by_verdict ON anomaly_latest (verdict, key, equipment, fault, state, severity, confidence);
CREATE INDEX latest_by_confidence ON anomaly_latest (confidence, key, equipment, fault, state, severity, verdict);
CREATE INDEX latest_by_score ON anomaly_latest (score, key);
CREATE VIRTUAL TABLE anomaly_text USING fts5(words, content='', contentless_delete=1, detail=none,
  tokenize="unicode61 tokenchars '_'");
ALTER TABLE recovery ADD COLUMN anomaly_key INTEGER;
CREATE INDEX recovery_by_rule ON recovery (rule, anomaly_key, state);
CREATE INDEX recovery_by_state ON recovery (state, anomaly_key, rule);
CREATE INDEX recovery_by_anomaly ON recovery (anomaly_key, rule, state);
DROP INDEX alarm_step_by_time;
CREATE INDEX alarm_step_by_time ON alarm_step (time, change);
CREATE INDEX alarm_by_explanation ON alarm (json_extract(record, '$.explanationId'));
CREATE INDEX alarm_by_state ON alarm (state);
CREATE INDEX daemon_event_by_time ON daemon_event (wall_time);
PRAGMA user_version = 3;
`;
