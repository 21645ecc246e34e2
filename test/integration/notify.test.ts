/** Alarms told to Alertmanager and webhooks: each change once, in order, whatever the receivers do. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { attemptOf } from '../../src/adapters/notify/attempt';
import { httpPost } from '../../src/adapters/notify/http-post';
import { Alertmanager, describeWithAlertmanager } from '../support/alertmanager';
import { isOpensslInstalled, makeAuthority } from '../support/certificates';
import { HttpReceiver } from '../support/http-receiver';
import { NotifyWorld, SECRET } from '../support/notify-world';
import { until } from '../support/until';

const TIMEOUT_MS = 120_000;
/** Of the long form; the short one makes as many changes in a tenth of the time. */
const ALARMS = process.env['CI'] === 'true' ? 200 : 1000;

let world: NotifyWorld;
let receiver: HttpReceiver;
afterEach(async () => {
  await world.close();
  await receiver.close();
});

interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

const alertsIn = (requests: HttpReceiver['requests']): readonly PostedAlert[] =>
  requests.flatMap(({ body }) => JSON.parse(body) as PostedAlert[]);

/** `name firing` or `name resolved`, in the order they were taken in. */
const changesIn = (requests: HttpReceiver['requests']): readonly string[] =>
  alertsIn(requests).map(
    ({ labels, endsAt }) => `${labels['alarm'] ?? ''} ${Date.parse(endsAt) > Date.now() ? 'firing' : 'resolved'}`,
  );

const newsIn = (requests: HttpReceiver['requests']): readonly string[] =>
  requests.map(({ body }) => {
    const { data } = JSON.parse(body) as { data: { alarm: string; change: string } };
    return `${data.alarm} ${data.change}`;
  });

describeWithAlertmanager('Alertmanager', () => {
  let alerts: Alertmanager;
  beforeEach(async () => {
    alerts = await Alertmanager.make();
    receiver = await HttpReceiver.open();
    receiver.manner = { forward: alerts.url };
    world = await NotifyWorld.open({ alertmanager: { url: receiver.url } });
  });
  afterEach(async () => {
    await alerts.close();
  });

  test(
    `${String(ALARMS)} alarms through one that is killed twice: each change once and in order, and all that stands is told again`,
    async () => {
      await alerts.start();
      world.notifier.start();
      const expected: string[] = [];
      const told = (): number => changesIn(receiver.taken).length;
      for (let index = 0; index < ALARMS; index += 1) {
        const name = `p${String(index)}`;
        world.raise(name, 'violated');
        expected.push(`check/${name} firing`);
        if (index % 2 === 1) {
          world.raise(name, 'normal', 1);
          expected.push(`check/${name} resolved`);
        }
        if (index === Math.floor(ALARMS / 4) || index === Math.floor(ALARMS / 2)) {
          await until('some to be told', () => told() > index / 2);
          await alerts.kill();
        }
        if (index === Math.floor(ALARMS / 3) || index === Math.floor((2 * ALARMS) / 3)) await alerts.start();
      }
      await until('all to be told', () => world.notifier.backlog.waiting === 0, 60_000);
      // What stands was told again after each kill, as a reminder, which is no change: the changes alone are each told once.
      const changes = new Set<string>();
      const firsts = changesIn(receiver.taken).filter((change) => !changes.has(change) && changes.add(change));
      expect(firsts).toEqual(expected);
      expect(world.counted['alertmanager taken']).toBe(expected.length);
      const standing = expected
        .filter((_, index) => expected[index]?.endsWith('firing'))
        .filter((change) => {
          return !changes.has(change.replace('firing', 'resolved'));
        });
      await until(
        'Alertmanager to know all that stands',
        async () => (await alerts.active()).length === standing.length,
        30_000,
      );
      const names = (await alerts.active()).map(({ labels }) => `${labels['alarm'] ?? ''} firing`);
      expect([...names].sort()).toEqual([...standing].sort());
    },
    TIMEOUT_MS,
  );

  test('an alert carries labels to route by and annotations to act on, and ends with the labels it began with', async () => {
    await alerts.start();
    world.notifier.start();
    world.raise('wheel0_current', 'violated');
    await until('the alert', async () => (await alerts.active()).length === 1);
    expect(await alerts.active()).toMatchObject([
      {
        labels: { alertname: 'fdir', alarm: 'check/wheel0_current', spacecraft: 'TINY-1', severity: 'medium' },
        annotations: { sentence: 'wheel0_current: aboveHighLimit', link: 'https://fdir.example/' },
        generatorURL: 'https://fdir.example/',
      },
    ]);
    world.order({ kind: 'acknowledge', name: 'check/wheel0_current', by: 'ada', comment: 'seen' });
    await until('the acknowledgement', async () => (await alerts.active())[0]?.annotations['acknowledgedBy'] === 'ada');
    world.order({ kind: 'shelve', name: 'check/wheel0_current', by: 'ada', comment: 'test', forMs: 60_000 });
    await until('the end of the alert', async () => (await alerts.active()).length === 0);
  });

  test('one that is absent is told of as an event and in the state, and gets everything when it comes', async () => {
    world.notifier.start();
    world.raise('p0', 'violated');
    await until('the event', () => world.notes.some(({ kind }) => kind === 'notify-failed'));
    expect(world.vitals.at(-1)).toEqual({ ok: false, detail: 'alertmanager: HTTP 502' });
    world.raise('p0', 'normal', 1);
    await alerts.start();
    await until('the end', () => world.notes.some(({ kind }) => kind === 'notify-restored'));
    await until('nothing to wait', () => world.notifier.backlog.waiting === 0);
    expect(world.vitals.at(-1)).toEqual({ ok: true, detail: '' });
    expect(changesIn(receiver.taken).slice(0, 2)).toEqual(['check/p0 firing', 'check/p0 resolved']);
  });
});

