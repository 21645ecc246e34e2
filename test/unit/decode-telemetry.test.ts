import fc from 'fast-check';
import { decodeTelemetry, type DecodeOptions } from '../../src/core/telemetry/decode-telemetry';

const NOW = Date.UTC(2026, 2, 1, 4, 12, 8);
const options: DecodeOptions = {
  parameters: new Set(['speed', 'current', 'constructor']),
  maxBytes: 10_000,
  now: NOW,
  latest: NOW + 60_000,
};
const decode = (payload: unknown, more: Partial<DecodeOptions> = {}) =>
  decodeTelemetry(typeof payload === 'string' || payload instanceof Uint8Array ? payload : JSON.stringify(payload), {
    ...options,
    ...more,
  });
const reasons = (payload: unknown, more: Partial<DecodeOptions> = {}) =>
  decode(payload, more).drops.map(({ reason }) => reason);

test.each([
  ['ISO 8601 with Z', '2026-03-01T04:12:08Z', NOW],
  ['ISO 8601 with an offset', '2026-03-01T05:12:08+01:00', NOW],
  ['ISO 8601 without a zone, which is UTC', '2026-03-01T04:12:08', NOW],
  ['ISO 8601 with decimals', '2026-03-01T04:12:08.250Z', NOW + 250],
  ['Unix seconds', NOW / 1000, NOW],
  ['Unix seconds with decimals', NOW / 1000 + 0.25, NOW + 250],
  ['Unix seconds as text', String(NOW / 1000), NOW],
])('a frame with its time as %s', (_what, time, expected) => {
  expect(decode({ time, values: { speed: 1.5, current: null } })).toEqual({
    frames: [{ time: expected, values: { speed: 1.5 } }],
    drops: [],
  });
});

test('an array of frames keeps the good ones', () => {
  const { frames, drops } = decode([
    { time: NOW / 1000, values: { speed: 1 } },
    5,
    { time: NOW / 1000 + 1, values: { speed: 2 } },
  ]);
  expect(frames).toEqual([
    { time: NOW, values: { speed: 1 } },
    { time: NOW + 1000, values: { speed: 2 } },
  ]);
  expect(drops).toEqual([{ reason: 'malformed', message: 'not a frame {"time", "values"}: 5' }]);
});

test('a parameter named by the topic takes a number at the time of arrival, or a value with its time', () => {
  expect(decode('2.5', { parameter: 'speed' }).frames).toEqual([{ time: NOW, values: { speed: 2.5 } }]);
  expect(decode({ time: NOW / 1000 - 9, value: 3 }, { parameter: 'speed' }).frames).toEqual([
    { time: NOW - 9000, values: { speed: 3 } },
  ]);
  expect(reasons('2.5', { parameter: 'nobody' })).toEqual(['unknown-parameter']);
  expect(decode({ time: NOW / 1000, value: null }, { parameter: 'speed' })).toEqual({ frames: [], drops: [] });
});

test.each([
  ['no JSON', '{"time":', ['malformed']],
  ['nothing', '', ['malformed']],
  ['bytes that are no UTF-8', Buffer.from([0xc3, 0x28]), ['malformed']],
  ['a number without a parameter', '5', ['malformed']],
  ['null', 'null', ['malformed']],
  ['a frame without values', { time: NOW / 1000 }, ['malformed']],
  ['values that are an array', { time: NOW / 1000, values: [1] }, ['malformed']],
  ['a time that is none', { time: 'soon', values: { speed: 1 } }, ['malformed']],
  ['a time that is an object', { time: {}, values: { speed: 1 } }, ['malformed']],
  ['a time without end', '{"time": 1e999, "values": {"speed": 1}}', ['malformed']],
  ['text for a number', { time: NOW / 1000, values: { speed: 'x' } }, ['malformed']],
  ['a number as text, and a truth value', { time: NOW / 1000, values: { speed: '1', current: true } }, []],
  ['a word for a missing sample', { time: NOW / 1000, values: { speed: 'N/A', current: ' ' } }, []],
  ['an unknown parameter', { time: NOW / 1000, values: { nobody: 1 } }, ['unknown-parameter']],
  ['an infinity', `{"time": ${String(NOW / 1000)}, "values": {"speed": 1e999}}`, ['not-finite']],
  [
    'a bare NaN as Python writes it',
    `{"time": ${String(NOW / 1000)}, "values": {"speed": NaN, "current": -Infinity}}`,
    ['not-finite'],
  ],
  ['a time before 2000', { time: 86_400, values: { speed: 1 } }, ['past']],
  ['a time ahead of the clock', { time: NOW / 1000 + 61, values: { speed: 1 } }, ['future']],
  ['more bytes than are read', ' '.repeat(10_001), ['oversized']],
])('%s', (_what, payload, expected) => {
  expect(reasons(payload)).toEqual(expected);
});

test('what JSON cannot spoil: prototypes stay as they are', () => {
  const { frames } = decode(
    `{"time": ${String(NOW / 1000)}, "values": {"__proto__": {"polluted": 1}, "constructor": 7}}`,
  );
  expect(Object.entries(frames[0]?.values ?? {})).toEqual([['constructor', 7]]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('many drops of one message are counted, not told one by one', () => {
  const { drops } = decode(JSON.stringify(new Array(4000).fill(1)));
  expect(drops.length).toBe(101);
  expect(drops.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(4000);
});

test('an unterminated string of a million quotes is refused in linear time', () => {
  const began = Date.now();
  expect(reasons(`NaN${'\\"'.repeat(500_000)}`, { maxBytes: 2_000_000 })).toEqual(['malformed']);
  expect(Date.now() - began).toBeLessThan(2000);
});

test('whatever arrives, decoding never throws and gives only finite values of known parameters', () => {
  const check = (payload: string | Uint8Array, parameter: string | undefined): void => {
    const { frames, drops } = decode(payload, parameter === undefined ? {} : { parameter });
    for (const { time, values } of frames) {
      expect(Number.isFinite(time)).toBe(true);
      for (const [id, value] of Object.entries(values))
        expect([options.parameters.has(id), Number.isFinite(value)]).toEqual([true, true]);
    }
    for (const { message } of drops) expect(message).not.toMatch(/\p{Cc}/u);
  };
  const parameter = fc.option(fc.constantFrom('speed', 'nobody', '__proto__'), { nil: undefined });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), parameter, check));
  fc.assert(fc.property(fc.json(), parameter, check));
  const anything = fc
    .anything()
    .map((value) => JSON.stringify({ time: NOW / 1000, values: { speed: value, current: [value] } }));
  fc.assert(fc.property(anything, parameter, check));
});
