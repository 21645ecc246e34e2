/** What people really send: a recording as it comes from another tool, a sensor that falls silent, a packet before loss of signal. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../src/core/random';
import { isoTime } from '../../src/domain/units';
import { DaemonWorld } from '../support/daemon-world';
import { describeWithBroker } from '../support/mosquitto';
import { anomalyNames, checksOf, replay } from '../support/replayed';
import { T0 } from '../support/tiny-mission';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

const TIMEOUT_MS = 120_000;
const FIXTURES = join(__dirname, '../../telemetry-fixtures');
const BUNDLED = join(__dirname, '../../rules/fdir.yaml');

let work: Workspace;
beforeAll(async () => {
  work = await makeWorkspace();
  const parameters =
    '[{ id: batt_v, equipment: eps, units: V, limits: { critical: [6, 9] } }, { id: temp_c, units: degC }]';
  const period = (text: string): string =>
    `{ spacecraft: T1, sampling: { period: ${text}, window: 4, stride: 1 }, parameters: ${parameters} }`;
  work.write('m.yaml', [period('4s')]);
  work.write('m10.yaml', [period('10s')]);
  work.write('r.yaml', ['mission: m.yaml']);
  work.write('r10.yaml', ['mission: m10.yaml']);
});
afterAll(() => {
  work.remove();
});

const fixture = (name: string): string[] => readFileSync(join(FIXTURES, name), 'utf8').trimEnd().split('\n');

const FIVE = [
  'rw1 friction-rise',
  'rw3 current-noise',
  'rw2 torque-loss',
  'rw0 stuck-tachometer',
  'rw2 temperature-drift',
];

test(
  'A.2: a pass written newest first is sorted and told, and all five faults are found',
  async () => {
    const [header = '', ...rows] = fixture('several.csv');
    const { status, stderr, lines } = await replay(
      BUNDLED,
      work.write('newest-first.csv', [header, ...rows.reverse()]),
    );
    expect(status).toBe(0);
    expect(anomalyNames(lines)).toEqual(FIVE);
    expect(stderr).toMatch(/order/);
  },
  TIMEOUT_MS,
);

test(
  'A.5: a nominal pass shifted by half a period with 20 ms of jitter opens no more anomalies than on the grid, and loses no frame',
  async () => {
    const random = createRandom(20_260_305);
    const [header = '', ...rows] = fixture('nominal.csv');
    const shifted = rows.map((row) => {
      const [time = '', ...cells] = row.split(',');
      const moved = Date.parse(time) + 2000 + Math.round(40 * (random.uniform() - 0.5));
      return [isoTime(moved), ...cells].join(',');
    });
    const onGrid = await replay(BUNDLED, join(FIXTURES, 'nominal.csv'));
    const offGrid = await replay(BUNDLED, work.write('shifted.csv', [header, ...shifted]));
    expect(offGrid.summary).toMatchObject({ frames: rows.length, anomalies: onGrid.summary?.anomalies, dropped: {} });
  },
  TIMEOUT_MS,
);

test('A.5: samples at :15, :26, :34, :45 and :56 of a period of 10 s: the 4.0 V at :34 is alarmed', async () => {
  const rows = [15, 26, 34, 45, 56].map(
    (second) => `2026-03-01T00:00:${String(second)}Z,${second === 34 ? '4.0' : '7.5'},20`,
  );
  const { lines } = await replay(work.path('r10.yaml'), work.write('beat.csv', ['time,batt_v,temp_c', ...rows]));
  expect(checksOf(lines)).toEqual([
    ['belowLowLimit', 4],
    ['withinLimits', 7.5],
  ]);
});

test('B.6: 4.0 V in a partial packet that ends a recording is judged', async () => {
  const rows = ['2026-03-01T00:00:00Z,7.5,20', '2026-03-01T00:00:04Z,4.0,'];
  const { lines } = await replay(work.path('r.yaml'), work.write('last.csv', ['time,batt_v,temp_c', ...rows]));
  expect(checksOf(lines)).toEqual([['belowLowLimit', 4]]);
});

test(
  'B.7: a column that is empty from row 600 on is told with its equipment, every window is scored, and the other wheels are judged',
  async () => {
    const [header = '', ...rows] = fixture('several.csv');
    const column = header.split(',').indexOf('rw0_current_a');
    const silent = rows.map((row, index) =>
      index < 600
        ? row
        : row
            .split(',')
            .map((cell, at) => (at === column ? '' : cell))
            .join(','),
    );
    const { stderr, lines, summary } = await replay(BUNDLED, work.write('silent.csv', [header, ...silent]));
    expect(stderr).toMatch(/rw0_current_a: no sample since 2026-03-01T00:39:56Z/);
    expect(stderr).toMatch(/rw0: cannot score since 2026-03-01T00:39:56Z/);
    expect(stderr).not.toMatch(/rw[123]: cannot score/);
    expect(summary?.unscored).toBe(0);
    const others = FIVE.filter((name) => !name.startsWith('rw0'));
    expect(anomalyNames(lines).filter((name) => !name.startsWith('rw0'))).toEqual(others);
  },
  TIMEOUT_MS,
);

/** Of the bundled mission. */
const WINDOW_MS = 16 * 4000;

