/** The explanation log with a million anomalies: lists by every two filters, statistics of a month, the time line, and writing as the daemon does. */
import { rmSync, statSync } from 'node:fs';
import { openLog, readLog, type FileReader } from '../adapters/log/sqlite-log';
import { createRandom } from '../core/random';
import type { LogFilter } from '../domain/log-query';
import { equipmentIds, type Mission } from '../domain/mission';
import { isoTime } from '../domain/units';
import { historyTimes } from './log-history';
import { makeAnomalies, MADE_FAULTS, MADE_RULES, MADE_STATES, type SyntheticAnomaly } from './made-anomalies';
import { ofEvents, quantile } from './statistics';
import { BENCH_START, type Workshop } from './workshop';

const ANOMALIES = Number(process.env['FDIR_BENCH_ANOMALIES'] ?? 1_000_000);
const SEED = 404;
const DAY_MS = 86_400_000;
const SPAN_MS = 365 * DAY_MS;
const MONTH_MS = 30 * DAY_MS;
/** Anomalies of a transaction while the log is filled; and of the writing that is measured, one each, as the daemon does. */
const FILL_AT_ONCE = 2000;
const WRITTEN = 3000;
/** Arrivals that share a commit when they come faster than the disk (`LONGEST_GROUP` of the daemon). */
const GROUPED = 16;
const ROWS = 50;
const VALUES_PER_PAIR = 3;

const recordsOf = ({ ledger }: SyntheticAnomaly): number => 1 + ledger.length;

/** One filter of each documented kind, its value drawn. */
const drawn = (mission: Mission, uniform: () => number): Readonly<Record<string, () => LogFilter>> => {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(uniform() * items.length)] as T;
  const time = (): string => isoTime(BENCH_START + Math.floor(uniform() * SPAN_MS));
  return {
    since: () => ({ since: time() }),
    until: () => ({ until: time() }),
    spacecraft: () => ({ spacecraft: mission.spacecraft }),
    equipment: () => ({ equipment: [pick(equipmentIds(mission))] }),
    fault: () => ({ fault: [pick(MADE_FAULTS)] }),
    minConfidence: () => ({ minConfidence: uniform() }),
    maxConfidence: () => ({ maxConfidence: uniform() }),
    state: () => ({ state: pick(['open', 'closed']) }),
    severity: () => ({ severity: pick(['medium', 'high']) }),
    rule: () => ({ rule: pick(MADE_RULES) }),
    outcome: () => ({ outcome: pick(MADE_STATES) }),
    verdict: () => ({ verdict: pick(['true', 'false', 'rare-nominal', 'none']) }),
    text: () => ({ text: pick(['motor', 'bearing temperature', 'suddenly', 'rw1 slowly']) }),
  };
};

const timed = (work: () => unknown): number => {
  const before = performance.now();
  work();
  return performance.now() - before;
};

/** Every two filters together, as often as values are drawn. */
const listTimes = (reader: FileReader, mission: Mission) => {
  const random = createRandom(SEED);
  const filters = Object.entries(drawn(mission, () => random.uniform()));
  const times: { name: string; ms: number }[] = [];
  for (const [index, [first, one]] of filters.entries()) {
    for (const [second, other] of filters.slice(index + 1)) {
      for (let turn = 0; turn < VALUES_PER_PAIR; turn += 1) {
        const filter = { ...one(), ...other() };
        if (filter.since !== undefined && filter.until !== undefined && filter.since >= filter.until) continue;
        if ((filter.minConfidence ?? 0) > (filter.maxConfidence ?? 1)) continue;
        const ms = timed(() => reader.list(filter, { sort: 'start', order: 'desc', limit: ROWS }));
        times.push({ name: `${first} and ${second}`, ms });
      }
    }
  }
  const slowest = [...times].sort((a, b) => b.ms - a.ms).slice(0, 5);
  const milliseconds = times.map(({ ms }) => ms);
  return {
    ms: { ...ofEvents(milliseconds), p95: Number(quantile(milliseconds, 0.95).toPrecision(4)) },
    slowest: slowest.map(({ name, ms }) => `${name}: ${ms.toFixed(1)} ms`),
  };
};

export const benchLog = (workshop: Workshop) => {
  const { mission } = workshop.loaded;
  const path = workshop.path('million.db');
  const log = openLog(path, BENCH_START);
  const make = (count: number, start: number, seed: number) =>
    makeAnomalies({ mission, count, seed, start, spanMs: (SPAN_MS / ANOMALIES) * count });
  workshop.report(`log: making ${String(ANOMALIES)} anomalies`);
  const fillMs = timed(() => {
    let batch: SyntheticAnomaly[] = [];
    let done = 0;
    for (const item of make(ANOMALIES, BENCH_START, SEED)) {
      batch.push(item);
      if (batch.length < FILL_AT_ONCE) continue;
      log.commit(
        batch.map(({ event }) => event),
        batch.flatMap(({ ledger }) => ledger),
      );
      done += batch.length;
      batch = [];
      if (done % 100_000 === 0) workshop.report(`log: ${String(done)}`);
    }
    log.commit(
      batch.map(({ event }) => event),
      batch.flatMap(({ ledger }) => ledger),
    );
  });
  workshop.report('log: writing as the daemon does');
  const singles = [...make(WRITTEN, BENCH_START + SPAN_MS, SEED + 1)];
  const singleMs = timed(() => {
    for (const { event, ledger } of singles) log.commit([event], ledger);
  });
  const grouped = [...make(WRITTEN, BENCH_START + SPAN_MS + DAY_MS, SEED + 2)];
  const groupedMs = timed(() => {
    for (let at = 0; at < grouped.length; at += GROUPED) {
      const group = grouped.slice(at, at + GROUPED);
      log.commit(
        group.map(({ event }) => event),
        group.flatMap(({ ledger }) => ledger),
      );
    }
  });
  log.close();
  const reader = readLog(path);
  workshop.report('log: lists and statistics');
  // The first reads a file that nobody has read: the pages of a daemon's log are warm.
  listTimes(reader, mission);
  const list = listTimes(reader, mission);
  const end = BENCH_START + SPAN_MS;
  const month = { since: isoTime(end - MONTH_MS), until: isoTime(end) };
  const stats = Array.from({ length: 5 }, () => timed(() => reader.stats(month)));
  const monthCount = reader.count(month);
  const verifyMs = timed(() => reader.verify({ keys: [] }));
  reader.close();
  const total = (items: readonly SyntheticAnomaly[]): number => items.reduce((sum, item) => sum + recordsOf(item), 0);
  const result = {
    anomalies: ANOMALIES,
    gigabytes: Number((statSync(path).size / 1e9).toFixed(2)),
    fillSeconds: Math.round(fillMs / 1000),
    recordsPerSecond: {
      aCommitEach: Math.round(total(singles) / (singleMs / 1000)),
      grouped: Math.round(total(grouped) / (groupedMs / 1000)),
    },
    listTwoFilters: list,
    statsOfAMonth: { anomalies: monthCount, ms: ofEvents(stats) },
    verifySeconds: Math.round(verifyMs / 1000),
    history: historyTimes(workshop),
  };
  rmSync(path, { force: true });
  return Promise.resolve(result);
};
