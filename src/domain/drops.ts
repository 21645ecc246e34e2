/** Reasons why something that came in was not used. Every drop is counted under one of them and shown in `summary` and `health`. */
export const dropReasons = [
  'malformed', // not JSON, wrong shape, wrong type, unreadable line
  'oversized', // larger than the daemon reads
  'unknown-parameter', // not in the mission
  'not-finite', // NaN or an infinity as a value
  'invalid', // outside the parameter's valid range
  'late', // for a sampling instant that is already closed
  'duplicate', // the instant already has this parameter's value
  'same-instant', // a second and different value of a parameter at one instant: the first is used
  'future', // further ahead of the clock than the daemon trusts
  'overflow', // more than is judged: quality of service 0, or a backlog with the freshest first
  'missing', // packets that the sequence counts of their APID show to be missing
  'idle', // packets that only fill the link (APID 2047): nothing is lost with them
  'foreign', // on a topic of an earlier configuration, which the broker still remembered
  'retained', // an order or acknowledgement that the broker kept: it would be obeyed again at every start
  'not-live', // a bare number that the broker kept: when it was measured is not known
  'past', // before the year 2000: a clock that was never set
] as const;

export type DropReason = (typeof dropReasons)[number];

/** Drops by reason; reasons that did not occur are left out. */
export type DropCounts = Readonly<Partial<Record<DropReason, number>>>;
