import { shortenRecord } from '../../src/core/shorten-record';
import { explanationSchema } from '../../src/domain/explanation';
import { openAnomaly } from '../support/open-anomaly';

const record = openAnomaly({ equipment: 'rw1' });
const whole = JSON.stringify(record);

test('what fits stays as it is', () => {
  expect(shortenRecord(whole, Buffer.byteLength(whole))).toEqual({ payload: whole, leftOut: [] });
});

test('what does not fit keeps its shape, fits, and names what it lacks', () => {
  for (let room = Buffer.byteLength(whole) - 1; ; room -= 50) {
    const shorter = shortenRecord(whole, room);
    if (shorter === undefined) break;
    expect(Buffer.byteLength(shorter.payload)).toBeLessThanOrEqual(room);
    const read = JSON.parse(shorter.payload) as { shortened: unknown };
    expect(read.shortened).toEqual(shorter.leftOut);
    expect(explanationSchema.parse(read)).toMatchObject({ id: record.id, sentence: record.sentence });
  }
});

test('what cannot be made to fit is none', () => {
  expect([shortenRecord(whole, 20), shortenRecord('no JSON, and too long', 5), shortenRecord('[1,2,3,4]', 5)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
