import Database from 'better-sqlite3';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog, readLog } from '../../src/adapters/log/sqlite-log';
import { MIGRATIONS, SCHEMA_VERSION } from '../../src/adapters/log/sqlite-schema';
import { initialSupervisor, restoreSupervisor } from '../../src/core/recovery/supervisor-change';
import { supervise } from '../../src/core/recovery/supervisor';
import type { LedgerEntry } from '../../src/domain/ledger';
import { openAnomaly } from '../support/open-anomaly';
import { envOf, matchOf, ruleOf, situationAt, TruthBoard } from '../support/recovery-world';
import { T0 } from '../support/tiny-mission';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-ledger-'));
  path = join(folder, 'log.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const rule = ruleOf({ rearm: 'manual' });
const env = envOf([rule], new TruthBoard());
const begun = supervise(env, initialSupervisor, {
  kind: 'situation',
  situation: situationAt(0),
  matches: [matchOf(rule, 0)],
});

test('what recovery keeps is what it goes on with after the file is opened again', () => {
  const log = openLog(path, T0);
  log.commit(begun.actions, begun.ledger);
  log.close();
  const again = openLog(path, T0);
  const { recoveries, rules, equipments } = restoreSupervisor(again.restore());
  expect({ recoveries, rules, equipments }).toEqual({
    recoveries: begun.state.recoveries,
    rules: begun.state.rules,
    equipments: begun.state.equipments,
  });
  const shown = again.ledger.showRecovery(begun.actions[0]?.id ?? '');
  expect(shown?.steps.map(({ from, to }) => [from, to])).toEqual([
    [null, 'proposed'],
    ['proposed', 'armed'],
    ['armed', 'sent'],
  ]);
  again.close();
});

test('events and ledger are one transaction', () => {
  const log = openLog(path, T0);
  const orphan: LedgerEntry = {
    kind: 'recovery-step',
    record: {
      recovery: 'nobody',
      request: 'nobody',
      explanationId: 'x',
      time: '2026-03-01T00:00:00Z',
      step: 0,
      from: null,
      to: 'proposed',
      by: 'rule',
      note: '',
    },
  };
  expect(() => {
    log.commit([{ type: 'anomaly', ...openAnomaly() }], [orphan]);
  }).toThrow();
  expect(log.listAnomalies()).toEqual([]);
  log.close();
});

describe('a log of version 1', () => {
  beforeEach(() => {
    const database = new Database(path);
    database.exec(MIGRATIONS[0] ?? '');
    database.prepare("INSERT INTO run (opened_at) VALUES ('2026-03-01T00:00:00Z')").run();
    database
      .prepare(
        `INSERT INTO check_transition VALUES (NULL, 1, '2026-03-01T00:00:00Z', 'p', 'warning', 'a', 'b', 1, 0, 2)`,
      )
      .run();
    database.close();
  });

  test('is copied, then brought to the present version with everything in it', () => {
    openLog(path, T0).close();
    const versionOf = (file: string): unknown => {
      const database = new Database(file, { readonly: true });
      const version = database.pragma('user_version', { simple: true });
      const checks = database.prepare('SELECT count(*) AS count FROM check_transition').get();
      database.close();
      return { version, ...(checks as object) };
    };
    expect([versionOf(path), versionOf(`${path}.v1-backup`)]).toEqual([
      { version: SCHEMA_VERSION, count: 1 },
      { version: 1, count: 1 },
    ]);
  });

  test('is copied once, and an earlier copy is never overwritten', () => {
    writeFileSync(`${path}.v1-backup`, 'somebody needs this');
    openLog(path, T0).close();
    openLog(path, T0).close();
    expect([
      readFileSync(`${path}.v1-backup`, 'utf8'),
      ...['-2', '-3'].map((end) => existsSync(`${path}.v1-backup${end}`)),
    ]).toEqual(['somebody needs this', true, false]);
  });

  test('is not read before it was brought up to date, and says how', () => {
    expect(() => readLog(path)).toThrow(
      /schema 1, and this one reads \d+\); "fdir log migrate --log .*" brings it up to date/,
    );
    const database = new Database(path, { readonly: true });
    expect(database.pragma('user_version', { simple: true })).toBe(1);
    database.close();
  });
});
