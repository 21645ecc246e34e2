import { decodeAcknowledgement, decodeRequest, MAX_CONTROL_BYTES } from '../../src/core/response/decode-control';
import { openLevel, topicsOf } from '../../src/core/topics';

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const address = { topic: 'fdir/X/response/y' };

test.each<[string, string, string | undefined]>([
  ['fdir/X/action/+/ack', 'fdir/X/action/a.b/ack', 'a.b'],
  ['fdir/X/action/+/ack', 'fdir/X/action/a/b/ack', undefined],
  ['fdir/X/action/+/ack', 'fdir/X/action//ack', undefined],
  ['fdir/X/request/+', 'fdir/X/request/reload', 'reload'],
  ['fdir/X/request/+', 'fdir/Y/request/reload', undefined],
])('the open level of %s in %s', (subscription, topic, level) => {
  expect(openLevel(subscription, topic)).toBe(level);
});

test('topics of requests and their answers stand side by side', () => {
  const { requests, responses } = topicsOf('fdir', 'X');
  expect([requests, responses]).toEqual(['fdir/X/request/+', 'fdir/X/response']);
});

describe('an acknowledgement', () => {
  test('says its stage, and why when it does not say so', () => {
    expect(decodeAcknowledgement('a', bytes({ stage: 'failed', reason: 'no power', time: 1 }))).toEqual({
      kind: 'acknowledge',
      id: 'a',
      stage: 'failed',
      reason: 'no power',
    });
    expect(decodeAcknowledgement('a', bytes({ stage: 'accepted' }))).toMatchObject({
      reason: 'the spacecraft says accepted',
    });
  });

  test.each([['{'], [''], [{}], [{ stage: 'perhaps' }], [[]], ['null'], [{ stage: 'failed', reason: 7 }]])(
    'that is %j is dropped as malformed',
    (payload) => {
      expect(decodeAcknowledgement('a', bytes(payload))).toMatchObject({ reason: 'malformed' });
    },
  );

  test('that is too large is not even read', () => {
    expect(decodeAcknowledgement('a', new Uint8Array(MAX_CONTROL_BYTES + 1))).toMatchObject({ reason: 'malformed' });
  });
});

describe('a request', () => {
  const read = (name: string, payload: unknown) => {
    const control = decodeRequest(name, bytes(payload), address);
    return control.kind === 'request' ? control.asked : undefined;
  };

  test('is read by its name, with what is left out filled in', () => {
    expect(read('action-approve', { id: 'a', by: 'ann' })?.request).toEqual({
      name: 'action-approve',
      asked: { id: 'a', by: 'ann', comment: '' },
    });
    expect(read('alarm-list', '')?.request).toEqual({ name: 'alarm-list', asked: { all: false } });
    expect(read('alarm-shelve', { name: 'n', by: 'ann', for: '2h' })?.request).toMatchObject({
      asked: { for: 7_200_000 },
    });
  });

  test('keeps what its answer is recognised by', () => {
    expect(read('alarm-list', { correlation: 'c1' })?.correlation).toEqual({ text: 'c1' });
    const control = decodeRequest('alarm-list', bytes(''), { ...address, data: bytes('c2') });
    expect(control).toMatchObject({ asked: { topic: address.topic, correlation: { data: bytes('c2') } } });
  });

  test.each<[string, unknown, RegExp]>([
    ['dance', {}, /^nobody can ask "dance" \(there are action-list, /],
    ['constructor', {}, /^nobody can ask/],
    ['action-approve', { id: 'a' }, /^by: /],
    ['action-approve', { id: 'a', by: '  ' }, /^by: /],
    ['action-approve', '{', /is not JSON/],
    ['action-state', { by: 'ann', state: 'eager' }, /^state: /],
    ['alarm-shelve', { name: 'n', by: 'ann', for: 'long' }, /"long" is not a duration/],
  ])('%s with %j is answered with what is wrong', (name, payload, message) => {
    expect(read(name, payload)?.request).toEqual({
      name: 'unreadable',
      message: expect.stringMatching(message) as string,
    });
  });
});
