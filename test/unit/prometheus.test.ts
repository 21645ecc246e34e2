import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMetrics, type Readings } from '../../src/adapters/host/prometheus';
import { emptyTally } from '../../src/core/tally';
import { VERSION } from '../../src/domain/version';

const ROOT = join(__dirname, '../..');
const READINGS: Readings = {
  model: 'rw-cae',
  state: 'passive',
  impaired: ['log'],
  isConnected: true,
  inbox: 3,
  lagSeconds: 0.25,
  lostPublications: 0,
  notifications: { waiting: 0, dropped: 0 },
  outbox: 1,
  packetAgeSeconds: 2.5,
  logBytes: 4096,
  lastProgressAt: 1_772_323_200_000,
};
const make = (readings: Partial<Readings> = {}) =>
  createMetrics({ spacecraft: 'AURORA-1', version: VERSION }, () => ({ ...READINGS, ...readings }));

/** Value of a series, by its name and labels besides the spacecraft. */
const seriesOf = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line.startsWith('fdir_'))
      .map((line): [string, number] => {
        const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
        const own = labels
          .split(',')
          .filter((label) => label !== '' && !label.startsWith('spacecraft='))
          .join(',');
        return [own === '' ? name : `${name}{${own}}`, Number(value)];
      }),
  );

/** Names as a query may use them: a histogram has three series. */
const namesOf = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .split('\n')
      .filter((line) => line.startsWith('# TYPE '))
      .flatMap((line) => {
        const [, , name = '', type] = line.split(' ');
        return type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name];
      }),
  );

test('what happened is counted, and what holds is read when asked', async () => {
  const metrics = make();
  metrics.message();
  metrics.message();
  metrics.outcome({
    ...emptyTally,
    frames: 16,
    windows: 4,
    unscored: 1,
    drops: [{ reason: 'malformed', message: 'not JSON', count: 3 }],
    events: [],
    ledger: [],
  });
  const series = seriesOf(await metrics.exposition());
  expect(
    Object.fromEntries([...series].filter(([name]) => !/fdir_inference|fdir_commit|outcome=/.test(name))),
  ).toMatchObject({
    fdir_messages_total: 2,
    fdir_frames_total: 16,
    fdir_windows_total: 4,
    fdir_windows_unscored_total: 1,
    'fdir_dropped_total{reason="malformed"}': 3,
    'fdir_dropped_total{reason="late"}': 0,
    'fdir_state{state="passive"}': 1,
    'fdir_state{state="online"}': 0,
    'fdir_impaired{part="log"}': 1,
    'fdir_impaired{part="inference"}': 0,
    'fdir_impaired{part="telemetry"}': 0,
    fdir_connected: 1,
    fdir_inbox_messages: 3,
    fdir_lag_seconds: 0.25,
    fdir_publications_lost: 0,
    fdir_outbox_messages: 1,
    fdir_packet_age_seconds: 2.5,
    fdir_log_bytes: 4096,
    fdir_last_progress_timestamp_seconds: 1_772_323_200,
    [`fdir_build_info{version="${VERSION}",model="rw-cae"}`]: 1,
  });
});

test('the model is the one that judges when it is asked: another takes over, and the old one is gone', async () => {
  let model: string | undefined = 'rw-cae';
  const metrics = createMetrics({ spacecraft: 'AURORA-1', version: VERSION }, () => ({ ...READINGS, model }));
  const models = async () =>
    [...seriesOf(await metrics.exposition()).keys()].filter((name) => name.startsWith('fdir_build_info'));
  const named = (name: string): string => `fdir_build_info{version="${VERSION}",model="${name}"}`;
  expect(await models()).toEqual([named('rw-cae')]);
  model = 'next';
  expect(await models()).toEqual([named('next')]);
  model = undefined;
  expect(await models()).toEqual([named('none')]);
});

