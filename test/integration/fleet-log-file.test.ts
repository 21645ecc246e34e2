/** The log file of a fleet in one process is damaged, moved, or full while it runs, or damaged before it starts. */
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { readLog } from '../../src/adapters/log/sqlite-log';
import type { Broker } from '../../src/bench/mosquitto';
import type { Daemon } from '../../src/compose/daemon/daemon-options';
import { startTestPart } from '../support/fleet-part';
import { fly, listenToFleet, startTestFleet, writeFleet, type FleetListener } from '../support/fleet-world';
import { describeWithBroker, startBroker } from '../support/mosquitto';
import { offsetOnWheel1 } from '../support/tiny-mission';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

interface NumberedRequest {
  readonly epoch: number;
  readonly seq: number;
}

const NAMES = ['SAT-1', 'SAT-2', 'SAT-3'];

describeWithBroker('the log file of a fleet', () => {
  let broker: Broker;
  let workspace: Workspace;
  let listener: FleetListener;
  let path: string;
  let running: Pick<Daemon, 'stop'>[];

  beforeEach(async () => {
    broker = await startBroker();
    workspace = await makeWorkspace();
    listener = await listenToFleet(broker.url);
    path = workspace.path('explanations.db');
    running = [];
  });

  afterEach(async () => {
    for (const daemon of running) await daemon.stop();
    await listener.stop();
    await broker.stop();
    workspace.remove();
  });

  const write = (): string => writeFleet(workspace, broker.url, { spacecraft: `[${NAMES.join(', ')}]` });
  const start = async (file: string): Promise<Daemon> => {
    const daemon = await startTestFleet(file);
    running.push(daemon);
    return daemon;
  };
  const stateOf = (name: string): string | undefined => listener.on(`fdir/${name}/state`).at(-1)?.text;
  const allAre = (state: string) => until(`all to be ${state}`, () => NAMES.every((name) => stateOf(name) === state));
  const requestsOf = (name: string): readonly NumberedRequest[] =>
    listener.on(`fdir/${name}/action`).map(({ text }) => JSON.parse(text) as NumberedRequest);
  const idsOf = (name: string): ReadonlySet<string> =>
    new Set(listener.on(`fdir/${name}/anomaly`).map(({ text }) => (JSON.parse(text) as { id: string }).id));
  const isClosed = (name: string): boolean =>
    listener.on(`fdir/${name}/anomaly`).some(({ text }) => text.includes('"closed"'));
  const endOf = (name: string): string | undefined => {
    const last = listener.on(`fdir/${name}/anomaly`).at(-1);
    return last === undefined ? undefined : (JSON.parse(last.text) as { trigger: string }).trigger;
  };
  const isToldOf = (name: string): boolean =>
    listener.on(`fdir/${name}/alarm`).some(({ text }) => text.includes('daemon/log file'));
  /** Daemon events and findings of the file that is there now. */
  const contents = () => {
    const reader = readLog(path);
    try {
      const events = reader.events({}, { limit: 10, order: 'asc' }).map(({ kind }) => kind);
      return { events, findings: reader.verify({ keys: [] }).findings };
    } finally {
      reader.close();
    }
  };
  /** Forty frames, twenty of them with a fault. */
  const flyWithFault = async (name: string, from: number): Promise<void> => {
    for (let index = from; index < from + 40; index += 1)
      for (const each of NAMES)
        await listener.frame(each, index, each === name ? offsetOnWheel1(20 + index - from) : {});
  };
  const numbersKept = (): Readonly<Record<string, unknown>> => {
    const database = new Database(path, { readonly: true });
    const rows = database.prepare("SELECT name, value FROM memory WHERE name LIKE '%request-seq' ORDER BY name").all();
    database.close();
    return Object.fromEntries(
      (rows as { name: string; value: string }[]).map(({ name, value }) => [name, JSON.parse(value)]),
    );
  };
  const damage = (): void => {
    const other = new Database(path).unsafeMode();
    other.exec(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'nonsense' WHERE name = 'anomaly'; PRAGMA schema_version = 9999",
    );
    other.close();
  };

  test.each([
    ['moved', 'log-gone', () => renameSync(path, `${path}.moved`)],
    ['damaged', 'log-set-aside', damage],
  ] as const)(
    'that is %s midway is begun anew: all are told, open anomalies go on, epoch and number rise',
    async (_what, event, harm) => {
      const file = write();
      const first = await start(file);
      await allAre('online');
      await fly(listener, NAMES, { to: 30, faulty: ['SAT-1'] });
      await until('the request', () => requestsOf('SAT-1').length === 1);
      harm();
      // Whoever moves it is noticed without telemetry; damage is met by the next commit.
      if (event === 'log-gone') await until('all to be told', () => NAMES.every(isToldOf), 10_000);
      await fly(listener, NAMES, { from: 30, to: 60, faulty: ['SAT-1'] });
      await until('all to be told', () => NAMES.every(isToldOf));
      await until('the anomaly to be over', () => isClosed('SAT-1'));
      await flyWithFault('SAT-2', 60);
      await until('the request of the other', () => requestsOf('SAT-2').length === 1);
      expect({ ids: idsOf('SAT-1').size, first: requestsOf('SAT-1'), second: requestsOf('SAT-2') }).toMatchObject({
        ids: 1,
        first: [{ epoch: 1, seq: 1 }],
        second: [{ epoch: 2, seq: 1 }],
      });
      expect(NAMES.map(stateOf)).toEqual(['online', 'online', 'online']);
      await first.stop();
      expect(contents()).toEqual({ events: [event], findings: [] });

      // The new file knows the number of a request that was decided before it began.
      expect(numbersKept()).toEqual({ 'SAT-1/request-seq': 1, 'SAT-2/request-seq': 1 });
      const second = await start(file);
      await allAre('online');
      await flyWithFault('SAT-3', 100);
      await until('the request after the restart', () => requestsOf('SAT-3').length === 1);
      expect(requestsOf('SAT-3')[0]).toMatchObject({ epoch: 3, seq: 1 });
      await second.stop();
    },
    60_000,
  );

  test('that is damaged before the start is set aside, and epoch and number are higher than any before', async () => {
    writeFileSync(path, 'x'.repeat(10_000));
    const begun = Math.floor(Date.now() / 1000);
    const daemon = await start(write());
    await allAre('online');
    await fly(listener, NAMES, { to: 60, faulty: ['SAT-2'] });
    await until('the request', () => requestsOf('SAT-2').length === 1);
    await daemon.stop();
    const [request] = requestsOf('SAT-2');
    expect(request?.epoch).toBeGreaterThanOrEqual(begun);
    expect(request?.seq).toBeGreaterThan(begun);
    expect(readdirSync(workspace.folder).filter((name) => name.includes('.damaged-'))).toHaveLength(1);
    expect(contents()).toEqual({ events: ['log-set-aside', 'started'], findings: [] });
  }, 60_000);

  test('that is full holds everybody up: nothing is acted upon, and all goes on when there is room', async () => {
    const { host, part, file } = await startTestPart(workspace, { url: broker.url, spacecraft: NAMES });
    running.push(part, host);
    await allAre('online');
    file.log.limitPages(1);
    await fly(listener, NAMES, { to: 60, faulty: ['SAT-1'] });
    await allAre('passive');
    // Longer than a slot waits by the clock: what the broker keeps back is not taken for lost.
    await pause(4000);
    expect(part.units.get('SAT-2')?.vitals.reasons.join()).toContain('full');
    expect(requestsOf('SAT-1')).toEqual([]);
    file.log.limitPages(1_000_000);
    await until('the anomaly to be over', () => isClosed('SAT-1'), 30_000);
    await allAre('online');
    expect({ ids: idsOf('SAT-1').size, end: endOf('SAT-1') }).toEqual({ ids: 1, end: 'returned-to-normal' });
    // None, if its rule fired while the spacecraft was passive.
    expect(requestsOf('SAT-1').length).toBeLessThanOrEqual(1);
  }, 60_000);
});
