/**
 * Version 4 of the log's tables. It holds what the judgement goes on with after a restart, written in the transaction of what it
 * led to. It also holds what is to be published, until the broker has it. Neither is a record: both are replaced and emptied, and
 * no links of the chain. The outbox remembers thousands of requests of which a few are under way: those are found by an index of
 * their own.
 */
export const VERSION_4 = `
CREATE TABLE checkpoint (
  part TEXT PRIMARY KEY,
  basis TEXT NOT NULL,
  value BLOB NOT NULL
) STRICT;
CREATE TABLE publication (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  payload TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_under_way ON outbox (message_id) WHERE message IS NOT NULL;
PRAGMA user_version = 4;
`;
