/** Every decoder of what arrives, on messages and lines that are nearly right. fast-check prints seed and path of a failure. */
import * as fc from 'fast-check';
import { parsePassText } from '../../src/adapters/passes/pass-text';
import { decodeAcknowledgement, decodeRequest } from '../../src/core/response/decode-control';
import { decodeLabels } from '../../src/core/telemetry/decode-labels';
import { readPassHeader } from '../../src/core/telemetry/decode-pass';
import { decodeTelemetry } from '../../src/core/telemetry/decode-telemetry';
import { decodeMode, decodeModes } from '../../src/core/telemetry/operating-mode';
import { EARLIEST_TIME, LATEST_TIME } from '../../src/core/telemetry/packet-time';
import { requestNames } from '../../src/domain/requests';
import { damagedText, damagedTree, POLLUTING, refusesAtMost } from '../support/mutations';
import { TINY_PARAMETERS, tinyPass, T0 } from '../support/tiny-mission';

const parameters = new Set<string>(TINY_PARAMETERS);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Damaged in its structure, in its text, or no more than bytes. */
const payloads = (document: unknown): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    damagedTree(document).map((tree) => bytes(JSON.stringify(tree) ?? '')),
    damagedText(JSON.stringify(document)).map(bytes),
    fc.uint8Array({ maxLength: 100 }),
  );

/** The decoder throws nothing at all: what arrives is no reason to stop. */
const decodes = (payload: fc.Arbitrary<Uint8Array>, decode: (payload: Uint8Array) => void): void => {
  fc.assert(
    fc.property(payload, (content) => {
      refusesAtMost(() => {
        decode(content);
      }, []);
    }),
    { numRuns: 500 },
  );
};

const frames = [
  { time: T0 / 1000, values: { rw0_speed: 1, rw0_current: null, rw1_speed: 2.5 } },
  { time: '2026-03-01T00:00:01Z', values: { rw0_speed: 1 } },
];

test('telemetry gives frames of known parameters at believable times, and the rest is counted', () => {
  decodes(payloads(frames), (payload) => {
    const decoded = decodeTelemetry(payload, { parameters, maxBytes: 10_000 });
    for (const { time, values } of decoded.frames) {
      expect(time >= EARLIEST_TIME && time <= LATEST_TIME).toBe(true);
      for (const [id, value] of Object.entries(values)) expect(parameters.has(id) && Number.isFinite(value)).toBe(true);
    }
    if (decoded.frames.length === 0 && payload.length > 0 && !/^\s*\[\s*\]\s*$/.test(Buffer.from(payload).toString()))
      expect(decoded.drops).not.toEqual([]);
  });
});

test('a value of one parameter is one frame, one drop, or a sample that is missing', () => {
  const decode = (payload: Uint8Array): void => {
    const decoded = decodeTelemetry(payload, { parameters, parameter: 'rw0_speed', maxBytes: 1000, now: T0 });
    expect(decoded.frames.length + decoded.drops.length).toBeLessThanOrEqual(1);
  };
  decodes(payloads({ time: T0 / 1000, value: 3 }), decode);
  decodes(payloads(3), decode);
});

test('a mode is a mode with a name that can be said, or a drop', () => {
  decodes(payloads({ time: T0 / 1000, mode: 'SAFE' }), (payload) => {
    const decoded = decodeMode(payload, LATEST_TIME);
    if ('mode' in decoded) expect(decoded.mode).toMatch(/^[^]{1,100}$/u);
    else expect(decoded.message).not.toBe('');
  });
});

test('an acknowledgement is one of three stages, or malformed', () => {
  decodes(payloads({ stage: 'failed', time: T0 / 1000, reason: 'no power' }), (payload) => {
    const decoded = decodeAcknowledgement('id', payload);
    if ('kind' in decoded) expect(decoded).toMatchObject({ kind: 'acknowledge', id: 'id' });
    else expect(decoded.reason).toBe('malformed');
  });
});

const orders = {
  id: 'x',
  name: 'x',
  by: 'ann',
  comment: 'why',
  rule: 'r',
  equipment: 'rw0',
  state: 'passive',
  for: '1h',
  correlation: 'c',
};

test('every request is understood or unreadable, whatever its name', () => {
  fc.assert(
    fc.property(fc.constantFrom(...requestNames, ...POLLUTING, ''), payloads(orders), (name, payload) => {
      refusesAtMost(() => {
        const decoded = decodeRequest(name, payload, { topic: 'answers' });
        expect(decoded).toMatchObject({ kind: 'request', asked: { topic: 'answers' } });
        if (!(requestNames as readonly string[]).includes(name))
          expect(decoded).toMatchObject({ asked: { request: { name: 'unreadable' } } });
      }, []);
    }),
    { numRuns: 1000 },
  );
});

const csv = tinyPass(6).join('\n');
const ndjson = frames.map((frame) => JSON.stringify(frame)).join('\n');

test.each([
  ['CSV', csv],
  ['NDJSON', ndjson],
])('a pass as %s gives frames line by line, or is refused as a whole', (_, pass) => {
  fc.assert(
    fc.property(damagedText(pass), (text) => {
      refusesAtMost(() => {
        const [first = '', ...rest] = text.split('\n');
        const { decode } = readPassHeader([first], parameters);
        for (const line of rest) expect(decode(line).frames.length).toBeLessThanOrEqual(text.length);
      }, []);
      refusesAtMost(() => {
        const parsed = parsePassText('pass', text, { known: parameters });
        expect(parsed.text()).toBe(text);
        expect([...parsed.times].sort((a, b) => a - b)).toEqual(parsed.times);
        for (const id of parsed.parameters) {
          const column = parsed.column(id);
          column.forEach((value, frame) => {
            if (!Number.isNaN(value)) parsed.replace(id, frame, '7');
          });
          expect(parsed.column(id)).toEqual(column);
        }
      }, ['input']);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['labels', 'start,end,equipment,fault\n1772323200,1772323300,rw2,offset\n1772323400,1772323400,,\n', decodeLabels],
  ['modes', 'time,mode\n1772323200,SAFE\n2026-03-01T00:00:00Z,NOMINAL\n', decodeModes],
] as const)('a file of %s tells every line that is none', (_, source, decode) => {
  fc.assert(
    fc.property(damagedText(source), (text) => {
      refusesAtMost(() => {
        const { problems } = decode(text);
        const lines = text.split(/\r?\n/).length;
        for (const { line, message } of problems) {
          expect(line !== undefined && line >= 1 && line <= lines).toBe(true);
          expect(message).not.toBe('');
        }
      }, []);
    }),
    { numRuns: 500 },
  );
});