describe('an Alertmanager that is slow', () => {
  test('holds up neither the pipeline nor another receiver, and gets each change once and in order', async () => {
    const webhook = await HttpReceiver.open();
    receiver = await HttpReceiver.open();
    let answer = (): void => undefined;
    receiver.manner = { until: new Promise<void>((resolve) => (answer = resolve)) };
    const webhooks = [{ url: webhook.url, secretFile: 'unused' }];
    world = await NotifyWorld.open({ alertmanager: { url: receiver.url }, webhooks });
    world.notifier.start();
    const expected: string[] = [];
    for (let index = 0; index < 20; index += 1) {
      world.raise(`p${String(index)}`, 'violated');
      expected.push(`check/p${String(index)} firing`);
    }
    await until('the webhook to have all', () => webhook.taken.length === 20);
    expect({ underWay: receiver.requests.length, taken: receiver.taken.length }).toEqual({ underWay: 1, taken: 0 });
    expect(world.notes).toEqual([]);
    answer();
    await until('nothing to wait', () => world.notifier.backlog.waiting === 0);
    expect(changesIn(receiver.taken)).toEqual(expected);
    expect(world.notes).toEqual([]);
    await webhook.close();
  });
});

describe('an alarm that flaps', () => {
  test('is told a few times, and then as it stands', async () => {
    receiver = await HttpReceiver.open();
    world = await NotifyWorld.open({ alertmanager: { url: receiver.url } });
    world.notifier.start();
    for (let second = 0; second < 60; second += 2) {
      world.raise('p0', 'violated', second);
      world.raise('p0', 'normal', second + 1);
    }
    await until('nothing to wait', () => world.notifier.backlog.waiting === 0);
    const before = changesIn(receiver.taken).length;
    expect(before).toBeLessThan(15);
    world.raise('p0', 'violated', 61);
    world.beats.next(0);
    await until('nothing to wait', () => world.notifier.backlog.waiting === 0);
    expect(changesIn(receiver.taken).at(-1)).toBe('check/p0 firing');
    world.raise('p0', 'normal', 62);
    world.beats.next(1);
    await until('the end of the alert', () => changesIn(receiver.taken).at(-1) === 'check/p0 resolved');
  });
});

test('the alarm of a log that cannot be written is told beside the log', async () => {
  receiver = await HttpReceiver.open();
  world = await NotifyWorld.open({ alertmanager: { url: receiver.url } });
  world.notifier.start();
  receiver.manner = 503;
  world.notifier.urge({
    ...{ name: 'daemon/log', sequence: 1, time: '2026-03-01T00:00:00Z', change: 'triggered', state: 'triggered' },
    ...{ severity: 'high', value: null, by: 'rule', note: '' },
  });
  await until('attempts', () => receiver.requests.length > 1);
  receiver.manner = 200;
  await until('it to be taken', () => changesIn(receiver.taken).includes('daemon/log firing'));
  expect(world.notifier.backlog.waiting).toBe(0);
});

