/** Messages made to exhaust or to mislead: what cannot be used is a drop with its reason, and nothing ever throws. */
import {
  askedTooOften,
  decodeAcknowledgement,
  decodeRequest,
  MAX_CONTROL_BYTES,
} from '../../../src/core/response/decode-control';
import { decodeTelemetry, type DecodeOptions } from '../../../src/core/telemetry/decode-telemetry';
import { decodeMode } from '../../../src/core/telemetry/operating-mode';
import { TokenBucket } from '../../../src/core/token-bucket';
import { openLevel, topicsOf } from '../../../src/core/topics';
import { T0 } from '../../support/tiny-mission';

const MIB = 1024 * 1024;
const options: DecodeOptions = { parameters: new Set(['a']), maxBytes: MIB, now: T0, latest: T0 + 1000 };
const nested = (open: string, inner: string, close: string, times: number): string =>
  open.repeat(times) + inner + close.repeat(times);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ['an array', nested('[', '', ']', MIB / 2)],
  ['an array that never ends', '['.repeat(MIB)],
  ['an object', nested('{"a":', '1', '}', MIB / 8)],
  ['a value', `{"time":${String(T0 / 1000)},"values":{"a":${nested('[', '', ']', 400_000)}}}`],
  ['a time', `{"time":${nested('[', '', ']', 400_000)},"values":{"a":1}}`],
  ['the frames of an array', `[${nested('[', '', ']', 100_000)},${nested('{"values":', '1', '}', 40_000)}]`],
])('%s nested as deeply as a message can be is dropped as malformed, and nothing throws', (_what, text) => {
  for (const parameter of [undefined, 'a']) {
    const { frames, drops } = decodeTelemetry(text, { ...options, ...(parameter !== undefined && { parameter }) });
    expect(frames.flatMap(({ values }) => Object.keys(values))).toEqual([]);
    expect(drops.map(({ reason }) => reason)).toContain('malformed');
    for (const { message } of drops) expect(message.length).toBeLessThan(300);
  }
  expect(() => [
    decodeMode(bytes(text), T0),
    decodeRequest('reload', bytes(text), { topic: 't' }),
    decodeAcknowledgement('x', bytes(text)),
  ]).not.toThrow();
});

test('garbage by the hundred thousand is counted whole and told in part', () => {
  const { drops } = decodeTelemetry(`[${'1,'.repeat(400_000)}1]`, options);
  expect(drops.length).toBeLessThan(200);
  expect(drops.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(400_001);
});

test('names of what every object has are no parameters, and change no other object', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
  const values = `{${names.map((name) => `"${name}":{"polluted":1}`).join(',')},"a":1}`;
  const { frames, drops } = decodeTelemetry(
    `{"time":${String(T0 / 1000)},"values":${values},"__proto__":{"polluted":1}}`,
    options,
  );
  expect(frames).toEqual([{ time: T0, values: { a: 1 } }]);
  expect(drops).toHaveLength(names.length);
  decodeRequest(
    'alarm-ack',
    bytes('{"id":"x","by":"y","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    { topic: 't' },
  );
  for (const name of names)
    expect(decodeRequest(name, bytes('{}'), { topic: 't' })).toMatchObject({
      asked: { request: { name: 'unreadable' } },
    });
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test('an order larger than any order is not read', () => {
  const order = `{"by":"ann","comment":"${'x'.repeat(MAX_CONTROL_BYTES)}"}`;
  expect(decodeRequest('reload', bytes(order), { topic: 't' })).toMatchObject({
    asked: { request: { name: 'unreadable' } },
  });
});

test.each(['a/b', '../x', '', 'a/../b', '+', '#'])('a level %p of a topic leads nowhere else', (level) => {
  const { acknowledgements, action } = topicsOf('fdir', 'TINY-1');
  const topic = acknowledgements.replace('+', level);
  const id = openLevel(acknowledgements, topic);
  if (level === '' || level.includes('/')) expect(id).toBeUndefined();
  else expect(id).toBe(level);
  expect(openLevel(acknowledgements, action)).toBeUndefined();
});

test('requests are taken at a rate: a burst, then so many a second, and none for a clock that jumps back', () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 });
  const at = (now: number, times: number): number =>
    Array.from({ length: times }, () => bucket.take(now)).filter(Boolean).length;
  expect([at(1000, 10), at(1500, 10), at(0, 10), at(500, 10), at(1e9, 10)]).toEqual([3, 1, 0, 1, 3]);
});

test('a request beyond the rate is answered with a refusal and carries nothing on', () => {
  const request = decodeRequest('alarm-list', bytes('{"all":true}'), { topic: 'fdir/T/response/alarm-list' });
  expect(askedTooOften(request)).toEqual({
    kind: 'request',
    asked: {
      topic: 'fdir/T/response/alarm-list',
      correlation: {},
      request: { name: 'unreadable', message: expect.stringContaining('try again') as string },
    },
  });
});
