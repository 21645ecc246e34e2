/** Tables of the explanation log, versions 1 and 2; version 3 is in its own file. Times are ISO 8601 UTC text, packet time unless the name says otherwise. */
import { VERSION_3 } from './sqlite-schema-3';
import { VERSION_4 } from './sqlite-schema-4';
import { VERSION_5 } from './sqlite-schema-5';
import { VERSION_6 } from './sqlite-schema-6';
import { VERSION_7 } from './sqlite-schema-7';

/**
 * `run` numbers the openings of the log for writing. Ids are unique within one. So what a restarted daemon or a second replay
 * writes never collides with what is there, and never replaces it.
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
export const MIGRATIONS: readonly string[] = [
  VERSION_1,
  VERSION_2,
  VERSION_3,
  VERSION_4,
  VERSION_5,
  VERSION_6,
  VERSION_7,
];

/** Kept in `user_version`; a file of a later version is refused rather than guessed at. */
export const SCHEMA_VERSION = MIGRATIONS.length;
