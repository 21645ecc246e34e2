/**
 * Version 7 of the log's tables: indexes by which the time line reads every table newest first. A filter then stops at what it was asked
 * for, and never sorts a table.
 */

/** When a revision was made. A record that is damaged stands at its start: it must not keep the row from being deleted. */
export const REVISION_TIME = "CASE WHEN json_valid(record) THEN json_extract(record, '$.revisedAt') ELSE start END";

export const VERSION_7 = `
CREATE INDEX action_by_time ON action (time);
CREATE INDEX recovery_step_by_time ON recovery_step (time);
CREATE INDEX operator_action_by_time ON operator_action (wall_time);
CREATE INDEX anomaly_by_revision_time ON anomaly (${REVISION_TIME});
PRAGMA user_version = 7;
`;
