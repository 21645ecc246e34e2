/** News of alarms: what is told, and what it means for a receiver that keeps alerts. */
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNotifyAccess } from '../../src/adapters/notify/notify-access';
import { notifySchema } from '../../src/config/notify-config';
import { initialAlarms } from '../../src/core/alarms/alarm-book';
import { raise } from '../../src/core/alarms/alarms';
import { alertChange } from '../../src/core/notify/alerts';
import { newsIn, type NewsContext } from '../../src/core/notify/news';
import type { AlarmNews } from '../../src/domain/notification';
import { isAmtoolInstalled } from '../support/alertmanager';
import { openAnomaly } from '../support/open-anomaly';
import { T0, tinyMission } from '../support/tiny-mission';
import { makeWorkspace, type Workspace } from '../support/workspace';

const context: NewsContext = {
  mission: tinyMission(),
  page: 'https://fdir.example/',
  reliability: [{ from: 0.9, to: 1, n: 400, right: 376 }],
  anomaly: () => undefined,
};

const newsOfAnomaly = (fault: string): AlarmNews => {
  const explanation = openAnomaly({ fault });
  const { id } = explanation;
  const step = raise(initialAlarms, {
    name: 'anomaly/rw2',
    cause: id,
    status: 'violated',
    severity: 'medium',
    title: 'rw2 it is',
    isLatching: false,
    value: 41.2,
    explanationId: id,
    time: T0,
  });
  const [news] = newsIn({ events: [{ type: 'anomaly', ...explanation }], ledger: step.ledger }, context);
  if (news === undefined) throw new Error('a triggered alarm is news');
  return news;
};

test('news of an anomaly name equipment, fault, sentence, the confidence in words and where to read on', () => {
  expect(newsOfAnomaly('friction-rise')).toMatchObject({
    alarm: 'anomaly/rw2',
    isFiring: true,
    equipment: 'rw2',
    anomaly: { equipment: 'rw2', fault: 'friction-rise', confidence: 0.93, sentence: 'rw2: friction-rise.' },
    confidence: 'very likely, 93 %: of 100 such verdicts 94 were right in calibration',
    link: `https://fdir.example/#/anomalies/${encodeURIComponent('AURORA-1/2026-03-01T04:12:08Z/rw2')}`,
  });
});

test('what was only pending, or nearly missed, is no news', () => {
  const condition = {
    name: 'monitor/m',
    cause: 'm',
    severity: 'low' as const,
    title: 'm',
    isLatching: false,
    value: 1,
    explanationId: null,
    time: T0,
  };
  const pending = raise(initialAlarms, { ...condition, status: 'pending' });
  const missed = raise(pending.state, { ...condition, status: 'normal' });
  expect(newsIn({ events: [], ledger: [...pending.ledger, ...missed.ledger] }, context)).toEqual([]);
});

describe('alerts', () => {
  const [one, two, three] = ['2026-11-28T10:00:00Z', '2026-11-28T10:01:00Z', '2026-11-28T10:02:00Z'] as const;
  const friction = newsOfAnomaly('friction-rise');

  test('a verdict that changes ends the alert with the old labels before the new one begins', () => {
    const { standing } = alertChange(friction, undefined, one);
    const changed: AlarmNews = { ...newsOfAnomaly('offset'), change: 'retriggered' };
    const next = alertChange(changed, standing, two);
    expect(next.alerts.map(({ labels, startsAt, endsAt }) => [labels['fault'], startsAt, endsAt])).toEqual([
      ['friction-rise', one, two],
      ['offset', two, undefined],
    ]);
    const over: AlarmNews = { ...friction, isFiring: false, change: 'returned', state: 'returned' };
    const last = alertChange(over, next.standing, three);
    expect(last.alerts.map(({ labels, endsAt }) => [labels['fault'], endsAt])).toEqual([['offset', three]]);
    expect(last.standing).toBeUndefined();
  });

  test('what people do leaves labels and start as they are', () => {
    const { standing } = alertChange(friction, undefined, one);
    const acknowledged: AlarmNews = { ...friction, change: 'acknowledged', by: 'ada', anomaly: null, equipment: '' };
    const { alerts } = alertChange(acknowledged, standing, two);
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toMatchObject({
      labels: standing?.labels,
      startsAt: one,
      annotations: { acknowledgedBy: 'ada' },
    });
  });

  test('the end of an alert that nobody knows is nothing to tell', () => {
    const over: AlarmNews = { ...friction, isFiring: false, change: 'returned', state: 'returned' };
    expect(alertChange(over, undefined, two)).toEqual({ alerts: [], standing: undefined });
  });

  test('an alert does not end before it started, when the clock of the machine was set back', () => {
    const { standing } = alertChange(friction, undefined, two);
    const over: AlarmNews = { ...friction, isFiring: false, change: 'returned', state: 'returned' };
    expect(alertChange(over, standing, one).alerts[0]?.endsAt).toBe(two);
  });
});

describe('the section notify', () => {
  const messages = (section: object): readonly string[] =>
    notifySchema.safeParse(section).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

  test.each([
    [{ alertmanager: { url: 'alerts:9093' } }, /alertmanager\.url: must be a URL/],
    [{ alertmanager: { url: 'http://a:b@alerts:9093' } }, /must not carry a user name/],
    [{ alertmanager: { url: 'http://alerts:9093', username: 'ada' } }, /belong together/],
    [{ webhooks: [{ url: 'http://x', name: 'alertmanager', secretFile: 'x' }] }, /is the name of another receiver/],
    [{ webhooks: [{ url: 'http://x', name: 'a b', secretFile: 'x' }] }, /must be a name of letters/],
    [{ webhooks: [{ url: 'http://x' }] }, /webhooks\.0/],
    [{ mail: 'ada@example.org' }, /mail/],
  ])('%j is refused with the key and what to do', (section, expected) => {
    expect(messages(section).join('\n')).toMatch(expected);
  });

  let work: Workspace;
  beforeAll(async () => {
    work = await makeWorkspace();
  });
  afterAll(() => {
    work.remove();
  });

  test.each([
    ['is missing', undefined, 0o600, /cannot read the secret .*hook\.secret/],
    ['is too short', 'short', 0o600, /notify\.webhooks\.0: the secret must have 24 bytes at least/],
    ['can be read by others', 'x'.repeat(32), 0o644, /can be read by others: chmod 600/],
  ])('a secret that %s is told when the daemon starts', (_, text, mode, expected) => {
    const file = work.path('hook.secret');
    if (text !== undefined) {
      writeFileSync(file, text);
      chmodSync(file, mode);
    }
    const config = notifySchema.parse({ webhooks: [{ url: 'http://x', secretFile: 'hook.secret' }] });
    expect(() => readNotifyAccess(config, work.path('fdir.yaml'))).toThrow(expected);
  });
});

(isAmtoolInstalled || process.env['CI'] === 'true' ? test : test.skip)(
  'the example configuration of Alertmanager is one that amtool accepts',
  () => {
    const file = join(__dirname, '../../systemd/alertmanager.yml');
    const { stdout, status } = spawnSync('amtool', ['check-config', file], { encoding: 'utf8' });
    expect({ status, says: /3 receivers/.test(stdout) }).toEqual({ status: 0, says: true });
  },
);