interface Labelled {
  readonly start: string;
  readonly end: string;
  readonly equipment: string;
}
const LABELS = fixture('several.labels.csv')
  .slice(1)
  .map((line): Labelled => {
    const [start = '', end = '', equipment = ''] = line.split(',');
    return { start, end, equipment };
  });

test.each(['rw0_torque_cmd_mnm', 'rw1_current_a'])(
  'B.7: a recording without the column %s is told, no window is unscored, and every anomaly is a fault that is there',
  async (name) => {
    const without = (file: string): string => {
      const rows = fixture(file).map((row) => row.split(','));
      const column = rows[0]?.indexOf(name) ?? -1;
      return work.write(
        `without-${file}`,
        rows.map((row) => row.filter((_, at) => at !== column).join(',')),
      );
    };
    const nominal = await replay(BUNDLED, without('nominal.csv'));
    const { stderr, lines, summary } = await replay(BUNDLED, without('several.csv'));
    expect({ anomalies: nominal.summary?.anomalies, unscored: summary?.unscored }).toEqual({
      anomalies: 0,
      unscored: 0,
    });
    expect(stderr).toContain(`${name}: no sample since 2026-03-01T00:00:00Z`);
    const closed = lines.filter(({ type, state }) => type === 'anomaly' && state === 'closed');
    const wheel = name.slice(0, 3);
    // A fault of that wheel may be seen in pieces, for what is left shows less of it: its end is one, within a window. At the edge of
    // a fault of another wheel, what is implied of the absent parameter is wrong, so its wheel may be blamed for a moment.
    const isEdge = (start: string): boolean =>
      LABELS.flatMap((one) => [one.start, one.end]).some(
        (edge) => Math.abs(Date.parse(start) - Date.parse(edge)) <= WINDOW_MS,
      );
    const strange = closed.filter(
      ({ verdict, start = '', end }) =>
        !(verdict?.equipment === wheel && isEdge(start)) &&
        !LABELS.some(
          (one) =>
            one.equipment === verdict?.equipment &&
            Date.parse(start) <= Date.parse(one.end) + WINDOW_MS &&
            (end ?? '9') >= one.start,
        ),
    );
    expect(strange).toEqual([]);
    const others = LABELS.filter(({ equipment }) => equipment !== wheel).map(({ equipment }) => equipment);
    expect(closed.map(({ verdict }) => verdict?.equipment).filter((unit) => unit !== wheel)).toEqual(others);
  },
  TIMEOUT_MS,
);

interface Alarm {
  readonly name: string;
  readonly change: string;
}

