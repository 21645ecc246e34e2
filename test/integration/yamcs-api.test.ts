/** The calls of Yamcs that openmct-yamcs makes for alarms, over HTTP and a plain WebSocket. */
import WebSocket from 'ws';
import { initialAlarms, type AlarmsState } from '../../src/core/alarms/alarm-book';
import { orderAlarm, type AlarmOrder } from '../../src/core/alarms/alarm-orders';
import { raise, type AlarmCondition } from '../../src/core/alarms/alarms';
import { yamcsAlarmListSchema } from '../../src/console/api/yamcs';
import type { ServerOptions } from '../../src/console/server/http';
import { alarmNameOf, yamcsIdOf } from '../../src/console/server/yamcs/alarm-data';
import { YamcsSubscriptions } from '../../src/console/server/yamcs/sockets';
import type { Alarm } from '../../src/domain/alarm';
import { ask, openConsole, TOKEN, type Answered, type ConsoleWorld } from '../support/console-world';
import { T0 } from '../support/tiny-mission';
import { until } from '../support/until';

const ALARMS = '/api/processors/fdir/realtime/alarms';
const ORIGIN = 'http://127.0.0.1:9000';
const BEARER = { authorization: `Bearer ${TOKEN}` };
const yamcs = { instance: 'fdir', processor: 'realtime', origins: [ORIGIN], actAs: undefined };

let world: ConsoleWorld;
let alarms: AlarmsState;
const sockets: WebSocket[] = [];

const open = async (options: Partial<ServerOptions> = { yamcs }): Promise<void> => {
  alarms = initialAlarms;
  world = await openConsole(options);
};
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await world.close();
});

const take = (record: Alarm): void => {
  world.context.live.take({ kind: 'alarm', record });
  world.context.send({ name: 'alarm', data: record });
};
const takeAll = ({ state, ledger }: ReturnType<typeof raise>): void => {
  alarms = state;
  for (const entry of ledger) if (entry.kind === 'alarm') take(entry.record);
};
const raiseOn = (parameter: string, status: AlarmCondition['status'] = 'violated', value = 61.5): void => {
  takeAll(
    raise(alarms, {
      ...{ name: `check/${parameter}`, cause: 'warning', status, severity: 'medium', isLatching: false, value },
      ...{ title: `${parameter}: aboveHighLimit (warning -50 to 50)`, explanationId: null, time: T0 },
    }),
  );
};
const order = (given: AlarmOrder): void => {
  takeAll(orderAlarm(alarms, given, T0 + 1000));
};

const get = (path = ALARMS, headers: Record<string, string> = {}): Promise<Answered> =>
  ask(world.url, path, { headers });