describe('a webhook', () => {
  const open = async (): Promise<void> => {
    receiver = await HttpReceiver.open();
    world = await NotifyWorld.open({ webhooks: [{ url: receiver.url, secretFile: 'unused' }] });
    world.notifier.start();
  };

  test('gets every change once and in order, signed as Standard Webhooks says', async () => {
    await open();
    world.raise('p0', 'violated');
    world.raise('p0', 'normal', 1);
    await until('both', () => receiver.taken.length === 2);
    expect(newsIn(receiver.taken)).toEqual(['check/p0 triggered', 'check/p0 returned']);
    const [first] = receiver.taken;
    if (first === undefined) throw new Error('one was taken');
    const { headers, body } = first;
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', SECRET).update(signed).digest('base64')}`);
    expect(JSON.parse(body)).toMatchObject({
      type: 'alarm',
      data: { schemaVersion: 1, spacecraft: 'TINY-1', isFiring: true, severity: 'medium', value: 6.5 },
    });
  });

  test('whose answer was lost is told again under the same id, also by the next daemon', async () => {
    await open();
    receiver.manner = 'torn';
    world.raise('p0', 'violated');
    await until('two attempts', () => receiver.requests.length >= 2);
    receiver.manner = 'silence';
    const before = receiver.requests.length;
    await until('one under way', () => receiver.requests.length > before);
    await world.restart();
    receiver.manner = 200;
    await world.restart();
    await until('it to be taken', () => receiver.taken.length > 0);
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(receiver.taken.length).toBe(1);
  });

  test('that answers 500 holds up neither the pipeline nor another receiver', async () => {
    const good = await HttpReceiver.open();
    receiver = await HttpReceiver.open();
    receiver.manner = 500;
    world = await NotifyWorld.open({
      webhooks: [
        { name: 'bad', url: receiver.url, secretFile: 'unused' },
        { name: 'good', url: good.url, secretFile: 'unused' },
      ],
    });
    world.notifier.start();
    for (let index = 0; index < 20; index += 1) world.raise(`p${String(index)}`, 'violated');
    await until('the good one to have all', () => good.taken.length === 20);
    await until('the event', () => world.notes.some(({ kind }) => kind === 'notify-failed'));
    expect(world.notes.map(({ kind, detail }) => [kind, 'receiver' in detail && detail.receiver])).toEqual([
      ['notify-failed', 'bad'],
    ]);
    // The last answer of the good one may still be on its way.
    await until('only those of the bad one to wait', () => world.notifier.backlog.waiting === 20);
    expect(world.notifier.backlog.dropped).toBe(0);
    await good.close();
  });

  test('that refuses one change is told the next; the refusal is an event', async () => {
    await open();
    receiver.manner = 422;
    world.raise('p0', 'violated');
    await until('the refusal', () => world.notes.length > 0);
    receiver.manner = 200;
    world.raise('p1', 'violated');
    await until('the next', () => receiver.taken.length === 1);
    expect(world.notes).toEqual([
      { kind: 'notify-refused', detail: { receiver: 'webhook-1', alarm: 'check/p0', reason: 'HTTP 422' } },
    ]);
    expect(newsIn(receiver.taken)).toEqual(['check/p1 triggered']);
  });

  test('that never answers is given up after its time, and is tried again later', async () => {
    await open();
    receiver.manner = 'silence';
    const post = { url: receiver.url, body: '{}', timeoutMs: 20, signal: new AbortController().signal };
    await expect(attemptOf(1, () => httpPost(post))).resolves.toEqual({
      kind: 'failed',
      reason: 'no answer within 0.02 s',
    });
  });

  test.each([
    [429, { kind: 'failed', reason: 'HTTP 429', afterMs: undefined }],
    [401, { kind: 'failed', reason: 'HTTP 401', afterMs: undefined }],
    [413, { kind: 'refused', reason: 'HTTP 413' }],
    [204, { kind: 'taken', count: 3 }],
  ])('that answers %i: %j', async (status, expected) => {
    await open();
    receiver.manner = status;
    const { signal } = new AbortController();
    expect(await attemptOf(3, () => httpPost({ url: receiver.url, body: '{}', signal }))).toEqual(expected);
  });

  test('that is configured no longer is forgotten, and the count is an event', async () => {
    await open();
    receiver.manner = 503;
    world.raise('p0', 'violated');
    await until('an attempt', () => receiver.requests.length > 0);
    (world as unknown as { config: object }).config = { alertmanager: { url: receiver.url } };
    await world.restart();
    expect(world.notes).toContainEqual({
      kind: 'notify-dropped',
      detail: { count: 1, reason: 'their receiver is configured no longer' },
    });
  });

  (isOpensslInstalled ? test : test.skip)('whose certificate another authority signed gets nothing', async () => {
    receiver = await HttpReceiver.open();
    world = await NotifyWorld.open({});
    const [ours, theirs] = ['ours', 'theirs'].map((name) => makeAuthority(world.work.folder, name));
    if (ours === undefined || theirs === undefined) throw new Error('two authorities were made');
    const { cert, key } = theirs.issue('server');
    await receiver.close();
    receiver = await HttpReceiver.open({ cert: readFileSync(cert), key: readFileSync(key) });
    const hook = { webhooks: [{ url: receiver.url, secretFile: 'unused' }] };
    const wrongCa = readFileSync(ours.ca, 'utf8');
    await world.close();
    world = await NotifyWorld.open(hook, wrongCa);
    world.notifier.start();
    world.raise('p0', 'violated');
    await until('the event', () => world.notes.length > 0);
    expect(world.notes[0]).toMatchObject({ kind: 'notify-failed', detail: { receiver: 'webhook-1', waiting: 1 } });
    expect(world.vitals.at(-1)?.detail).toMatch(/certificate/);
    expect(receiver.requests).toEqual([]);
  });
});
