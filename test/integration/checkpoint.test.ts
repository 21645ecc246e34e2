/** What is restored is what was left: a judgement that is cut off after any arrival decides as one that never was. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { from, lastValueFrom, map, tap, toArray } from 'rxjs';
import { openLog, type SqliteLog } from '../../src/adapters/log/sqlite-log';
import { composeJudge } from '../../src/compose/judgement';
import { loadConfig, type LoadedConfig } from '../../src/config/load-config';
import type { PipelineEvent } from '../../src/domain/events';
import { judge } from '../../src/pipeline/judge';
import type { Arrival } from '../../src/pipeline/ports';
import { withRecord } from '../../src/pipeline/with-record';
import { withTally } from '../../src/pipeline/with-tally';
import { arrival, fakeWorld, tinyFrame } from '../support/fake-world';
import { T0 } from '../support/tiny-mission';
import { makeWorkspace, type Workspace } from '../support/workspace';

const world = fakeWorld();
const link = { kind: 'link' as const, isUp: true };
const at = (second: number) => T0 + second * 1000;
const faults = (second: number): Record<string, number> => ({
  ...(second >= 12 && second < 30 && { rw1_current: 10 }),
  ...(second >= 34 && second < 38 && { rw0_speed: 60 }),
});

/** A fault that is answered, limits that are crossed, a frame in two parts, one that comes late, a gap with a fault before it. */
const arrivals = (): readonly Arrival[] => {
  const marked = (second: number, more: Partial<Arrival>): Arrival =>
    arrival([tinyFrame(second, faults(second))], {
      receivedAt: at(second),
      mark: { fingerprint: String(second), isAgain: false },
      ...more,
    });
  const order = [...Array.from({ length: 42 }, (_, second) => second), 44, 43, 45, 60, 61, 62, 63, 64];
  const all = order.map((second) => marked(second, second === 0 ? { controls: [link] } : {}));
  const { time, values } = tinyFrame(42, faults(42));
  const [first, ...rest] = Object.entries(values);
  const halves = [Object.fromEntries(first === undefined ? [] : [first]), Object.fromEntries(rest)];
  all.splice(42, 0, ...halves.map((half) => arrival([{ time, values: half }], { receivedAt: at(42) })));
  return all;
};

