/**
 * Version 5 of the log's tables: telecommands that were sent, and what the spacecraft itself reported (PUS service 5). Both are written
 * once and are links of the chain.
 */
export const VERSION_5 = `
CREATE TABLE telecommand (
  sequence INTEGER PRIMARY KEY,
  time TEXT NOT NULL,
  name TEXT NOT NULL,
  record TEXT NOT NULL,
  chain INTEGER,
  mac BLOB
) STRICT;
CREATE UNIQUE INDEX telecommand_by_chain ON telecommand (chain);
CREATE INDEX telecommand_by_time ON telecommand (time);
CREATE INDEX telecommand_by_name ON telecommand (name, time);
CREATE TABLE onboard_event (
  sequence INTEGER PRIMARY KEY,
  time TEXT NOT NULL,
  name TEXT NOT NULL,
  severity TEXT NOT NULL,
  record TEXT NOT NULL,
  chain INTEGER,
  mac BLOB
) STRICT;
CREATE UNIQUE INDEX onboard_event_by_chain ON onboard_event (chain);
CREATE INDEX onboard_event_by_time ON onboard_event (time);
PRAGMA user_version = 5;
`;
