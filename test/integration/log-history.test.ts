/** Filters of the time line are judged in the database: they let the same entries pass as a look at each of them, however many there are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { readHistory } from '../../src/adapters/log/log-history';
import { openLog, readLog } from '../../src/adapters/log/sqlite-log';
import { createRandom, type Random } from '../../src/core/random';
import type { CheckEvent, PipelineEvent } from '../../src/domain/events';
import type { HistoryEntry, HistoryFilter } from '../../src/domain/history';
import type { LedgerEntry } from '../../src/domain/ledger';
import { isoTime } from '../../src/domain/units';
import { anomalyEvent, recoveryEntries, requestOf } from '../support/full-log';
import { T0 } from '../support/tiny-mission';

const SEED = 1887;
const COUNT = 400;
/** Names that contain each other, words of the sentences, quotes, and letters that are not ASCII. */
const UNITS = ['rw1', 'rw', 'rw10', 'bus', 'by', 'r2', 'tür', 'a"b', 'null'];
const FAULTS = ['offset', 'step', 'off'];
const RULES = ['off', 'rule-1', 'rule'];
const SEVERITIES = ['high', 'medium', 'low'] as const;

const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random.uniform() * items.length)] as T;

/** Times of a few minutes with and without fractions, many within one second. */
const timeIn = (random: Random): string =>
  isoTime(T0 + Math.floor(random.uniform() * 60) * 1000 + pick(random, [0, 0, 1, 250, 999]));

const eventIn = (random: Random, index: number): PipelineEvent => {
  const time = timeIn(random);
  const unit = pick(random, UNITS);
  const severity = pick(random, SEVERITIES);
  switch (Math.floor(random.uniform() * 4)) {
    case 0: {
      const isMonitor = random.uniform() < 0.5;
      const check: CheckEvent = {
        ...{ type: 'check', time, parameter: `${unit}_current_a`, limit: 'critical', from: 'withinLimits' },
        ...{ to: 'aboveHighLimit', value: pick(random, [null, 6.5, 1e21]), range: [null, 9] },
        ...(isMonitor && { monitor: `watch/${unit}_x`, equipment: unit, severity }),
      };
      return check;
    }
    case 1:
      return {
        ...{ type: 'monitor', time, monitor: `${unit}-low`, severity, from: 'running', to: 'failed' },
        ...{ failing: ['a'], members: 2, atLeast: 1, ...(random.uniform() < 0.5 && { equipment: unit }) },
      };
    case 2: {
      const made = anomalyEvent({
        id: `S/${String(index)}/${unit}`,
        start: T0,
        equipment: unit,
        fault: pick(random, FAULTS),
      });
      return { ...made, revisedAt: time } as PipelineEvent;
    }
    default:
      return { type: 'action', ...requestOf(`S/${String(index)}`, pick(random, RULES)), time };
  }
};

const entriesIn = (random: Random, index: number): readonly LedgerEntry[] => {
  const [time, unit] = [timeIn(random), pick(random, UNITS)];
  if (random.uniform() < 0.3)
    return recoveryEntries(`S/${String(index)}/${unit}`, { rule: pick(random, RULES), startedAt: Date.parse(time) });
  const [severity, by] = [pick(random, SEVERITIES), pick(random, ['', 'ada'])];
  return random.uniform() < 0.7
    ? [
        {
          kind: 'alarm-step',
          record: {
            ...{ name: pick(random, [`anomaly/${unit}`, `check/${unit}_current_a`]), sequence: 1, time },
            ...{ change: 'triggered', state: 'triggered', severity, value: 9, by, note: '' },
          },
        },
      ]
    : [
        {
          kind: 'operator',
          record: {
            time,
            by: 'ada',
            request: 'alarm-ack',
            target: `anomaly/${unit}`,
            ok: random.uniform() < 0.5,
            message: 'Seen',
          },
        },
      ];
};

const filterIn = (random: Random): HistoryFilter => {
  const may = <K extends string, V>(key: K, value: () => V): object =>
    random.uniform() < 0.3 ? { [key]: value() } : {};
  const words = ['rw1', 'by', 'from', 'critical', 'value null', 'r1 open', 'refused,', '(open', '9),', 'muted', 'SEEN', 'tür', 'a"b_current', 'alarm now', 'level', '1e+21', 'anomaly/rw', 'offset', 'request', 'x:', 'nowhere']; // prettier-ignore
  return {
    ...may('equipment', () => [pick(random, UNITS), ...(random.uniform() < 0.3 ? [pick(random, UNITS)] : [])]),
    ...may('fault', () => [pick(random, FAULTS)]),
    ...may('rule', () => pick(random, RULES)),
    ...may('severity', () => pick(random, SEVERITIES)),
    ...may('text', () => pick(random, words)),
    ...may('since', () => timeIn(random)),
    ...may('until', () => timeIn(random)),
    ...may('kinds', () => [pick(random, ['anomaly', 'transition', 'alarm', 'order', 'action', 'event'])]),
  };
};

