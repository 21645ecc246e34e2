/** What a pass led to, as the world and the log have it, to be compared with another run of the same pass. */
import { readLog } from '../adapters/log/sqlite-log';
import type { Topics } from '../core/topics';

export interface HeardMessage {
  readonly topic: string;
  readonly text: string;
}

export interface PassOutcome {
  /** Revisions of the log's anomalies, in order, as JSON. */
  readonly anomalies: readonly string[];
  /** Recoveries: id, state and the commands that were sent, as JSON. */
  readonly recoveries: readonly string[];
  readonly alarms: readonly string[];
  /** What was published, in the order it was heard first. */
  readonly published: readonly string[];
  /** At-least-once: how often something was said again. */
  readonly publishedAgain: number;
  /** Ids of the requests that the spacecraft heard. */
  readonly requests: readonly string[];
  readonly duplicateRequests: number;
}

const MOST = 100_000;

const logOf = (path: string): Pick<PassOutcome, 'anomalies' | 'recoveries' | 'alarms'> => {
  const log = readLog(path);
  try {
    const anomalies = log
      .listAnomalies({ limit: MOST })
      .flatMap(({ id }) => (log.showAnomaly(id)?.revisions ?? []).map((record) => JSON.stringify(record)))
      .sort();
    const recoveries = log.ledger
      .listRecoveries({ all: true, limit: MOST })
      .map(({ id, state, step, steps, sent }) =>
        JSON.stringify({ id, state, step, sent, commands: steps.map(({ request }) => request.command) }),
      )
      .sort();
    const alarms = log.ledger
      .listAlarms({ all: true, limit: MOST })
      .map(({ name, sequence, state }) => JSON.stringify({ name, sequence, state }))
      .sort();
    return { anomalies, recoveries, alarms };
  } finally {
    log.close();
  }
};

/** @param path of the log, which nobody writes any more. */
export const outcomeOf = (path: string, topics: Topics, heard: readonly HeardMessage[]): PassOutcome => {
  const requests = heard
    .filter(({ topic }) => topic === topics.action)
    .map(({ text }) => (JSON.parse(text) as { id: string }).id);
  const told = [topics.anomaly, topics.check, topics.monitor, topics.muted];
  const said = heard.filter(({ topic }) => told.includes(topic)).map(({ topic, text }) => `${topic} ${text}`);
  const published = [...new Set(said)];
  return {
    ...logOf(path),
    published,
    publishedAgain: said.length - published.length,
    requests: [...new Set(requests)],
    duplicateRequests: requests.length - new Set(requests).size,
  };
};

const TOLD = 5;

/** The first differences of each kind, in words. */
export const differencesOf = (outcome: PassOutcome, wanted: PassOutcome): readonly string[] =>
  (['anomalies', 'recoveries', 'alarms', 'published', 'requests'] as const).flatMap((kind) => {
    const [got, want] = [outcome[kind], wanted[kind]];
    const missing = want.filter((text) => !got.includes(text)).map((text) => `${kind}: missing ${text}`);
    const added = got.filter((text) => !want.includes(text)).map((text) => `${kind}: added ${text}`);
    const isInOrder = missing.length + added.length > 0 || got.every((text, index) => text === want[index]);
    return [...missing.slice(0, TOLD), ...added.slice(0, TOLD), ...(isInOrder ? [] : [`${kind}: in another order`])];
  });