describe('a checkpoint', () => {
  let work: Workspace;
  let loaded: LoadedConfig;
  let folder: string;
  beforeAll(async () => {
    work = await makeWorkspace();
    loaded = loadConfig(work.path('fdir.yaml'));
    folder = mkdtempSync(join(tmpdir(), 'fdir-checkpoint-'));
  });
  afterAll(() => {
    work.remove();
    rmSync(folder, { recursive: true });
  });

  const { diagnostics, publisher } = world;
  const subject = ({ mission, manifest, program }: LoadedConfig = loaded) => ({ mission, manifest, program });

  /** The connection takes a request: it is not taken up again by the next life. */
  const handOver = (log: SqliteLog, id: string): void => {
    const payload = JSON.stringify({ id });
    const message = { messageId: 1, isRelease: false, topic: 'action', payload, expirySeconds: null };
    log.outbox(() => T0).write([{ kind: 'put', message }]);
  };

  /** One life of a daemon: what it decided, from the log that it finds to the log that it leaves. */
  const live = async (log: SqliteLog, items: readonly Arrival[], config = loaded): Promise<PipelineEvent[]> => {
    const kept = log.restore();
    const { resumed, refused } = log.resume(subject(config));
    expect(refused).toEqual([]);
    const composed = await composeJudge(config, diagnostics, { isAnswered: true, kept }, { resumed });
    const events = await lastValueFrom(
      from(items).pipe(
        judge(composed.parts),
        withTally(resumed.tally),
        withRecord(log, diagnostics, { onFailure: 'fail', grouped: publisher }),
        map(({ events }) => events),
        tap((events) => {
          for (const event of events) if (event.type === 'action') handOver(log, event.id);
        }),
        toArray(),
      ),
      { defaultValue: [] },
    );
    await composed.close();
    return events.flat();
  };

  /** Rows as they are compared: records are text in them, and maps and typed arrays are left as they are. */
  const comparable = (value: unknown): unknown => {
    if (typeof value === 'string') return value.startsWith('{') ? comparable(JSON.parse(value)) : value;
    if (Array.isArray(value)) return value.map(comparable);
    if (value instanceof Map) return new Map([...value].map(([name, item]) => [name, comparable(item)]));
    // Rows come from another realm: the prototype is not ours.
    if (value === null || value === undefined || Object.prototype.toString.call(value) !== '[object Object]')
      return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, comparable(item)]));
  };

  /** Everything that the log says, and what would be gone on with. */
  const contentOf = (path: string) => {
    const log = openLog(path, T0);
    const { resumed } = log.resume(subject());
    const { recoveries, rules, alarms, sequences, equipments } = log.restore();
    log.close();
    const database = new Database(path, { readonly: true });
    const rowsOf = (sql: string) => database.prepare(sql).all();
    const content = {
      anomalies: rowsOf('SELECT run, id, revision, state, record FROM anomaly ORDER BY id, revision'),
      checks: rowsOf('SELECT run, record FROM check_transition ORDER BY sequence'),
      actions: rowsOf('SELECT run, record FROM action ORDER BY id'),
      steps: rowsOf('SELECT record FROM recovery_step ORDER BY sequence'),
      alarmSteps: rowsOf('SELECT record FROM alarm_step ORDER BY step'),
      publications: rowsOf('SELECT topic, payload FROM publication ORDER BY sequence'),
    };
    database.close();
    return { ...content, kept: { recoveries, rules, alarms, sequences, equipments }, resumed };
  };

  test('lets a judgement that is cut off after any arrival decide as one that never was', async () => {
    const all = arrivals();
    const whole = join(folder, 'whole.db');
    const log = openLog(whole, T0);
    const expected = await live(log, all);
    log.close();
    expect([...new Set(expected.map(({ type }) => type))].sort()).toEqual(['action', 'anomaly', 'check']);
    const content = contentOf(whole);
    for (let cut = 1; cut < all.length; cut += 1) {
      const path = join(folder, `cut-${String(cut)}.db`);
      const decided: PipelineEvent[] = [];
      for (const part of [all.slice(0, cut), all.slice(cut)]) {
        const opened = openLog(path, T0);
        // A link that is up is told again by every life.
        const items = decided.length === 0 && part[0] === all[0] ? part : [arrival([], { controls: [link] }), ...part];
        decided.push(...(await live(opened, items)));
        opened.close();
      }
      // What led up to an anomaly is no part of the judgement, and shorter after a restart.
      const plain = comparable({ cut, decided, content: contentOf(path) });
      expect(plain).toEqual(comparable({ cut, decided: expected, content }));
    }
  });

  test('knows messages that the broker sends again', async () => {
    const path = join(folder, 'again.db');
    const all = arrivals().slice(0, 20);
    const first = openLog(path, T0);
    await live(first, all);
    first.close();
    const again = all
      .slice(5)
      .map((item) => ({ ...item, ...(item.mark && { mark: { ...item.mark, isAgain: true } }) }));
    const second = openLog(path, T0);
    expect(await live(second, again)).toEqual([]);
    second.close();
    expect(contentOf(path).resumed.tally?.dropped).toEqual({ duplicate: 15 });
  });

  test('of another mission or model is not gone on with, part by part; the spacecraft and the counters are', async () => {
    const path = join(folder, 'other.db');
    const first = openLog(path, T0);
    await live(first, arrivals().slice(0, 20));
    first.close();
    const refusedBy = (config: LoadedConfig) => {
      const log = openLog(path, T0);
      const { refused, resumed } = log.resume(subject(config));
      log.close();
      return [Object.keys(resumed).sort(), refused.map(({ part, reason }) => `${part}: ${reason}`).sort()];
    };
    const { manifest, mission, program } = loaded;
    if (manifest === undefined || program === undefined) throw new Error('the workspace has a model and rules');
    expect(refusedBy({ ...loaded, manifest: { ...manifest, sha256: 'f'.repeat(64) } })).toEqual([
      ['absence', 'checks', 'frames', 'recent', 'seen', 'tally', 'telecommands', 'windows'],
      [
        'anomalies: it is about another model',
        'observer: it is about another model',
        'response: it is about another model',
      ],
    ]);
    const [parts] = refusedBy({ ...loaded, mission: { ...mission, spacecraft: 'TINY-2' } });
    expect(parts).toEqual(['seen', 'tally', 'telecommands']);
    expect(refusedBy({ ...loaded, program: { ...program, sha256: 'other' } })).toEqual([
      [
        'absence',
        'anomalies',
        'checks',
        'frames',
        'observer',
        'recent',
        'response',
        'seen',
        'tally',
        'telecommands',
        'windows',
      ],
      [
        'observer: its monitoring and matching are about other rules',
        'response: its monitoring and matching are about other rules',
      ],
    ]);
  });

  test('is not gone on with by a daemon that is told to begin anew', async () => {
    const path = join(folder, 'fresh.db');
    const first = openLog(path, T0);
    await live(first, arrivals().slice(0, 20));
    first.close();
    const log = openLog(path, T0);
    const { resumed, refused } = log.resume(subject(), true);
    log.close();
    expect([resumed, refused.map(({ part }) => part)]).toEqual([{}, ['everything']]);
  });

  test('that is damaged is refused with a reason, and nothing breaks', async () => {
    const path = join(folder, 'damaged.db');
    const first = openLog(path, T0);
    await live(first, arrivals().slice(0, 20));
    first.close();
    const database = new Database(path);
    database.exec("UPDATE checkpoint SET value = x'ff0f6f' WHERE part IN ('frames', 'tally')");
    database.exec(
      "UPDATE checkpoint SET value = (SELECT value FROM checkpoint WHERE part = 'seen') WHERE part = 'windows'",
    );
    database.close();
    const log = openLog(path, T0);
    const { resumed, refused } = log.resume(subject());
    log.close();
    expect([Object.keys(resumed).sort(), refused.map(({ part }) => part).sort()]).toEqual([
      ['absence', 'anomalies', 'checks', 'observer', 'recent', 'response', 'seen', 'telecommands'],
      ['frames', 'tally', 'windows'],
    ]);
  });
});
