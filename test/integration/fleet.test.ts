/** A fleet in one process against a real broker. */
import { readLog } from '../../src/adapters/log/sqlite-log';
import type { Broker } from '../../src/bench/mosquitto';
import { fleetHealthSchema } from '../../src/domain/fleet-health';
import { recoveryRequestSchema } from '../../src/domain/events';
import { fly, listenToFleet, startTestFleet, writeFleet, type FleetListener } from '../support/fleet-world';
import { describeWithBroker, startBroker } from '../support/mosquitto';
import { until } from '../support/until';
import { isoTime } from '../../src/domain/units';
import { offsetOnWheel1, T0, tinyValues } from '../support/tiny-mission';
import { makeWorkspace, type Workspace } from '../support/workspace';

describeWithBroker('a fleet', () => {
  let broker: Broker;
  let workspace: Workspace;
  let listener: FleetListener;

  beforeEach(async () => {
    broker = await startBroker();
    workspace = await makeWorkspace();
    listener = await listenToFleet(broker.url);
  });

  afterEach(async () => {
    await listener.stop();
    await broker.stop();
    workspace.remove();
  });

  const states = (name: string): readonly string[] => listener.on(`fdir/${name}/state`).map(({ text }) => text);
  const healthOf = () =>
    listener.on('fdir/fleet/w1/health').map(({ text }) => fleetHealthSchema.parse(JSON.parse(text)));

  test('judges each spacecraft under its own name, and numbers its requests', async () => {
    const daemon = await startTestFleet(
      writeFleet(workspace, broker.url, { spacecraft: '{ pattern: "SAT-{01..03}" }' }),
    );
    await until('every spacecraft to be online', () =>
      ['SAT-01', 'SAT-02', 'SAT-03'].every((name) => states(name).includes('online')),
    );
    await fly(listener, ['SAT-01', 'SAT-02', 'SAT-03'], { to: 60, faulty: ['SAT-02'] });
    await until('the request', () => listener.on('fdir/SAT-02/action').length > 0);
    await until('the anomaly to be over', () =>
      listener.on('fdir/SAT-02/anomaly').some(({ text }) => text.includes('"closed"')),
    );
    await daemon.stop();

    const [request] = listener.on('fdir/SAT-02/action').map(({ text }) => JSON.parse(text) as Record<string, unknown>);
    expect(recoveryRequestSchema.parse(request)).toMatchObject({ spacecraft: 'SAT-02', rule: 'switch-wheel' });
    expect(request).toMatchObject({ epoch: 1, seq: 1 });
    expect(listener.on('fdir/SAT-01/anomaly')).toEqual([]);
    expect(states('SAT-03').at(0)).toBe('online');
    expect(listener.on('fdir/fleet/w1/state').at(-1)?.text).toBe('offline');
    const reader = readLog(workspace.path('explanations.db'));
    try {
      const { items } = reader.list({}, { sort: 'start', order: 'asc', limit: 10 });
      expect(items.map(({ spacecraft, equipment }) => [spacecraft, equipment])).toEqual([['SAT-02', 'rw1']]);
      expect(reader.verify({ keys: [] }).findings).toEqual([]);
      expect(reader.ledger.listAlarms({ all: true }).every(({ name }) => name.startsWith('SAT-02/'))).toBe(true);
    } finally {
      reader.close();
    }
  });

  test('goes on after a restart where it was: one anomaly stays one, and numbers rise', async () => {
    const file = writeFleet(workspace, broker.url, { spacecraft: '[SAT-1, SAT-2]' });
    const first = await startTestFleet(file);
    await until('the first start', () => states('SAT-2').includes('online'));
    await fly(listener, ['SAT-1', 'SAT-2'], { to: 30, faulty: ['SAT-1', 'SAT-2'] });
    await until('both requests', () =>
      ['SAT-1', 'SAT-2'].every((name) => listener.on(`fdir/${name}/action`).length > 0),
    );
    await first.stop();
    // What is published meanwhile waits at the broker.
    await fly(listener, ['SAT-1', 'SAT-2'], { from: 30, to: 60, faulty: ['SAT-1', 'SAT-2'] });
    const second = await startTestFleet(file);
    const closed = (name: string): boolean =>
      listener.on(`fdir/${name}/anomaly`).some(({ text }) => text.includes('"closed"'));
    await until('both anomalies to be over', () => closed('SAT-1') && closed('SAT-2'));
    await second.stop();

    for (const name of ['SAT-1', 'SAT-2']) {
      const ids = listener.on(`fdir/${name}/anomaly`).map(({ text }) => (JSON.parse(text) as { id: string }).id);
      expect(new Set(ids).size).toBe(1);
      expect(listener.on(`fdir/${name}/action`)).toHaveLength(1);
    }
  });

  test('takes spacecraft in and out on reload, and the others notice nothing', async () => {
    const file = writeFleet(workspace, broker.url, { spacecraft: '[SAT-1, SAT-2]' });
    const daemon = await startTestFleet(file);
    await until('the start', () => states('SAT-2').includes('online'));
    const before = states('SAT-1').length;
    writeFleet(workspace, broker.url, { spacecraft: '[SAT-1, SAT-3]' });
    daemon.reload('test');
    await until('the new one to be online', () => states('SAT-3').includes('online'));
    await until('the fleet to say so', () => healthOf().at(-1)?.spacecraft === 2);
    await listener.publish('fdir/SAT-2/tm', '{}');
    await fly(listener, ['SAT-3'], { to: 60, faulty: ['SAT-3'] });
    await until('its request', () => listener.on('fdir/SAT-3/action').length > 0);
    await daemon.stop();
    expect(states('SAT-2').at(-1)).toBe('offline');
    expect(states('SAT-1')).toHaveLength(before);
  });

  test('refuses a reload that is invalid, and goes on', async () => {
    const file = writeFleet(workspace, broker.url, { spacecraft: '[SAT-1]' });
    const daemon = await startTestFleet(file);
    await until('the start', () => states('SAT-1').includes('online'));
    workspace.write('rules.yaml', 'eventActions: [{ id: broken }]');
    daemon.reload('test');
    await fly(listener, ['SAT-1'], { to: 60, faulty: ['SAT-1'] });
    await until('the request of the rules as they were', () => listener.on('fdir/SAT-1/action').length > 0);
    await daemon.stop();
  });

  test('a spacecraft whose values the model cannot take is degraded alone', async () => {
    const daemon = await startTestFleet(writeFleet(workspace, broker.url, { spacecraft: '[SAT-1, SAT-2]' }));
    await until('the start', () => states('SAT-2').includes('online'));
    for (let index = 0; index < 60; index += 1) {
      await listener.frame('SAT-1', index, { rw0_current: 3e38 });
      await listener.frame('SAT-2', index, offsetOnWheel1(index));
    }
    await until('the first to be degraded', () => states('SAT-1').at(-1) === 'degraded');
    await until('the request of the other', () => listener.on('fdir/SAT-2/action').length > 0);
    await until('the fleet to name it', () => healthOf().at(-1)?.degraded.includes('SAT-1') === true);
    await daemon.stop();
    expect(states('SAT-2')).not.toContain('degraded');
  });

  test('what arrived last before a silence is judged by the clock, though a parameter of it is missing', async () => {
    const daemon = await startTestFleet(writeFleet(workspace, broker.url, { spacecraft: '[SAT-1]' }));
    await until('the start', () => states('SAT-1').includes('online'));
    const { rw1_current: _missing, ...partial } = tinyValues(0);
    await listener.publish('fdir/SAT-1/tm', JSON.stringify({ time: isoTime(T0), values: partial }));
    await until('the frame', () => healthOf().at(-1)?.frames === 1, 30_000);
    await daemon.stop();
  });

  test('whoever asks one spacecraft to reload has the fleet loaded, and is answered', async () => {
    const daemon = await startTestFleet(writeFleet(workspace, broker.url, { spacecraft: '[SAT-1]' }));
    await until('the start', () => states('SAT-1').includes('online'));
    await listener.publish('fdir/SAT-1/request/reload', JSON.stringify({ by: 'test', correlation: 'c' }));
    const [reply] = await until('the answer', () => {
      const found = listener.on('fdir/SAT-1/response/reload');
      return found.length > 0 && found;
    });
    await listener.publish('fdir/SAT-1/request/alarm-list', JSON.stringify({ all: true, correlation: 'd' }));
    await until('the alarms', () => listener.on('fdir/SAT-1/response/alarm-list').length > 0);
    await daemon.stop();
    expect(JSON.parse(reply?.text ?? '')).toMatchObject({ ok: true, correlation: 'c' });
  });
});