const post = (path: string, body: object = {}, headers: Record<string, string> = BEARER): Promise<Answered> =>
  ask(world.url, `${ALARMS}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
const parsed = (answer: Answered): Record<string, unknown> => JSON.parse(answer.text) as Record<string, unknown>;

test('an alarm is listed with the names and fields that openmct-yamcs reads', async () => {
  await open();
  raiseOn('rw0_speed');
  const answer = await get();
  expect(answer.status).toBe(200);
  const { alarms: listed } = yamcsAlarmListSchema.parse(parsed(answer));
  expect(listed).toMatchObject([
    {
      type: 'PARAMETER',
      id: { namespace: '/TINY-1/check', name: 'rw0_speed' },
      seqNum: 1,
      severity: 'DISTRESS',
      acknowledged: false,
      triggerTime: '2026-03-01T00:00:00Z',
      parameterDetail: {
        parameter: { name: 'rw0_speed', shortDescription: 'rw0_speed: aboveHighLimit (warning -50 to 50)' },
        triggerValue: { engValue: { type: 'FLOAT', floatValue: 61.5 } },
        currentValue: {
          engValue: { type: 'FLOAT', floatValue: 61.5 },
          rangeCondition: 'HIGH',
          monitoringResult: 'DISTRESS',
        },
      },
    },
  ]);
  expect(Object.keys(listed[0] ?? {})).not.toContain('shelveInfo');
});

test.each([
  ['/TINY-1/check/rw0_speed/1:acknowledge', { comment: 'seen' }, 'alarm-ack', { comment: 'seen' }],
  [
    '/TINY-1/check/rw0_speed/1:shelve',
    { comment: 'test', shelveDuration: 300_000 },
    'alarm-shelve',
    { comment: 'test', for: 300_000 },
  ],
  [
    '/TINY-1/check/rw0_speed/1:shelve',
    { shelveDuration: null },
    'alarm-shelve',
    { comment: 'shelved over the Yamcs API', for: 30 * 86_400_000 },
  ],
  ['/TINY-1/check/rw0_speed/1:unshelve', {}, 'alarm-unshelve', { comment: '' }],
  ['/TINY-1%2Fcheck/rw0_speed/1:acknowledge', {}, 'alarm-ack', { comment: '' }],
])('POST %s %j becomes the order %s', async (path, body, name, asked) => {
  await open();
  raiseOn('rw0_speed');
  expect(await post(path, body)).toMatchObject({ status: 200, text: '{}' });
  expect(world.orders).toEqual([{ name, asked: { by: 'ann', name: 'check/rw0_speed', ...asked } }]);
});

test.each([
  ['another number', '/TINY-1/check/rw0_speed/2:acknowledge', 404, /no alarm is called .* with the number 2/],
  ['another spacecraft', '/OTHER/check/rw0_speed/1:acknowledge', 404, /no alarm/],
  ['clear, which openmct-yamcs never sends', '/TINY-1/check/rw0_speed/1:clear', 404, /no alarm/],
])('%s is refused in the form of Yamcs', async (_, path, status, msg) => {
  await open();
  raiseOn('rw0_speed');
  const answer = await post(path);
  expect(parsed(answer)).toEqual({ code: status, type: 'NotFound', msg: expect.stringMatching(msg) });
  expect(world.orders).toEqual([]);
});

test('what the daemon refuses, and does not answer, is told', async () => {
  await open();
  raiseOn('rw0_speed');
  world.answer = { ok: false, message: 'check/rw0_speed was acknowledged by bob' };
  const refused = await post('/TINY-1/check/rw0_speed/1:acknowledge');
  expect(parsed(refused)).toMatchObject({ code: 409, msg: 'check/rw0_speed was acknowledged by bob' });
  world.answer = undefined;
  expect((await post('/TINY-1/check/rw0_speed/1:acknowledge')).status).toBe(504);
});

test('a wrong instance or processor is not found', async () => {
  await open();
  expect(parsed(await get('/api/processors/other/realtime/alarms'))).toMatchObject({ code: 404, type: 'NotFound' });
  expect((await get('/api/processors/fdir/replay/alarms')).status).toBe(404);
});

describe('who may call it', () => {
  test('without yamcsApi nothing of it is served', async () => {
    await open({});
    expect((await get()).status).toBe(404);
  });

  test('an order without a token is refused, unless the configuration says as whom it acts', async () => {
    await open();
    raiseOn('rw0_speed');
    expect((await post('/TINY-1/check/rw0_speed/1:acknowledge', {}, {})).status).toBe(401);
    await world.close();
    await open({ yamcs: { ...yamcs, actAs: 'openmct' } });
    raiseOn('rw0_speed');
    expect((await post('/TINY-1/check/rw0_speed/1:acknowledge', {}, {})).status).toBe(200);
    expect(world.orders).toMatchObject([{ asked: { by: 'openmct' } }]);
    // Behind a proxy nobody counts as local.
    const proxied = await post('/TINY-1/check/rw0_speed/1:acknowledge', {}, { 'x-forwarded-for': '192.0.2.1' });
    expect(proxied.status).toBe(401);
  });

  test('a page of an invited origin may call it, after a preflight without a token; another may not', async () => {
    await open();
    const preflight = (origin: string): Promise<Answered> =>
      ask(world.url, `${ALARMS}/TINY-1/check/rw0_speed/1:acknowledge`, {
        method: 'OPTIONS',
        headers: { origin, 'sec-fetch-site': 'cross-site', 'access-control-request-method': 'POST' },
      });
    const invited = await preflight(ORIGIN);
    expect(invited).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': ORIGIN, vary: 'origin' } });
    expect((await preflight('http://evil.example')).status).toBe(403);
    expect((await get(ALARMS, { origin: ORIGIN, 'sec-fetch-site': 'cross-site' })).status).toBe(200);
    expect((await get('/api/v1/overview', { origin: ORIGIN, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await get(ALARMS, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await post('/TINY-1/check/rw0_speed/1:acknowledge', {}, { origin: ORIGIN })).status).toBe(401);
  });
});

interface Heard {
  readonly type: string;
  readonly call: number;
  readonly data: Record<string, unknown>;
}

const connect = async (headers: Record<string, string> = {}): Promise<{ socket: WebSocket; heard: Heard[] }> => {
  const heard: Heard[] = [];
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}/api/websocket`, { headers });
  sockets.push(socket);
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as Heard));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return { socket, heard };
};
const say = (socket: WebSocket, message: object): void => {
  socket.send(JSON.stringify(message));
};
const options = { instance: 'fdir', processor: 'realtime' };

