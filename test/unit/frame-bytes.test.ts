import fc from 'fast-check';
import { frameFromBytes, frameToBytes } from '../../src/core/anomaly/frame-bytes';

const value = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => Number(number.toPrecision(6))),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const group = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.array(value, { maxLength: 20 }));

test('every frame is read back as it was written', () => {
  fc.assert(
    fc.property(group, group, group, (parameters, reconstruction, expected) => {
      const series = { parameters, reconstruction, expected } as Parameters<typeof frameToBytes>[0];
      expect(frameFromBytes(frameToBytes(series))).toEqual(series);
    }),
    { seed: 5 },
  );
});

test('figures of six digits take four bytes each', () => {
  const values = Array.from({ length: 1000 }, (_, index) => Number((Math.sin(index) * 2297.66).toPrecision(6)));
  const bytes = frameToBytes({ parameters: { rw1_speed_rpm: values }, reconstruction: {}, expected: {} });
  expect(bytes.length).toBeLessThan(4 * values.length + 60);
});

test('bytes that are no frame are refused, whatever they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => frameFromBytes(bytes)).toThrow();
    }),
    { seed: 5 },
  );
  const whole = frameToBytes({ parameters: { a: [1, 2, 3] }, reconstruction: {}, expected: {} });
  expect(() => frameFromBytes(whole.subarray(0, -1))).toThrow(/cut off/);
});
