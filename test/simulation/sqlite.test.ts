import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFailure, tryRun } from '../../src/bench/campaign/campaign';
import { SqliteBackedLog } from '../../src/bench/campaign/sqlite-backed';

const FIRST = Number(process.env['FDIR_SEED'] ?? 20_001);
const RUNS = process.env['FDIR_SEED'] === undefined ? 40 : 1;
const TIMEOUT_MS = 300_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-campaign-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test(
  `the runs from seed ${String(FIRST)} on go the same way over a real log, which says what the one in memory says`,
  async () => {
    for (let seed = FIRST; seed < FIRST + RUNS; seed += 1) {
      const log = new SqliteBackedLog(join(folder, `${String(seed)}.db`));
      const verdict = await tryRun(seed, log);
      expect(verdict.found.length === 0 ? '' : describeFailure(verdict)).toBe('');
      const [real, inMemory] = log.bothKept();
      expect({ seed, kept: sorted(real) }).toEqual({ seed, kept: sorted(inMemory) });
      const wanted = log.events.flatMap((event) =>
        event.type === 'anomaly' ? [`${event.id} ${String(event.revision)}`] : [],
      );
      expect([...log.anomalies()].sort()).toEqual(wanted.sort());
      log.close();
    }
  },
  TIMEOUT_MS,
);

/** The order of what is kept by name says nothing, and neither does the order of keys. */
const sorted = ({ handed, rules, overrides, equipments, alarms, ...rest }: ReturnType<SqliteBackedLog['kept']>) => ({
  ...rest,
  handed: [...handed].sort(),
  rules: byText(rules),
  overrides: byText(overrides),
  equipments: byText(equipments),
  alarms: byText(alarms),
});
const inKeyOrder = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
const byText = <T>(items: readonly T[]): readonly string[] =>
  items.map((item) => JSON.stringify(item, inKeyOrder)).sort();