/** The filter as it is documented, on one entry. */
const isWanted = (entry: HistoryEntry, filter: HistoryFilter): boolean => {
  const { since = '', until = '9999-01-01', kinds, equipment, fault, rule, severity, text = '' } = filter;
  const at = Date.parse(entry.time);
  const said = `${entry.about} ${entry.text}`.toLowerCase();
  const isOf = (unit: string): boolean =>
    [entry.equipment, entry.about].includes(unit) ||
    entry.about.startsWith(`${unit}_`) ||
    entry.about.includes(`/${unit}_`);
  return [
    since === '' || at >= Date.parse(since),
    at < Date.parse(until),
    kinds?.includes(entry.kind) ?? true,
    equipment?.some(isOf) ?? true,
    fault === undefined || fault.some((name) => name === entry.fault),
    rule === undefined || rule === entry.rule,
    severity === undefined || severity === entry.severity,
    text.split(' ').every((word) => said.includes(word.toLowerCase())),
  ].every(Boolean);
};

let folder: string;
const path = (): string => join(folder, 'log.db');
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-history-'));
  const random = createRandom(SEED);
  const log = openLog(path(), T0);
  log.note(T0, { kind: 'started', detail: { mode: 'active', model: null } });
  for (let index = 0; index < COUNT; index += 1) log.commit([eventIn(random, index)], [...entriesIn(random, index)]);
  log.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test(`whatever is asked for: the same entries in the same order as of a look at each (seed ${String(SEED)})`, () => {
  const reader = readLog(path());
  const all = reader.history({}, 10 * COUNT).entries;
  const random = createRandom(SEED + 1);
  let found = 0;
  for (let round = 0; round < 400; round += 1) {
    const [filter, limit] = [filterIn(random), pick(random, [1, 3, 50, 10 * COUNT])];
    const wanted = all.filter((entry) => isWanted(entry, filter)).slice(0, limit);
    const { entries, completeSince } = reader.history(filter, limit);
    expect({ round, filter, limit, entries, completeSince }).toEqual({
      round,
      filter,
      limit,
      entries: wanted,
      completeSince: null,
    });
    found += wanted.length > 0 ? 1 : 0;
  }
  reader.close();
  expect(found).toBeGreaterThan(100);
});

describe('when more rows may fit than are looked through', () => {
  const reading = <T>(read: (tables: Database.Database) => T): T => {
    const database = new Database(path(), { readonly: true });
    try {
      return read(database);
    } finally {
      database.close();
    }
  };
  // Every transition of rw10 and of rw1 has the letters of "rw", and none of them is of it.
  const filter: HistoryFilter = { equipment: ['rw'], kinds: ['transition'] };

  test('it says since when nothing is missing, and nothing is', () => {
    const whole = reading((tables) => readHistory(tables, filter, 10 * COUNT));
    const cut = reading((tables) => readHistory(tables, filter, 10 * COUNT, 20));
    const since = Date.parse(cut.completeSince ?? '');
    expect(whole.completeSince).toBeNull();
    expect(cut.entries.length).toBeLessThan(whole.entries.length);
    const isSure = ({ time }: HistoryEntry): boolean => Date.parse(time) >= since;
    expect(cut.entries.filter(isSure)).toEqual(whole.entries.filter(isSure));
    expect(cut.entries.some(isSure)).toBe(true);
  });

  test('it says nothing if what is asked for is newer', () => {
    const { entries, completeSince } = reading((tables) => readHistory(tables, filter, 1, 40));
    expect({ count: entries.length, completeSince }).toEqual({ count: 1, completeSince: null });
  });
});

test('each table is read newest first by an index, and none is sorted', () => {
  const database = new Database(path(), { readonly: true });
  const plans: string[] = [];
  const tables = {
    prepare: (sql: string) => {
      const details = database.prepare(`EXPLAIN QUERY PLAN ${sql}`);
      const statement = database.prepare(sql);
      return {
        ...{ run: () => undefined, get: () => undefined },
        all: (parameters: Readonly<Record<string, unknown>>) => {
          plans.push(...details.all(parameters).map((row) => (row as { readonly detail: string }).detail));
          return statement.all(parameters);
        },
      };
    },
  };
  readHistory(tables, { equipment: ['rw1'], text: 'critical' }, 10);
  database.close();
  // Rows of one instant may be put in order.
  const walks = plans.filter((plan) => !plan.startsWith('USE TEMP B-TREE FOR LAST TERM'));
  expect(walks.length).toBe(8);
  for (const plan of walks) expect(plan).toMatch(/^SEARCH \w+ USING INDEX \w+time/);
});
