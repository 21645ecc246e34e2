/** Tables of the explanation log, version 2. Times are ISO 8601 UTC text, packet time unless the name says otherwise. */

/**
 * `run` numbers the openings of the log for writing: ids are unique within one, so that what a restarted daemon or a second
 * replay writes never collides with, and never replaces, what is there.
 */
const VERSION_1 = `
CREATE TABLE run (
  run INTEGER PRIMARY KEY,
  opened_at TEXT NOT NULL
) STRICT;
CREATE TABLE anomaly (
  run INTEGER NOT NULL REFERENCES run(run),
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  state TEXT NOT NULL,
  spacecraft TEXT NOT NULL,
  start TEXT NOT NULL,
  "end" TEXT,
  detected_at TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  equipment TEXT NOT NULL,
  fault TEXT NOT NULL,
  confidence REAL NOT NULL,
  score REAL NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (run, id, revision)
) STRICT;
CREATE INDEX anomaly_by_start ON anomaly (start);
CREATE INDEX anomaly_by_id ON anomaly (id, run, revision);
CREATE TABLE check_transition (
  sequence INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(run),
  time TEXT NOT NULL,
  parameter TEXT NOT NULL,
  limit_set TEXT NOT NULL,
  from_status TEXT NOT NULL,
  to_status TEXT NOT NULL,
  value REAL,
  low REAL NOT NULL,
  high REAL NOT NULL
) STRICT;
CREATE INDEX check_by_time ON check_transition (time);
CREATE TABLE action (
  run INTEGER NOT NULL REFERENCES run(run),
  id TEXT NOT NULL,
  explanation_id TEXT NOT NULL,
  explanation_revision INTEGER NOT NULL,
  rule TEXT NOT NULL,
  level INTEGER NOT NULL,
  time TEXT NOT NULL,
  command TEXT NOT NULL,
  disposition TEXT NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (run, id)
) STRICT;
CREATE INDEX action_by_explanation ON action (explanation_id);
CREATE TABLE daemon_event (
  sequence INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(run),
  wall_time TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
PRAGMA user_version = 1;
`;

/**
 * Version 2 keeps what a restarted daemon goes on with. Records are JSON; the columns beside them are what is looked for.
 * `recovery`, `rule_state`, `equipment_health`, `alarm` and `memory` hold the newest of each; the rest is never changed. `outbox`
 * knows the requests that were handed to the connection; its message is gone when the broker has it.
 */
const VERSION_2 = `
ALTER TABLE check_transition ADD COLUMN record TEXT;
CREATE TABLE monitor_event (
  sequence INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(run),
  time TEXT NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX monitor_by_time ON monitor_event (time);
CREATE TABLE recovery (
  id TEXT PRIMARY KEY,
  started_at TEXT NOT NULL,
  rule TEXT NOT NULL,
  equipment TEXT NOT NULL,
  explanation_id TEXT NOT NULL,
  state TEXT NOT NULL,
  is_over INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX recovery_by_start ON recovery (started_at);
CREATE INDEX recovery_by_explanation ON recovery (explanation_id);
CREATE TABLE recovery_step (
  sequence INTEGER PRIMARY KEY,
  recovery TEXT NOT NULL REFERENCES recovery(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  time TEXT NOT NULL,
  to_state TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX step_by_recovery ON recovery_step (recovery, sequence);
CREATE TABLE rule_state (
  rule TEXT NOT NULL,
  equipment TEXT NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (rule, equipment)
) STRICT;
CREATE TABLE rule_override (
  rule TEXT PRIMARY KEY,
  record TEXT NOT NULL
) STRICT;
CREATE TABLE equipment_health (
  equipment TEXT PRIMARY KEY,
  health TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE TABLE alarm (
  name TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  state TEXT NOT NULL,
  severity TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (name, sequence)
) STRICT;
CREATE TABLE alarm_step (
  step INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  time TEXT NOT NULL,
  change TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX alarm_step_by_time ON alarm_step (time);
CREATE TABLE operator_action (
  sequence INTEGER PRIMARY KEY,
  wall_time TEXT NOT NULL,
  by TEXT NOT NULL,
  request TEXT NOT NULL,
  target TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE TABLE outbox (
  sequence INTEGER PRIMARY KEY,
  request TEXT NOT NULL UNIQUE,
  message_id INTEGER NOT NULL,
  is_release INTEGER NOT NULL,
  until INTEGER,
  message TEXT
) STRICT;
CREATE TABLE memory (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
PRAGMA user_version = 2;
`;