describe('the WebSocket', () => {
  test('a subscription to alarms tells what stands, then each change, until it is cancelled', async () => {
    await open();
    raiseOn('rw0_speed');
    const { socket, heard } = await connect();
    say(socket, { type: 'alarms', id: '1', options });
    await until('reply and alarm', () => heard.length === 2);
    expect(heard[0]).toMatchObject({ type: 'reply', call: 1, data: { replyTo: '1' } });
    expect(heard[0]?.data).not.toHaveProperty('exception');
    expect(heard[1]).toMatchObject({
      type: 'alarms',
      call: 1,
      data: { id: { namespace: '/TINY-1/check', name: 'rw0_speed' }, notificationType: 'TRIGGERED' },
    });
    order({ kind: 'acknowledge', name: 'check/rw0_speed', by: 'ada', comment: 'seen' });
    order({ kind: 'shelve', name: 'check/rw0_speed', by: 'ada', comment: 'test', forMs: 60_000 });
    order({ kind: 'unshelve', name: 'check/rw0_speed', by: 'ada', comment: '' });
    raiseOn('rw0_speed', 'normal', 1);
    await until('the end', () => heard.some(({ data }) => data['notificationType'] === 'CLEARED'));
    expect(heard.slice(2).map(({ data }) => data['notificationType'])).toEqual([
      'ACKNOWLEDGED',
      'SHELVED',
      'ACKNOWLEDGED',
      'RTN',
      'CLEARED',
    ]);
    expect(heard[3]?.data['shelveInfo']).toMatchObject({ shelvedBy: 'ada', shelveMessage: 'test' });
    const before = heard.length;
    say(socket, { type: 'cancel', options: { call: 1 } });
    await until('the answer', () => heard.length === before + 1);
    raiseOn('rw1_speed');
    say(socket, { type: 'alarms', id: '2', options });
    await until('the new call', () => heard.some(({ call, type }) => call === 2 && type === 'alarms'));
    expect(heard.slice(before).filter(({ call, type }) => call === 1 && type === 'alarms')).toEqual([]);
  });

  test('global-alarm-status counts, and is told when a count changes', async () => {
    await open();
    const { socket, heard } = await connect();
    say(socket, { type: 'global-alarm-status', id: 7, options });
    await until('the first', () => heard.length === 2);
    raiseOn('rw0_speed');
    raiseOn('rw1_speed');
    order({ kind: 'acknowledge', name: 'check/rw1_speed', by: 'ada', comment: '' });
    await until('three more', () => heard.length === 5);
    expect(heard.slice(1).map(({ data }) => [data['unacknowledgedCount'], data['acknowledgedCount']])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [1, 1],
    ]);
    expect(heard[4]?.data).toEqual({
      ...{ unacknowledgedCount: 1, unacknowledgedActive: true, acknowledgedCount: 1, acknowledgedActive: true },
      ...{ shelvedCount: 0, shelvedActive: false },
    });
  });

  test.each([
    ['another topic', { type: 'parameters', id: '1', options }, /nothing is subscribed to by parameters/],
    [
      'another instance',
      { type: 'alarms', id: '1', options: { instance: 'x' } },
      /no instance is called x: it is fdir/,
    ],
    ['a call that is not there', { type: 'cancel', id: '1', options: { call: 9 } }, /no call has the number 9/],
    ['what is no message', { hello: 1 }, /no message of the Yamcs API/],
  ])('%s is answered with an exception, and the connection stays', async (_, message, expected) => {
    await open();
    const { socket, heard } = await connect();
    say(socket, message);
    await until('the answer', () => heard.length === 1);
    expect(heard[0]).toMatchObject({ type: 'reply', data: { exception: { msg: expect.stringMatching(expected) } } });
    socket.send('{');
    await until('another answer', () => heard.length === 2);
    say(socket, { type: 'alarms', id: '1', options });
    await until('the reply', () => heard.length === 3);
    expect(heard[2]?.data).toEqual({ replyTo: '1' });
  });

  test('a page of another site gets no connection', async () => {
    await open();
    await expect(connect({ origin: 'http://evil.example' })).rejects.toThrow('403');
    await expect(connect({ origin: ORIGIN })).resolves.toBeDefined();
  });

  test('a reader that is too slow is dropped, and nobody waits for it', async () => {
    await open();
    const closed: string[] = [];
    const socket = {
      bufferedAmount: 0,
      send: () => undefined,
      close: (code: number, reason: string) => closed.push(`${String(code)} ${reason}`),
    };
    const subscriptions = new YamcsSubscriptions(socket, { target: yamcs, spacecraft: 'TINY-1', alarms: () => [] });
    subscriptions.take(JSON.stringify({ type: 'alarms', id: '1' }));
    socket.bufferedAmount = 1e9;
    raiseOn('rw0_speed');
    for (const alarm of world.context.live.alarms.values()) {
      subscriptions.changed(alarm);
      subscriptions.changed(alarm);
    }
    expect(closed).toEqual(['1013 too slow: connect again']);
  });
});

test.each(['check/rw0_speed', 'anomaly/rw2', 'daemon/log file', 'monitor/a/b'])(
  '%s has a name of Yamcs, and back',
  (alarm) => {
    const { namespace, name } = yamcsIdOf('TINY-1', alarm);
    expect(alarmNameOf('TINY-1', `${namespace}/${name}`)).toBe(alarm);
    expect(namespace.startsWith('/')).toBe(true);
  },
);
