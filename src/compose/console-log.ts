/** The log as the console reads it: opened when it is needed, and again when it was replaced or could not be read. */
import { statSync } from 'node:fs';
import { anomalyParts } from '../adapters/log/anomaly-parquet';
import type { LogReader } from '../adapters/log/log-reader';
import { readLog, type FileReader } from '../adapters/log/sqlite-log';
import type { AnomalyQuery } from '../console/api/anomalies';
import { queriedKinds } from '../console/api/daemon-events';
import type { SentQuery } from '../console/api/sent';
import type { ConsoleLog, ShownAccount } from '../console/server/world';
import { buildShiftReport } from '../core/report/shift-report';
import { historyPage } from '../core/history-page';
import { readLogFilter } from '../core/log-filter';
import { unknownNames } from '../core/unknown-names';
import type { AnomalyRow } from '../domain/log-query';

/** A page that waits for the log keeps all other pages waiting: rather told to come back. */
const BUSY_TIMEOUT_MS = 250;
/** Rows of an export that are read at once. */
const BATCH_ROWS = 500;

/** Which file a path leads to. */
const identityOf = (path: string): string => {
  const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? { dev: 0, ino: 0 };
  return `${String(dev)}/${String(ino)}`;
};

const sentFilter = ({ since, until, name, limit }: SentQuery, now: number) => {
  const times = readLogFilter({ since, until }, now);
  return { since: times.since, until: times.until, name, limit };
};

/** A log that is read now and then. @throws what it says when it cannot be read; the next call tries again. */
export interface LogSource {
  read<T>(read: (reader: LogReader) => T): T;
  close(): void;
}

class OpenLog implements LogSource {
  private open: { readonly reader: FileReader; readonly identity: string } | undefined;

  constructor(private readonly path: string) {}

  /** @throws what the log says when it cannot be read; the next call opens it anew. */
  read<T>(read: (reader: FileReader) => T): T {
    const identity = identityOf(this.path);
    if (this.open !== undefined && this.open.identity !== identity) this.close();
    try {
      this.open ??= { reader: readLog(this.path, BUSY_TIMEOUT_MS), identity };
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

/** @param from a file, or where else the log is. @param now wall clock, milliseconds. */
export const consoleLog = (from: string | LogSource, now: () => number): ConsoleLog & { close(): void } => {
  const log = typeof from === 'string' ? new OpenLog(from) : from;
  // Each batch is a read of its own: the log may have been replaced meanwhile.
  const batches = function* (query: AnomalyQuery): Generator<readonly AnomalyRow[], void, undefined> {
    const filter = readLogFilter(query, now());
    for (let cursor: string | undefined, isLast = false; !isLast;) {
      const page = { sort: 'start' as const, order: 'asc' as const, limit: BATCH_ROWS, cursor };
      const { items, next } = log.read((reader) => reader.list(filter, page));
      yield items;
      cursor = next ?? undefined;
      isLast = next === null;
    }
  };
  return {
    list: ({ sort, order, limit, cursor, ...query }) => {
      const { items, next } = log.read((reader) =>
        reader.list(readLogFilter(query, now()), { sort, order, limit, cursor }),
      );
      return { items: [...items], next };
    },
    histogram: (query, buckets) => {
      const { counts, ...rest } = log.read((reader) => reader.histogram(readLogFilter(query, now()), buckets));
      return { ...rest, counts: [...counts] };
    },
    batches,
    parquet: (query) => anomalyParts(batches(query)),
    account: (id): ShownAccount | undefined =>
      log.read((reader) => {
        const found = reader.account(id);
        const [first, ...others] = found?.revisions ?? [];
        if (found === undefined || first === undefined) return undefined;
        const { actions, recoveries, alarms, verdicts, notes } = found;
        return { revisions: [first, ...others], requests: actions, recoveries, alarms, verdicts, notes };
      }),
    recoveries: (all) => log.read(({ ledger }) => ledger.listRecoveries({ all })),
    recovery: (id) => log.read(({ ledger }) => ledger.showRecovery(id)),
    alarms: (all) => log.read(({ ledger }) => ledger.listAlarms({ all })),
    alarm: (name) => log.read(({ ledger }) => ledger.showAlarm(name)),
    events: (query) => {
      const { since, until } = readLogFilter({ since: query.since, until: query.until }, now());
      const filter = { since, until, kinds: queriedKinds(query), before: query.before };
      return log.read((reader) => reader.events(filter, { limit: query.limit }));
    },
    history: ({ kind: kinds, limit, cursor, ...query }) => {
      const filter = { ...readLogFilter(query, now()), kinds };
      return log.read((reader) => {
        const page = historyPage((wanted, rows) => reader.history(wanted, rows), filter, { limit, cursor });
        return { ...page, unknown: page.items.length > 0 ? [] : unknownNames(reader, filter) };
      });
    },
    reports: (query) => log.read((reader) => reader.reports(sentFilter(query, now()))),
    shift: (range) => log.read((reader) => buildShiftReport(range, reader.shift(range))),
    notes: (filter) => log.read(({ ledger }) => ledger.notes(filter)),
    commands: (query) => log.read((reader) => reader.telecommands(sentFilter(query, now()))),
    ruleCounts: () => log.read((reader) => reader.ruleCounts()),
    close: () => {
      log.close();
    },
  };
};