/** What leads from each version to the next; the first from nothing to version 1. */
export const MIGRATIONS: readonly string[] = [VERSION_1, VERSION_2];

/** Kept in `user_version`; a file of a later version is refused rather than guessed at. */
export const SCHEMA_VERSION = MIGRATIONS.length;

export const INSERT = {
  run: 'INSERT INTO run (opened_at) VALUES (?)',
  // Within a run an id and revision occur once; should a defect repeat one, the log must not be what stops the daemon.
  anomaly: `INSERT OR REPLACE INTO anomaly VALUES (@run, @id, @revision, @state, @spacecraft, @start, @end, @detectedAt, @trigger,
    @equipment, @fault, @confidence, @score, @record)`,
  check: `INSERT INTO check_transition VALUES (NULL, @run, @time, @parameter, @limit, @from, @to, @value, @low, @high, @record)`,
  monitor: 'INSERT INTO monitor_event VALUES (NULL, @run, @time, @type, @id, @record)',
  action: `INSERT OR REPLACE INTO action VALUES (@run, @id, @explanationId, @explanationRevision, @rule, @level, @time, @command,
    @disposition, @record)`,
  daemonEvent: 'INSERT INTO daemon_event VALUES (NULL, @run, @time, @kind, @detail)',
} as const;

/** The latest revision of each anomaly, newest first; a filter that is null lets everything pass. */
export const SELECT_LATEST = `
SELECT record FROM anomaly AS latest
WHERE run = (SELECT max(run) FROM anomaly WHERE id = latest.id)
  AND revision = (SELECT max(revision) FROM anomaly WHERE id = latest.id AND run = latest.run)
  AND (@since IS NULL OR start >= @since)
  AND (@equipment IS NULL OR equipment = @equipment)
  AND (@fault IS NULL OR fault = @fault)
ORDER BY start DESC, id LIMIT @limit`;

export const SELECT_REVISIONS = `
SELECT record FROM anomaly WHERE id = @id AND run = (SELECT max(run) FROM anomaly WHERE id = @id) ORDER BY revision`;

export const SELECT_ACTIONS = `
SELECT record FROM action WHERE explanation_id = @id AND run = (SELECT max(run) FROM anomaly WHERE id = @id) ORDER BY time, id`;

/** Packet time of the newest entry, against which age is measured: a log of a simulated year must not be empty at once. */
export const SELECT_NEWEST = `
SELECT max(time) AS time FROM (SELECT max(start) AS time FROM anomaly UNION ALL SELECT max(time) FROM check_transition)`;

/** The time before which the oldest tenth of the anomalies and of the transitions lies. */
export const SELECT_OLDEST_TENTH = `
SELECT max(time) AS time FROM (
  SELECT (SELECT start FROM anomaly ORDER BY start LIMIT 1 OFFSET (SELECT count(*) / 10 FROM anomaly)) AS time
  UNION ALL
  SELECT (SELECT time FROM check_transition ORDER BY time LIMIT 1 OFFSET (SELECT count(*) / 10 FROM check_transition)))`;

/** Everything before a packet time; an anomaly goes as a whole, with its requests. */
export const DELETE_BEFORE = [
  `DELETE FROM action WHERE explanation_id IN (SELECT id FROM anomaly WHERE start < @time)`,
  `DELETE FROM anomaly WHERE start < @time`,
  `DELETE FROM check_transition WHERE time < @time`,
  `DELETE FROM monitor_event WHERE time < @time`,
  `DELETE FROM recovery WHERE is_over = 1 AND started_at < @time`,
  `DELETE FROM alarm WHERE state = 'cleared' AND changed_at < @time`,
  `DELETE FROM alarm_step WHERE time < @time`,
] as const;
