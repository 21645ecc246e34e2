/** What the program writes for itself and others to read is read back as it was. fast-check prints seed and path of a failure. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { readLabels } from '../../src/adapters/passes/label-reader';
import { readPass } from '../../src/adapters/passes/pass-reader';
import { writeLabels, writePass } from '../../src/adapters/passes/pass-writer';
import { decodeTelemetry } from '../../src/core/telemetry/decode-telemetry';
import { decodeModes } from '../../src/core/telemetry/operating-mode';
import { parseTimeText } from '../../src/core/telemetry/packet-time';
import type { PartialFrame } from '../../src/domain/telemetry';
import { isoTime } from '../../src/domain/units';
import { formatNumber, numberFormatOf } from '../../src/fit/faults/standardise';
import { T0, tinyMission } from '../support/tiny-mission';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-trips-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const mission = tinyMission();
const time = fc.date({ min: new Date('2000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }).map(Number);
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/);

test('a time', () => {
  fc.assert(
    fc.property(time, (at) => {
      expect(parseTimeText(isoTime(at))).toBe(at);
    }),
  );
});

test('a pass: six decimals of every finite value, whatever its size, and what is missing stays so', async () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.constantFrom(NaN, Infinity, -0, 1.5e30, 1e21, -2e100, Number.MAX_VALUE, Number.MIN_VALUE),
  );
  const row = fc.array(value, { minLength: mission.parameters.length, maxLength: mission.parameters.length });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 10 }), async (rows) => {
      const file = join(folder, 'pass.csv');
      const frames = rows.map((values, index) => ({ time: T0 + index * 1000, values: Float64Array.from(values) }));
      writePass(file, mission, frames);
      const read: PartialFrame[] = [];
      // A pass without any value is written, and refused as one that holds no good line.
      if (rows.some((values) => values.some(Number.isFinite)))
        for await (const chunk of readPass(file, mission)) {
          expect(chunk.drops).toEqual([]);
          read.push(...chunk.frames);
        }
      for (const { time: at, values } of read) {
        const written = frames.find((frame) => frame.time === at)?.values ?? [];
        mission.parameters.forEach(({ id }, index) => {
          const wanted = written[index] ?? NaN;
          const found = values[id];
          if (!Number.isFinite(wanted)) expect(found).toBeUndefined();
          // Half of the last decimal, and what a double of that size cannot tell apart.
          else expect(Math.abs((found ?? NaN) - wanted)).toBeLessThanOrEqual(5.1e-7 + Math.abs(wanted) * 1e-15);
        });
      }
    }),
    { numRuns: 200 },
  );
});

test('a value that is laid over a recording, with as many decimals as its column has', () => {
  const column = fc.array(fc.constantFrom('1', '1.5', '2.250', '1e-3', '-0.000001', '1E5', '7e21'), { minLength: 1 });
  fc.assert(
    fc.property(
      fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(1.5e30)),
      column,
      (value, texts) => {
        const format = numberFormatOf(texts);
        const read = Number(formatNumber(value, format));
        expect(Math.abs(read - value)).toBeLessThanOrEqual(0.51 * 10 ** -format.decimals + Math.abs(value) * 1e-15);
      },
    ),
    { numRuns: 1000 },
  );
});

test('labels and modes', async () => {
  const label = fc
    .tuple(time, time, fc.oneof(fc.constant(''), name), fc.oneof(fc.constant(''), name))
    .map(([a, b, equipment, fault]) => ({ start: Math.min(a, b), end: Math.max(a, b), equipment, fault }));
  await fc.assert(
    fc.asyncProperty(fc.array(label, { maxLength: 10 }), async (labels) => {
      const file = join(folder, 'labels.csv');
      writeLabels(file, labels);
      expect(await readLabels(file)).toEqual(labels);
    }),
    { numRuns: 100 },
  );
  fc.assert(
    fc.property(fc.array(fc.record({ time, mode: name }), { maxLength: 10 }), (modes) => {
      const lines = modes.map(({ time: at, mode }) => `${isoTime(at)},${mode}\n`);
      expect(decodeModes(`time,mode\n${lines.join('')}`)).toEqual({ modes, problems: [] });
    }),
  );
});

test('a message of frames', () => {
  const ids = mission.parameters.map(({ id }) => id);
  const values = fc.dictionary(fc.constantFrom(...ids), fc.double({ noNaN: true, noDefaultInfinity: true }), {
    minKeys: 1,
  });
  const frame = fc.record({ time, values });
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 10 }), (frames) => {
      const text = JSON.stringify(frames.map((item) => ({ ...item, time: isoTime(item.time) })));
      const decoded = decodeTelemetry(text, { parameters: new Set(ids), maxBytes: 1e6 });
      expect({ ...decoded, frames: decoded.frames.map((item) => ({ ...item, values: { ...item.values } })) }).toEqual({
        // JSON has no negative zero.
        frames: frames.map((item) => ({
          ...item,
          values: Object.fromEntries(Object.entries(item.values).map(([id, value]) => [id, value + 0])),
        })),
        drops: [],
      });
    }),
  );
});
