/**
 * Version 6 of the log's tables. `note` holds what people wrote, and is a link of the chain. `notification` holds what a receiver of
 * `notify:` has not taken yet. `notified` holds what stands at the receivers now. Both are emptied again, and are no links.
 */
export const VERSION_6 = `
CREATE TABLE note (
  sequence INTEGER PRIMARY KEY,
  wall_time TEXT NOT NULL,
  kind TEXT NOT NULL,
  about TEXT NOT NULL,
  target TEXT NOT NULL,
  by TEXT NOT NULL,
  text TEXT NOT NULL,
  chain INTEGER,
  mac BLOB
) STRICT;
CREATE UNIQUE INDEX note_by_chain ON note (chain);
CREATE INDEX note_by_time ON note (wall_time);
CREATE INDEX note_by_target ON note (about, target, sequence);
CREATE TABLE notification (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  destination TEXT NOT NULL,
  id TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX notification_by_destination ON notification (destination, sequence);
CREATE TABLE notified (
  alarm TEXT PRIMARY KEY,
  record TEXT NOT NULL
) STRICT;
PRAGMA user_version = 6;
`;
