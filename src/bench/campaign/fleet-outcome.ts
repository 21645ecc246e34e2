/** What a run of the fleet's campaign comes to, and how two runs differ. */
import { deserialize } from 'node:v8';
import type { Client } from 'pg';
import type { Tally } from '../../core/tally';

/** What a run comes to: one line for each thing, sorted. */
export interface FleetOutcome {
  readonly anomalies: readonly string[];
  readonly alarms: readonly string[];
  readonly requests: readonly string[];
}

const requestLine = (text: string): string => {
  const { id, spacecraft, rule, command, explanationId } = JSON.parse(text) as Readonly<Record<string, string>>;
  return [spacecraft, id, rule, command, explanationId].join(' ');
};

/** What is in the database in the end. */
export const outcomeOf = async (client: Client, passed: readonly string[]): Promise<FleetOutcome> => {
  const { rows: anomalies } = await client.query<{ line: string }>(
    `SELECT id || ' ' || revision || ' ' || state || ' ' || equipment || ' ' || fault || ' ' || coalesce("end", '-') AS line FROM anomaly_latest`,
  );
  const { rows: alarms } = await client.query<{ line: string }>(
    `SELECT name || ' ' || sequence || ' ' || severity AS line FROM alarm WHERE name LIKE '%/anomaly/%' OR name LIKE '%/check/%'`,
  );
  return {
    anomalies: anomalies.map(({ line }) => line).sort(),
    alarms: alarms.map(({ line }) => line).sort(),
    requests: passed.map(requestLine).sort(),
  };
};

/** Frames that were judged, of all spacecraft: the checkpoints count them. */
export const judgedFrames = async (client: Client): Promise<number> => {
  const { rows } = await client.query<{ value: Buffer }>(`SELECT value FROM checkpoint WHERE part LIKE '%/tally'`);
  return rows.reduce((sum, { value }) => sum + (deserialize(value) as Pick<Tally, 'frames'>).frames, 0);
};

const without = (these: readonly string[], those: readonly string[]): readonly string[] => {
  const known = new Set(those);
  return these.filter((line) => !known.has(line));
};

/** Every difference of the disturbed run from the one that nobody disturbed. */
export const differences = (calm: FleetOutcome, rough: FleetOutcome) => {
  const kinds = ['anomalies', 'alarms', 'requests'] as const;
  return kinds.map((kind) => {
    const [expected, found] = [calm[kind], rough[kind]];
    return {
      kind,
      expected: expected.length,
      found: found.length,
      lost: without(expected, found),
      added: without(found, expected),
      twice: found.length - new Set(found).size,
    };
  });
};

interface FleetResult {
  readonly isEqual: boolean;
  readonly compared: ReturnType<typeof differences>;
  readonly takeOverSeconds: { readonly p50: number; readonly p99: number };
  readonly endedByThemselves: number;
}

/** The last line of a campaign. */
export const fleetVerdict = (
  { isEqual, compared, takeOverSeconds, endedByThemselves }: FleetResult,
  seconds: number,
): string => {
  const told = compared.map(
    ({ kind, found, lost, added, twice }) =>
      `${String(found)} ${kind}, ${String(lost.length)} lost, ${String(added.length)} added, ${String(twice)} twice`,
  );
  const ended = endedByThemselves === 0 ? [] : [`${String(endedByThemselves)} workers ended by themselves`];
  const taken = `take-over p50 ${String(takeOverSeconds.p50)} s, p99 ${String(takeOverSeconds.p99)} s`;
  return `fleet: ${isEqual ? 'passed' : 'FAILED'}: ${[...told, ...ended, taken].join('; ')}; in ${String(seconds)} s`;
};
