import type { ConsoleEvent } from '../../src/console/api/events';
import { EventHub, MAX_CLIENT_BUFFER_BYTES } from '../../src/console/server/event-hub';

/** A client's socket: what is written waits until it is read. */
class Stream {
  written = '';
  writableLength = 0;
  isDestroyed = false;
  constructor(private readonly isReading = true) {}
  writes = 0;
  write(bytes: Buffer): boolean {
    this.writes += 1;
    this.written += bytes.toString();
    if (!this.isReading) this.writableLength += bytes.length;
    return this.isReading;
  }
  destroy(): this {
    this.isDestroyed = true;
    return this;
  }
  get events(): string[] {
    return [...this.written.matchAll(/^event: (.*)$/gm)].map(([, name = '']) => name);
  }
  get ids(): string[] {
    return [...this.written.matchAll(/^id: (.*)$/gm)].map(([, id = '']) => id);
  }
}

const rule = (name: string): ConsoleEvent => ({ name: 'rule', data: { rule: name } });
const snapshot = { name: 'snapshot', data: { spacecraft: 'TINY-1' } } as ConsoleEvent;
const pulse = { name: 'pulse', data: { now: 'now' } } as unknown as ConsoleEvent;
/** Every event goes out by itself, as if time passed between any two. */
const hubOf = (): EventHub =>
  new EventHub(
    'a',
    () => snapshot,
    (flush) => {
      flush();
    },
  );

test('a client begins with a snapshot, and hears what follows with ids that count', () => {
  const hub = hubOf();
  const client = new Stream();
  hub.send(rule('before'));
  hub.join(client, undefined);
  hub.send(rule('x'));
  hub.send(pulse);
  hub.send(rule('y'));
  expect(client.events).toEqual(['snapshot', 'rule', 'pulse', 'rule']);
  expect(client.ids).toEqual(['a-1', 'a-2', 'a-3']);
});

test('who comes back with an id hears what was missed, once and in order, and no snapshot', () => {
  const hub = hubOf();
  ['1', '2', '3'].forEach((name) => {
    hub.send(rule(name));
  });
  const client = new Stream();
  hub.join(client, 'a-1');
  expect(client.written).not.toContain('"1"');
  expect([client.events, client.ids]).toEqual([
    ['rule', 'rule'],
    ['a-2', 'a-3'],
  ]);
  const upToDate = new Stream();
  hub.join(upToDate, 'a-3');
  expect(upToDate.events).toEqual([]);
});

test.each([
  ['of another run', 'b-1'],
  ['from the future', 'a-99'],
  ['that is none', 'nonsense'],
  ['that is none either', 'a-1.5'],
  ['that is empty', ''],
])('an id %s leads to a snapshot', (_what, id) => {
  const hub = hubOf();
  hub.send(rule('1'));
  const client = new Stream();
  hub.join(client, id);
  expect(client.events).toEqual(['snapshot']);
});

test('what is no longer kept, or was replaced by a snapshot, leads to a snapshot', () => {
  const hub = hubOf();
  for (let index = 0; index < 1200; index += 1) hub.send(rule(String(index)));
  const late = new Stream();
  hub.join(late, 'a-100');
  expect(late.events).toEqual(['snapshot']);
  const intime = new Stream();
  hub.join(intime, 'a-300');
  expect(intime.events).toHaveLength(900);
  hub.send(snapshot);
  const across = new Stream();
  hub.join(across, 'a-1190');
  expect(across.events).toEqual(['snapshot']);
});

test('a client that does not read is dropped at the bound and counted; the others hear everything', () => {
  const hub = hubOf();
  const [slow, good] = [new Stream(false), new Stream()];
  hub.join(slow, undefined);
  hub.join(good, undefined);
  const large = 'x'.repeat(10_000);
  for (let index = 0; index < 100; index += 1) hub.send(rule(large));
  expect({ isDestroyed: slow.isDestroyed, dropped: hub.dropped, left: hub.size }).toEqual({
    isDestroyed: true,
    dropped: 1,
    left: 1,
  });
  expect(slow.writableLength).toBeLessThan(MAX_CLIENT_BUFFER_BYTES + 11_000);
  expect(good.events).toHaveLength(101);
});

test('a client that left hears no more', () => {
  const hub = hubOf();
  const client = new Stream();
  const leave = hub.join(client, undefined);
  leave();
  hub.send(rule('x'));
  expect([client.events, hub.size]).toEqual([['snapshot'], 0]);
});

test('what happens close together goes out in one packet, of each subject the newest, and every order', () => {
  const flushes: (() => void)[] = [];
  const hub = new EventHub(
    'a',
    () => snapshot,
    (flush) => flushes.push(flush),
  );
  const client = new Stream();
  hub.join(client, undefined);
  const order = (by: string): ConsoleEvent => ({
    name: 'order',
    data: { by, request: 'alarm-ack', target: 'x', ok: true, message: '' },
  });
  const alarm = (name: string, count: number) => ({ name: 'alarm', data: { name, count } }) as unknown as ConsoleEvent;
  [alarm('x', 1), order('ann'), alarm('y', 1), alarm('x', 2), order('bob'), pulse, alarm('x', 3), pulse].forEach(
    (event) => {
      hub.send(event);
    },
  );
  expect([client.writes, flushes.length]).toEqual([1, 1]);
  flushes.forEach((flush) => {
    flush();
  });
  expect(client.writes).toBe(2);
  expect(client.events).toEqual(['snapshot', 'order', 'alarm', 'order', 'alarm', 'pulse']);
  expect(client.written).toContain('{"name":"x","count":3}');
  expect(client.written).not.toContain('"count":2');
  expect(client.ids).toEqual(['a-0', 'a-1', 'a-2', 'a-3', 'a-4']);
});

test('who joins while something waits has it once, in the snapshot', () => {
  const flushes: (() => void)[] = [];
  const hub = new EventHub(
    'a',
    () => snapshot,
    (flush) => flushes.push(flush),
  );
  const [before, after] = [new Stream(), new Stream()];
  hub.join(before, undefined);
  hub.send(rule('x'));
  hub.join(after, undefined);
  flushes.forEach((flush) => {
    flush();
  });
  expect([before.events, after.events]).toEqual([['snapshot', 'rule'], ['snapshot']]);
  expect(after.ids).toEqual(['a-1']);
});
