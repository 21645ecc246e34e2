/** What commands hear on topics where anybody may speak: answers of a daemon and its retained health. */
import * as fc from 'fast-check';
import { decodeReply } from '../../src/core/response/decode-control';
import { healthOf, readHealth } from '../../src/core/health';
import { emptyTally } from '../../src/core/tally';
import { openLevel, parameterOfTopic, topicsOf } from '../../src/core/topics';
import { isWell, renderStatus } from '../../src/commands/render/status';
import { renderShadow } from '../../src/commands/render/shadow';
import { damagedText, damagedTree, POLLUTING, refusesAtMost } from '../support/mutations';
import { T0 } from '../support/tiny-mission';

const texts = (document: unknown): fc.Arbitrary<string> =>
  fc.oneof(
    damagedTree(document).map((tree) => JSON.stringify(tree) ?? ''),
    damagedText(JSON.stringify(document)),
    fc.constantFrom('null', '', '7', '[]', '"x"'),
    fc.string({ unit: 'binary', maxLength: 50 }),
  );

test('an answer is one, or nobody answered', () => {
  const answer = { schemaVersion: 1, ok: true, message: 'done', data: [{ id: 'x' }], correlation: 'c' };
  fc.assert(
    fc.property(texts(answer), (text) => {
      refusesAtMost(() => {
        const read = decodeReply(new TextEncoder().encode(text));
        if (read === undefined) return;
        expect([typeof read.reply.ok, typeof read.reply.message]).toEqual(['boolean', 'string']);
        expect(['string', 'undefined']).toContain(typeof read.correlation);
      }, []);
    }),
    { numRuns: 1000 },
  );
  expect(decodeReply(new TextEncoder().encode(JSON.stringify(answer)))).toEqual({
    reply: { ok: true, message: 'done', data: [{ id: 'x' }] },
    correlation: 'c',
  });
  const refusal = { schemaVersion: 1, ok: false, message: 'x is over already' };
  expect(decodeReply(new TextEncoder().encode(JSON.stringify(refusal)))).toEqual({
    reply: { ok: false, message: 'x is over already' },
    correlation: undefined,
  });
});

const health = healthOf({
  now: T0,
  startedAt: T0 - 1000,
  state: 'online',
  mode: 'active',
  impaired: ['telemetry'],
  reasons: ['no telemetry comes from the broker'],
  tally: emptyTally,
  lastMessageAt: T0,
  lastPacketTime: T0,
  model: { id: 'x' },
  protocol: '5',
});
const shadow = {
  live: { id: 'a', sha256: 'a'.repeat(64) },
  shadow: { id: 'b', sha256: 'b'.repeat(64) },
  from: null,
  to: '2026-03-01T00:00:00Z',
  compared: 3,
  skipped: 0,
  failed: 0,
  both: 1,
  onlyLive: 1,
  onlyShadow: 0,
  neither: 1,
  otherVerdict: 1,
  differences: [
    {
      time: '2026-03-01T00:00:00Z',
      live: { score: 1, equipment: 'rw0', fault: 'offset' },
      shadow: { score: 2, equipment: 'rw1', fault: 'offset' },
    },
  ],
  trouble: null,
};

test('health is health of this version, and can be shown, or it is none; round trip', () => {
  expect(readHealth(JSON.stringify({ ...health, shadow }))).toEqual({ ...health, shadow });
  fc.assert(
    fc.property(texts({ ...health, shadow }), fc.string(), (text, state) => {
      refusesAtMost(() => {
        const read = readHealth(text);
        const status = { spacecraft: 'S', state, health: read, healthAgeSeconds: read === undefined ? undefined : 1 };
        expect(typeof isWell(status)).toBe('boolean');
        expect(renderStatus(status).length).toBeGreaterThan(0);
        if (read?.shadow !== undefined) expect(renderShadow(read.shadow).length).toBeGreaterThan(0);
      }, []);
    }),
    { numRuns: 1000 },
  );
});

test('a topic is one of ours and names one level, or it is foreign', () => {
  const topics = topicsOf('fdir', 'TINY-1');
  const ours = fc.constantFrom(...Object.values(topics));
  const level = fc.oneof(fc.string(), fc.constantFrom('..', '+', '#', '', 'rw0_speed', ...POLLUTING));
  const topic = fc.oneof(
    fc.tuple(ours, level).map(([pattern, name]) => pattern.replace('+', name)),
    ours.chain(damagedText),
    fc.string(),
  );
  fc.assert(
    fc.property(topic, (given) => {
      refusesAtMost(() => {
        // Which parameters there are is for the decoder of telemetry to know.
        expect(['string', 'undefined']).toContain(typeof parameterOfTopic(topics, given));
        for (const found of [openLevel(topics.acknowledgements, given), openLevel(topics.requests, given)])
          if (found !== undefined) expect(found !== '' && !found.includes('/')).toBe(true);
      }, []);
    }),
    { numRuns: 1000 },
  );
});