test('spacecraft of a fleet have series of their own on request, and one that left has none', async () => {
  const one = { state: 'online', frames: 5, openAnomalies: 1, openAlarms: 2, packetAgeSeconds: 1.5 };
  let spacecraft = [
    { ...one, spacecraft: 'SAT-1' },
    { ...one, spacecraft: 'SAT-2', state: 'degraded', packetAgeSeconds: undefined },
  ];
  const labels = { spacecraft: 'fleet/w1', version: VERSION };
  const linesOf = async (hasEach: boolean): Promise<readonly string[]> => {
    const metrics = createMetrics({ ...labels, hasEach }, () => ({ ...READINGS, spacecraft }));
    return (await metrics.exposition()).split('\n').filter((line) => line.startsWith('fdir_spacecraft_'));
  };
  expect(await linesOf(false)).toEqual([]);
  const lines = await linesOf(true);
  expect(lines.filter((line) => line.includes('SAT-2'))).toEqual([
    'fdir_spacecraft_frames{spacecraft="SAT-2"} 5',
    'fdir_spacecraft_open_anomalies{spacecraft="SAT-2"} 1',
    'fdir_spacecraft_open_alarms{spacecraft="SAT-2"} 2',
    'fdir_spacecraft_state{spacecraft="SAT-2",state="online"} 0',
    'fdir_spacecraft_state{spacecraft="SAT-2",state="degraded"} 1',
    'fdir_spacecraft_state{spacecraft="SAT-2",state="passive"} 0',
    'fdir_spacecraft_state{spacecraft="SAT-2",state="offline"} 0',
  ]);
  expect(lines).toContain('fdir_spacecraft_packet_age_seconds{spacecraft="SAT-1"} 1.5');
  const metrics = createMetrics({ ...labels, hasEach: true }, () => ({ ...READINGS, spacecraft }));
  expect(await metrics.exposition()).toContain('SAT-2');
  spacecraft = spacecraft.slice(0, 1);
  expect(await metrics.exposition()).not.toContain('SAT-2');
});

test('before the first frame its age is absent, not zero', async () => {
  const series = seriesOf(await make({ packetAgeSeconds: undefined }).exposition());
  expect(series.has('fdir_packet_age_seconds')).toBe(false);
});

test('inferences and commits are timed, also those that fail', async () => {
  const metrics = make();
  const scorer = metrics.timedScorer({
    manifest: {} as never,
    score: (_, n) => (n === 1 ? Promise.resolve([]) : Promise.reject(new Error('no'))),
    implied: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  });
  await scorer.score(new Float32Array(), 1);
  await expect(scorer.score(new Float32Array(), 2)).rejects.toThrow('no');
  const log = metrics.timedLog({
    commit: (events) => {
      if (events.length > 0) throw new Error('full');
    },
  });
  log.commit([], []);
  expect(() => {
    log.commit([{} as never], []);
  }).toThrow('full');
  const series = seriesOf(await metrics.exposition());
  expect([series.get('fdir_inference_seconds_count'), series.get('fdir_commit_seconds_count')]).toEqual([2, 2]);
});

test('the dashboard asks for metrics that are there, and shows every one of ours', async () => {
  const names = namesOf(await make().exposition());
  const dashboard = readFileSync(join(ROOT, 'systemd/grafana-dashboard.json'), 'utf8');
  const { panels } = JSON.parse(dashboard) as { panels: { targets: { expr?: string }[] }[] };
  const asked = new Set(
    panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr = '' }) => expr.match(/\b(?:fdir|process|nodejs)_\w+/g) ?? []),
    ),
  );
  expect([...asked].filter((name) => !names.has(name))).toEqual([]);
  const ours = [...names].filter((name) => name.startsWith('fdir_') && !/_(count|sum)$/.test(name));
  expect(ours.filter((name) => !asked.has(name))).toEqual([]);
});

test('every metric of ours is explained beside the unit', async () => {
  const text = readFileSync(join(ROOT, 'systemd/README.md'), 'utf8');
  const all = createMetrics({ spacecraft: 'fleet/w1', version: VERSION, hasEach: true }, () => READINGS);
  const ours = (await all.exposition()).match(/^# TYPE fdir_\w+/gm)?.map((line) => line.slice(7)) ?? [];
  expect(ours.length).toBeGreaterThan(15);
  expect(ours.filter((name) => !text.includes(`\`${name}`))).toEqual([]);
});

test('the version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(VERSION).toBe(version);
});
