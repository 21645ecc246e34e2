import fc from 'fast-check';
import { parsePassText } from '../../src/adapters/passes/pass-text';
import { missingValues } from '../../src/core/telemetry/cell';
import { isComment } from '../../src/core/telemetry/csv-record';
import { readPassHeader } from '../../src/core/telemetry/decode-pass';
import { decodeLabels } from '../../src/core/telemetry/decode-labels';
import { PassStream } from '../../src/core/telemetry/pass-stream';

const parameters = new Set(['speed', 'current']);
const T = Date.UTC(2026, 2, 1);

test('CSV: empty cells and NaN are missing samples, unknown columns are reported once', () => {
  const { decode, drops, consumed } = readPassHeader(['time,speed,mystery,current'], parameters);
  expect({ drops, consumed }).toEqual({
    drops: [{ reason: 'unknown-parameter', message: 'column "mystery" is no parameter of the mission' }],
    consumed: 1,
  });
  expect(decode('2026-03-01T00:00:00Z,1,2,3')).toEqual({
    frames: [{ time: T, values: { speed: 1, current: 3 } }],
    drops: [],
  });
  expect(decode('1772323200.5,,x,NaN')).toEqual({ frames: [{ time: T + 500, values: {} }], drops: [] });
  expect(decode(' "2026-03-01 00:00:00" , "1" ,, -2e-3 ')).toEqual({
    frames: [{ time: T, values: { speed: 1, current: -0.002 } }],
    drops: [],
  });
});

test.each([
  ['too few cells', '2026-03-01T00:00:00Z,1', 'malformed', '2 cells where the header has 3', ''],
  ['no time', 'now,1,2', 'malformed', 'not a time: "now"', ''],
  ['text in a cell', '2026-03-01T00:00:00Z,1,two', 'malformed', '"current" is not a number: "two"', 'current'],
  ['an infinity', '2026-03-01T00:00:00Z,1,-inf', 'not-finite', '"current" is not finite', 'current'],
  ['a clock that was never set', '1970-01-01T00:00:10Z,1,2', 'past', 'time "1970-01-01T00:00:10Z" is in the past', ''],
  ['milliseconds for seconds', '1772323200000,1,2', 'future', 'time "1772323200000" is in the future', ''],
])('CSV: %s', (_what, line, reason, message, parameter) => {
  expect(readPassHeader(['time,speed,current'], parameters).decode(line).drops).toEqual([
    parameter === '' ? { reason, message } : { reason, message, parameter },
  ]);
});

test.each([
  ['a,speed', 'the first column is "a", not "time"'],
  ['time,a,b', 'no column is a parameter of the mission: it has a, b'],
  ['time,speed,speed', 'column "speed" appears twice'],
])('the header %s is refused', (line, problem) => {
  expect(readPassHeader([line], parameters).problem).toBe(problem);
});

test('NDJSON: partial frames, and an unknown parameter is reported once', () => {
  const first = '{"time":"2026-03-01T00:00:00Z","values":{"speed":1,"mystery":2}}';
  const { decode, consumed } = readPassHeader([first], parameters);
  expect(consumed).toBe(0);
  expect(decode(first)).toEqual({
    frames: [{ time: T, values: { speed: 1 } }],
    drops: [{ reason: 'unknown-parameter', message: 'no parameter "mystery" in the mission' }],
  });
  expect(decode(first).drops).toEqual([]);
  expect(decode('{').drops).toEqual([{ reason: 'malformed', message: 'not JSON: {' }]);
});

test('no line makes a decoder throw', () => {
  const decoders = ['time,speed,current', '{}'].map((header) => readPassHeader([header], parameters).decode);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (line) => {
      for (const decode of decoders) decode(line);
      readPassHeader([line], parameters);
    }),
  );
});

test('labels are read with both ends, empty and unknown names', () => {
  expect(
    decodeLabels(
      'start,end,equipment,fault\r\n2026-03-01T00:00:00Z,2026-03-01T00:01:00Z,rw2,offset\r\n1772323200,1772323200,,\r\n',
    ),
  ).toEqual({
    labels: [
      { start: T, end: T + 60_000, equipment: 'rw2', fault: 'offset' },
      { start: T, end: T, equipment: '', fault: '' },
    ],
    problems: [],
  });
});

test('labels report every line that is none', () => {
  const text = 'start,end,fault\nsoon,1772323200,a,b\n1772323200,1772323199,a,b\n1772323200\n';
  expect(decodeLabels(text)).toEqual({
    labels: [],
    problems: [
      { line: 1, message: 'the header is not start,end,equipment,fault' },
      { line: 2, message: 'not a time: "soon"' },
      { line: 3, message: 'ends before it starts' },
      { line: 4, message: '1 cells instead of start,end,equipment,fault' },
    ],
  });
});

test('tabs: a cell that begins with # in a record without a time is no comment; one in the first cell is', () => {
  const header = 'time\tspeed\tcurrent';
  const lines = [header, '\t#3\t4', '# by hand', '  # indented', '2026-03-01T00:00:00Z\t1\t2'];
  const stream = new PassStream(parameters);
  stream.take(lines.map((text, index) => ({ text, number: index + 1, isCut: false })));
  const { frames, drops, told, notes } = stream.finish();
  expect(frames).toEqual([{ time: T, values: { speed: 1, current: 2 } }]);
  expect(drops.map(({ reason }) => reason)).toEqual(['malformed']);
  expect(told.map(({ line }) => line)).toEqual([2]);
  expect(notes).toContain('2 lines that begin with "#" are comments');
  const text = parsePassText('a.tsv', lines.join('\n'), { known: parameters, missing: missingValues() });
  expect([text.times, text.skipped]).toEqual([[T], 1]);
  expect([isComment('\t# a'), isComment('\t# a', ','), isComment('\t# a', '\t')]).toEqual([true, true, false]);
});