describeWithBroker('a daemon', () => {
  let world: DaemonWorld | undefined;
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });
  const open = async (): Promise<DaemonWorld> => {
    world = await DaemonWorld.open();
    world.configure({ mission: work.path('m.yaml'), model: undefined, rules: undefined, mode: 'passive' });
    return world;
  };
  const tm = (running: DaemonWorld, time: number, values: object): Promise<unknown> =>
    running.listener.publish('fdir/T1/tm', JSON.stringify({ time: isoTime(time), values }));
  const alarms = (running: DaemonWorld, change: string): string[] =>
    running.listener
      .on('fdir/T1/alarm')
      .map((text) => JSON.parse(text) as Alarm)
      .flatMap((alarm) => (alarm.change === change ? [alarm.name] : []));
  const started = async (): Promise<DaemonWorld> => {
    const running = await open();
    running.run();
    await until('the daemon to run', () => running.listener.on('fdir/T1/state').includes('passive'));
    return running;
  };

  test(
    'B.6: 4.0 V in the last packet before loss of signal raises its alarm with no packet after it',
    async () => {
      const running = await started();
      await tm(running, T0, { batt_v: 7.5, temp_c: 20 });
      await tm(running, T0 + 4000, { batt_v: 4 });
      await until('the alarm', () => alarms(running, 'triggered').includes('check/batt_v'));
    },
    TIMEOUT_MS,
  );

  test(
    'B.6: the first beacon after a silence raises its alarm before the next one comes',
    async () => {
      const running = await started();
      await tm(running, T0, { batt_v: 7.5, temp_c: 20 });
      await tm(running, T0 + 5_400_000, { batt_v: 4 });
      await until('the alarm', () => alarms(running, 'triggered').includes('check/batt_v'), 20_000);
    },
    TIMEOUT_MS,
  );

  test(
    'B.6: the window of a slot that is partly there is due by the clock; what is open at a stop is judged too',
    async () => {
      const running = await started();
      for (let slot = 0; slot < 4; slot += 1) await tm(running, T0 + slot * 4000, { batt_v: 7.5, temp_c: 20 });
      await tm(running, T0 + 16_000, { batt_v: 7.5 });
      const frames = (): number[] =>
        running.listener.on('fdir/T1/health').map((text) => (JSON.parse(text) as { readonly frames: number }).frames);
      await until('the fifth frame', () => frames().at(-1) === 5, 30_000);
      await tm(running, T0 + 20_000, { batt_v: 7.5 });
      const finished = await running.stop();
      expect(finished?.status).toBe(0);
      expect(finished?.stderr).toMatch(/"frames":6/);
    },
    TIMEOUT_MS,
  );

  test(
    'B.7: a sensor that falls silent raises an alarm, status exits 1 and says why, and both end when it comes again',
    async () => {
      const running = await started();
      await tm(running, T0, { batt_v: 7.5, temp_c: 20 });
      for (let slot = 1; slot < 9; slot += 1) await tm(running, T0 + slot * 4000, { temp_c: 20 });
      await until('the alarms', () => alarms(running, 'triggered').length === 2);
      expect(alarms(running, 'triggered')).toEqual(['absence/batt_v', 'coverage/eps']);
      await until('degraded', () => running.listener.on('fdir/T1/state').at(-1) === 'degraded');
      const status = await running.fdir('status', '--json');
      expect(status.status).toBe(1);
      expect(status.stdout).toMatch(/batt_v: no sample since 2026-03-01T00:00:00Z/);
      for (let slot = 9; slot < 11; slot += 1) await tm(running, T0 + slot * 4000, { batt_v: 7.5, temp_c: 20 });
      await until('the end', () => running.listener.on('fdir/T1/state').at(-1) === 'passive');
      expect(alarms(running, 'returned')).toEqual(['absence/batt_v', 'coverage/eps']);
    },
    TIMEOUT_MS,
  );
});
