/** The log as the console reads it: opened when it is needed, and again when it was replaced or could not be read. */
import { statSync } from 'node:fs';
import { readLog, type LogReader } from './adapters/sqlite-log';
import { summaryOf } from './console/account';
import type { AnomalyQuery, AnomalySummary, Histogram } from './console/api/anomalies';
import type { ConsoleLog, LoggedAccount } from './console/world';
import type { RuleCounts } from './console/views';
import { isoTime, parseDuration } from './domain/units';

/** Which file a path leads to. */
const identityOf = (path: string): string => {
  const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? { dev: 0, ino: 0 };
  return `${String(dev)}/${String(ino)}`;
};

class OpenLog {
  private open: { readonly reader: LogReader; readonly identity: string } | undefined;

  constructor(private readonly path: string) {}

  /** @throws what the log says when it cannot be read; the next call opens it anew. */
  read<T>(read: (reader: LogReader) => T): T {
    const identity = identityOf(this.path);
    if (this.open !== undefined && this.open.identity !== identity) this.close();
    try {
      this.open ??= { reader: readLog(this.path), identity };
      return read(this.open.reader);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    this.open?.reader.close();
    this.open = undefined;
  }
}

const timeOf = (text: string | undefined, now: number): string | undefined => {
  const duration = text === undefined ? undefined : parseDuration(text);
  return duration === undefined ? text : isoTime(now - duration);
};

const isWanted = (query: AnomalyQuery, item: AnomalySummary): boolean =>
  (query.equipment?.includes(item.equipment) ?? true) &&
  (query.fault?.includes(item.fault) ?? true) &&
  (query.until === undefined || item.start < query.until) &&
  item.confidence >= (query.minConfidence ?? 0) &&
  item.confidence <= (query.maxConfidence ?? 1) &&
  (query.state === undefined || item.state === query.state) &&
  (query.text === undefined || item.sentence.toLowerCase().includes(query.text.toLowerCase()));

/** @param now wall clock, milliseconds. */
export const consoleLog = (path: string, now: () => number): ConsoleLog & { close(): void } => {
  const log = new OpenLog(path);
  const find = (query: AnomalyQuery): readonly AnomalySummary[] =>
    log
      .read((reader) => reader.listAnomalies({ since: timeOf(query.since, now()) }))
      .map((explanation) => summaryOf(explanation))
      .filter((item) => isWanted({ ...query, until: timeOf(query.until, now()) }, item));
  return {
    list: ({ sort, order, limit, cursor = '0', ...query }) => {
      const sign = order === 'asc' ? 1 : -1;
      const from = Number(cursor) || 0;
      const items = [...find(query)].sort((a, b) => (a[sort] < b[sort] ? -sign : a[sort] > b[sort] ? sign : 0));
      const next = from + limit < items.length ? String(from + limit) : null;
      return { items: items.slice(from, from + limit), next };
    },
    histogram: (query, buckets): Histogram => {
      const starts = find(query).map(({ start }) => Date.parse(start));
      if (starts.length === 0) return { from: null, to: null, bucketSeconds: 0, counts: [], total: 0 };
      const from = Math.min(...starts);
      const to = Math.max(...starts) + 1;
      const width = (to - from) / buckets;
      const counts = new Array<number>(buckets).fill(0);
      for (const start of starts) {
        const bucket = Math.min(buckets - 1, Math.floor((start - from) / width));
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      }
      return { from: isoTime(from), to: isoTime(to), bucketSeconds: width / 1000, counts, total: starts.length };
    },
    batches: function* (query) {
      yield find(query);
    },
    account: (id): LoggedAccount | undefined =>
      log.read((reader) => {
        const shown = reader.showAnomaly(id);
        const [first, ...rest] = shown?.revisions ?? [];
        if (shown === undefined || first === undefined) return undefined;
        const { ledger } = reader;
        const recoveries = ledger
          .listRecoveries({ all: true })
          .filter(({ explanationId }) => explanationId === id)
          .flatMap((recovery) => ledger.showRecovery(recovery.id) ?? []);
        const alarms = ledger
          .listAlarms({ all: true })
          .filter(({ explanationId, causes }) => explanationId === id || id in causes);
        return { revisions: [first, ...rest], requests: shown.actions, recoveries, alarms, verdicts: [] };
      }),
    recoveries: (all) => log.read(({ ledger }) => ledger.listRecoveries({ all })),
    recovery: (id) => log.read(({ ledger }) => ledger.showRecovery(id)),
    alarms: (all) => log.read(({ ledger }) => ledger.listAlarms({ all })),
    alarm: (name) => log.read(({ ledger }) => ledger.showAlarm(name)),
    ruleCounts: () => {
      const counts = new Map<string, RuleCounts>();
      for (const { rule, state, startedAt } of log.read(({ ledger }) => ledger.listRecoveries({ all: true }))) {
        const before = counts.get(rule) ?? { states: {}, lastFiring: isoTime(startedAt) };
        const states = { ...before.states, [state]: (before.states[state] ?? 0) + 1 };
        counts.set(rule, { states, lastFiring: before.lastFiring });
      }
      return counts;
    },
    close: () => {
      log.close();
    },
  };
};
