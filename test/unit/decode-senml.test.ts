import { encode } from 'cbor';
import * as fc from 'fast-check';
import { readTelemetryMessage } from '../../src/adapters/mqtt/telemetry-message';
import { topicsOf } from '../../src/core/topics';

const NOW = Date.UTC(2026, 2, 1);
const topics = topicsOf('fdir', 'T');
const options = { topics, parameters: new Set(['temp', 'current']), maxLeadMs: 60_000 };
const read = (payload: string | Uint8Array, contentType?: string) =>
  readTelemetryMessage(
    { topic: topics.senml, payload: Buffer.from(payload), qos: 1, isAgain: false, isRetained: false, contentType },
    options,
    NOW,
  );
const json = (pack: unknown, contentType?: string) => read(JSON.stringify(pack), contentType);
const reasons = (pack: unknown): string[] => json(pack)?.drops.map(({ reason }) => reason) ?? [];

describe('a SenML pack', () => {
  it('resolves its base fields, which last until they are replaced (RFC 8428, 4.1)', () => {
    const pack = [
      { bn: 'urn:dev:ow:1:', bt: NOW / 1000 - 100, bv: 20, n: 'temp', v: 1.5 },
      { n: 'temp', t: 10, v: 2 },
      { n: 'current', t: 10, v: -20 },
      { bn: 'T/', bv: 0, n: 'current', t: 20, vb: true },
    ];
    expect(json(pack)).toEqual({
      frames: [
        { time: NOW - 100_000, values: { temp: 21.5 } },
        { time: NOW - 90_000, values: { temp: 22, current: 0 } },
        { time: NOW - 80_000, values: { current: 1 } },
      ],
      drops: [],
    });
  });

  it('without a time is of now, and with a small one is relative to now (4.5.3)', () => {
    expect(
      json([
        { n: 'temp', v: 1 },
        { n: 'current', t: -5, v: 2 },
      ])?.frames,
    ).toEqual([
      { time: NOW - 5000, values: { current: 2 } },
      { time: NOW, values: { temp: 1 } },
    ]);
  });

  it('may come as CBOR, told by the content type or by its first byte', () => {
    const pack = [
      new Map<number, unknown>([
        [-2, 'T/'],
        [-3, NOW / 1000],
        [0, 'temp'],
        [2, 21.5],
      ]),
      new Map<number, unknown>([
        [0, 'current'],
        [6, -1],
        [2, 3],
      ]),
    ];
    const expected = {
      frames: [
        { time: NOW - 1000, values: { current: 3 } },
        { time: NOW, values: { temp: 21.5 } },
      ],
      drops: [],
    };
    expect(read(encode(pack), 'application/senml+cbor')).toEqual(expected);
    expect(read(encode(pack))).toEqual(expected);
  });

  it.each([
    ['that is no array', { n: 'temp', v: 1 }, ['malformed']],
    ['with a text', [{ n: 'temp', vs: 'warm' }], ['malformed']],
    ['with binary data', [{ n: 'temp', vd: 'AAE=' }], ['malformed']],
    ['with a sum only', [{ n: 'temp', s: 3 }], ['malformed']],
    ['without any value', [{ n: 'temp' }], ['malformed']],
    ['of an unknown name', [{ n: 'other', v: 1 }], ['unknown-parameter']],
    ['with a field that must be understood', [{ n: 'temp', v: 1, new_: 1 }], ['malformed']],
    ['of a later version', [{ bver: 11, n: 'temp', v: 1 }], ['malformed']],
    [
      'with one value twice',
      [
        { n: 'temp', v: 1 },
        { n: 'temp', v: 2 },
      ],
      ['duplicate'],
    ],
    ['of a time far ahead', [{ n: 'temp', t: NOW / 1000 + 3600, v: 1 }], ['future']],
    ['with records that are none', [3, null], ['malformed', 'malformed']],
  ])('%s is dropped and counted', (_what, pack, expected) => {
    expect(reasons(pack)).toEqual(expected);
  });

  it('that is neither JSON nor CBOR is malformed, whatever its bytes', () => {
    expect(read('[{')?.drops.map(({ reason }) => reason)).toEqual(['malformed']);
    expect(read(Uint8Array.of(0xff, 0x00))?.drops.map(({ reason }) => reason)).toEqual(['malformed']);
    expect(read(Uint8Array.of(0x9f, 0x9f, 0x9f), 'application/senml+cbor')?.drops).toHaveLength(1);
  });

  it('that only sets a base measures nothing', () => {
    expect(
      json([
        { bn: 'T/', bt: NOW / 1000 },
        { n: 'temp', v: 1 },
      ]),
    ).toEqual({
      frames: [{ time: NOW, values: { temp: 1 } }],
      drops: [],
    });
  });
});

test('whatever comes, it is read or dropped with a reason, and nothing breaks', () => {
  const payloads = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
    fc.array(fc.dictionary(fc.constantFrom('n', 'v', 'bt', 'bn', 't', 'bver', 'x_'), fc.anything())).map((pack) => {
      const text = JSON.stringify(pack, (_key, value: unknown) => (typeof value === 'bigint' ? 1 : value));
      return Buffer.from(text);
    }),
  );
  const types = fc.constantFrom(undefined, 'application/senml+json', 'application/senml+cbor');
  fc.assert(
    fc.property(payloads, types, (payload, contentType) => {
      for (const { time, values } of read(payload, contentType)?.frames ?? [])
        expect([time, ...Object.values(values)].every(Number.isFinite)).toBe(true);
    }),
  );
});
